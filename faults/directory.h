// The directory of roles: who leads what, and who is up, folded from the stream of facts.
//
// Faults are aimed at roles ("leader:orders-0"), and guards ask for the state of the cluster; both
// are answered from what was observed, never by looking into a broker. While a partition has one
// replica, its leader is who opened its log last.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "faults/plan.h"
#include "sim/world.h"

namespace weir {

// The node and peer of the triggering fact, for the roles event:node and event:peer.
struct EventRoles {
  std::string node;
  std::string peer;
};

class Directory {
 public:
  explicit Directory(ClusterShape shape) : shape_(std::move(shape)) {}

  void on(const Observed&);

  // The node of that name or role, or nothing while nobody has the role.
  [[nodiscard]] std::optional<std::string> node_of(std::string_view ref, const EventRoles&) const;
  // As node_of, but "brokers" and "clients" are many; roles that nobody has are left out.
  [[nodiscard]] std::vector<std::string> nodes_of(const std::vector<NodeRef>&,
                                                  const EventRoles&) const;
  [[nodiscard]] std::vector<std::string> all_but(std::string_view node) const;
  [[nodiscard]] bool is_alive(std::string_view node) const;
  // Every broker but this one is alive and not paused.
  [[nodiscard]] bool others_up(std::string_view broker) const;
  [[nodiscard]] const ClusterShape& shape() const { return shape_; }

 private:
  using Names = std::set<std::string, std::less<>>;
  static void forget(Names&, std::string_view name);

  ClusterShape shape_;
  std::map<std::string, std::string, std::less<>> leaders_;  // "orders-0" -> node
  Names alive_;
  Names paused_;
};

}  // namespace weir
