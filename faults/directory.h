// The directory of roles: who leads what, and who is up, folded from the stream of facts.
//
// Faults are aimed at roles ("leader:orders-0"), and guards ask for the state of the cluster; both
// are answered from what was observed, never by looking into a broker. While a partition has one
// replica and no replica tells its role, its leader is who opened its log last.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/cluster_view.h"
#include "faults/plan.h"
#include "sim/world.h"

namespace weir {

// Of the triggering fact, for the roles event:node, event:peer and those of its partition.
struct EventRoles {
  std::string node;
  std::string peer;
  std::string tp = {};  // "orders-0", or empty
};

// What a node forgets by a fault: only what it had not synced, or what it had, too.
enum class Loss : std::uint8_t { nothing, unsynced, synced };

class Directory {
 public:
  explicit Directory(ClusterShape shape) : shape_(std::move(shape)) {}

  void on(const Observed&);

  // The node of that name or role, or nothing while nobody has the role. A follower is one that is
  // alive, the first by name.
  [[nodiscard]] std::optional<std::string> node_of(std::string_view ref, const EventRoles&) const;
  // As node_of, but "brokers", "controllers", "clients" and "replicas:orders-0" are many; roles
  // that nobody has are left out. In the order of the references, each node once.
  [[nodiscard]] std::vector<std::string> nodes_of(const std::vector<NodeRef>&,
                                                  const EventRoles&) const;
  // Brokers and controllers, each once; and with the clients, all but one.
  [[nodiscard]] std::vector<std::string> servers() const;
  [[nodiscard]] std::vector<std::string> all_but(std::string_view node) const;
  [[nodiscard]] bool is_alive(std::string_view node) const;
  // Why the guard forbids a fault that takes these nodes away, or what they have stored; empty:
  // it does not. `unreachable` nodes are held back by other faults.
  [[nodiscard]] std::string obstacle(Guard, const std::vector<std::string>& victims,
                                     const NodeNames& unreachable, Loss loss) const;
  // A fault is going to stop the node, or to spoil what it has stored, nobody knows when. It counts
  // as gone from now on: until it has failed, or, where it would not notice, for ever.
  void suspect(std::string_view node, bool for_ever) {
    (for_ever ? liars_ : suspects_).emplace(node);
  }
  [[nodiscard]] const ClusterShape& shape() const { return shape_; }

 private:
  [[nodiscard]] std::optional<std::string> leader_of(std::string_view tp) const;
  [[nodiscard]] std::optional<std::string> follower_of(std::string_view tp) const;
  [[nodiscard]] std::optional<std::string> joiner_of(std::string_view tp) const;
  [[nodiscard]] bool others_up(const std::vector<std::string>& victims) const;
  [[nodiscard]] std::string lack_of_replicas(const std::vector<std::string>& victims,
                                             const NodeNames& unreachable, bool loses) const;
  [[nodiscard]] std::string lack_of_controllers(const std::vector<std::string>& victims,
                                                const NodeNames& unreachable, Loss loss) const;
  // Up, not paused, not held back, and no victim.
  [[nodiscard]] bool is_left(std::string_view node, const std::vector<std::string>& victims,
                             const NodeNames& unreachable) const;

  ClusterShape shape_;
  ClusterView view_;
  std::map<std::string, std::string, std::less<>> opened_;  // "orders-0" -> node
  NodeNames alive_;
  NodeNames paused_;
  NodeNames suspects_;
  NodeNames liars_;
};

}  // namespace weir
