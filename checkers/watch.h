// What the online checks share: a fact as it is seen, tallies, and maps by partition and node.
//
// Every online check obeys one rule: a fact proves what it says, its absence proves nothing. A kill
// may come between a deed and the telling of it (a batch in the log that nobody told, an in-sync
// set that was committed by a controller which then died), so a check only speaks where two things
// that were told contradict each other, whatever else may have happened untold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/time.h"

namespace weir {

// Something that a fact broke. `about` says what, in words; record is "orders-0@17" or empty.
struct FactBreach {
  std::string record;
  std::int64_t made = -1;
  std::int64_t broken = -1;
  std::string about;
};

inline constexpr std::size_t kMaxBreachesKept = 20;

// A count, and the first breaches of each topic ("" where there is none).
struct FactTally {
  std::int64_t looked_at = 0;
  std::int64_t breaches = 0;
  std::vector<FactBreach> kept;
  std::map<std::string, std::int64_t, std::less<>> of_topic;

  void add(FactBreach what, std::string_view topic = {}) {
    ++breaches;
    std::int64_t& count = of_topic.try_emplace(std::string(topic), 0).first->second;
    if (++count <= static_cast<std::int64_t>(kMaxBreachesKept)) kept.push_back(std::move(what));
  }
};

namespace watching {

inline constexpr std::string_view kMetadataTopic = "__cluster_metadata";

struct Seen {
  std::string_view node;
  Instant at;
  std::int64_t sequence;  // of the fact
  const Fact& fact;
};

[[nodiscard]] inline std::string place_of(const Fact& fact) {
  return std::string(fact.topic) + "-" + std::to_string(fact.partition);
}
[[nodiscard]] inline std::string place_of(const Fact& fact, std::int64_t offset) {
  return place_of(fact) + "@" + std::to_string(offset);
}

// A life of the node has ended.
[[nodiscard]] constexpr bool ends_life(FactKind kind) {
  return kind == FactKind::node_stopped || kind == FactKind::node_killed ||
         kind == FactKind::node_power_lost || kind == FactKind::node_failed ||
         kind == FactKind::assertion_failed;
}

// What a client says of its records.
[[nodiscard]] constexpr bool tells_of_records(FactKind kind) {
  return kind >= FactKind::send_invoked && kind <= FactKind::poll_failed;
}

// Looked up by views: facts come by the million, and no text is made for one that is known.
template <class Value>
using ByNode = std::map<std::string, Value, std::less<>>;

template <class Value>
Value& at_node(ByNode<Value>& map, std::string_view node) {
  const auto found = map.find(node);
  if (found != map.end()) return found->second;
  return map[std::string(node)];
}

struct PartitionBefore {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    const int order = std::string_view(a.first).compare(std::string_view(b.first));
    return order < 0 || (order == 0 && a.second < b.second);
  }
};
template <class Value>
using ByPartition = std::map<std::pair<std::string, std::int32_t>, Value, PartitionBefore>;

template <class Value>
Value& at_partition(ByPartition<Value>& map, const Fact& fact) {
  const auto found = map.find(std::pair(fact.topic, fact.partition));
  if (found != map.end()) return found->second;
  return map[{std::string(fact.topic), fact.partition}];
}

template <class Value>
Value* find_partition(ByPartition<Value>& map, const Fact& fact) {
  const auto found = map.find(std::pair(fact.topic, fact.partition));
  return found == map.end() ? nullptr : &found->second;
}

// Whether a partition.changed tells of a new topic under a name that another one had before. The
// first telling of a creation is none: logs may have been written by the time it is told.
class Creations {
 public:
  [[nodiscard]] bool is_another(const Fact& changed) {
    const bool another = changed.old == 0 && told_ > 0;
    told_ = changed.old == 0 ? 0 : std::max(told_, changed.old);
    return another;
  }

 private:
  std::int64_t told_ = -1;  // the newest partition epoch
};

// The node of a broker id, by the convention of scenarios: broker 1 is b1.
[[nodiscard]] inline std::string broker_node(std::int64_t id) { return "b" + std::to_string(id); }

}  // namespace watching
}  // namespace weir
