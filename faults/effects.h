// Effects: what the faults that are active now do to the world, with overlaps counted.
//
// Two partitions may cut the same link and two kills may hold down the same node; what one of them
// does is undone only when the last of them is over. Where strengths overlap, delays and skews add
// up, and the greatest factor holds.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/fault.h"
#include "sim/world.h"

namespace weir {

// Pairs of nodes that do not hear each other.
using Cuts = std::vector<std::pair<std::string, std::string>>;

class Effects {
 public:
  explicit Effects(World& world) : world_(world) {}

  // `fault` names nodes of the world, roles were resolved before; `cuts` is what an isolation, a
  // bridge or a ring comes to. What a set suffers in turns comes as a fault for each turn.
  void begin(const Fault& fault, const Cuts& cuts);
  // Undoes a lasting fault that was begun with the same arguments.
  void end(const Fault& fault, const Cuts& cuts);
  // Breaks the connections between the two sides, e.g. one that would go on losing responses.
  void reset(const Fault& fault);
  // The node has ended a clean stop that outlived its fault: whether it is to start again now.
  [[nodiscard]] bool is_due(NodeId);
  // Ends the rest: disk faults that are still armed, and every fault of the network.
  void clear();

 private:
  // What a fault acts on: a node (to = from), or the direction of a link.
  struct Key {
    FaultKind kind;
    std::uint32_t from;
    std::uint32_t to;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  [[nodiscard]] std::vector<Key> keys_of(const Fault&, const Cuts& cuts);
  [[nodiscard]] std::int64_t narrowest_of(const Key& link) const;
  void strike_once(const Fault&);
  template <class Act>
  void for_each_pair(const Fault&, Act);
  void fail(const Fault&, DiskOperation);
  void take_down(FaultKind, NodeId);
  void apply(const Key&, const std::vector<std::int64_t>& strengths);
  void apply_to_link(const Key&, const std::vector<std::int64_t>& strengths);
  void rot(const Fault&);

  World& world_;
  std::map<Key, std::vector<std::int64_t>> active_;
  std::set<NodeId> due_;  // still stopping, though they should be up again
};

}  // namespace weir
