// What the online checks share: a fact as it is seen, tallies, and maps by partition and node.
//
// Every online check obeys one rule: a fact proves what it says, its absence proves nothing. A kill
// may come between a deed and the telling of it (a batch in the log that nobody told, an in-sync
// set that was committed by a controller which then died), so a check only speaks where two things
// that were told contradict each other, whatever else may have happened untold.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/same_text.h"
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

// Looked up by views: facts come by the million, and no text is made for one that is known. Names
// of nodes differ within two letters, for which a call to compare them is too much.
struct NameBefore {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    const std::size_t both = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < both; ++i) {
      if (a[i] == b[i]) continue;
      return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    }
    return a.size() < b.size();
  }
};
template <class Value>
using ByNode = std::map<std::string, Value, NameBefore>;

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

// Values by topic and partition. The next fact is most often of the same partition, so the one that
// was found last is remembered.
template <class Value>
class ByPartition {
 public:
  ByPartition() = default;
  ByPartition(ByPartition&& other) noexcept
      : map_(std::move(other.map_)), last_(std::exchange(other.last_, nullptr)) {}
  ByPartition& operator=(ByPartition&& other) noexcept {
    map_ = std::move(other.map_);
    last_ = std::exchange(other.last_, nullptr);
    return *this;
  }

  // Null where there is none.
  [[nodiscard]] Value* find(std::string_view topic, std::int32_t partition) {
    if (is_last(topic, partition)) return &last_->second;
    const auto found = map_.find(std::pair(topic, partition));
    if (found == map_.end()) return nullptr;
    last_ = &*found;
    return &found->second;
  }
  [[nodiscard]] const Value* find(std::string_view topic, std::int32_t partition) const {
    if (is_last(topic, partition)) return &last_->second;
    const auto found = map_.find(std::pair(topic, partition));
    return found == map_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] Value& at(std::string_view topic, std::int32_t partition) {
    if (Value* found = find(topic, partition)) return *found;
    last_ = &*map_.try_emplace({std::string(topic), partition}).first;
    return last_->second;
  }
  void erase_topic(std::string_view topic) {
    last_ = nullptr;
    std::erase_if(map_, [topic](const auto& entry) { return entry.first.first == topic; });
  }

  auto begin() { return map_.begin(); }
  auto end() { return map_.end(); }
  auto begin() const { return map_.begin(); }
  auto end() const { return map_.end(); }

 private:
  using Map = std::map<std::pair<std::string, std::int32_t>, Value, PartitionBefore>;

  [[nodiscard]] bool is_last(std::string_view topic, std::int32_t partition) const {
    return last_ != nullptr && last_->first.second == partition &&
           same_text(last_->first.first, topic);
  }

  Map map_;
  typename Map::value_type* last_ = nullptr;
};

template <class Value>
Value& at_partition(ByPartition<Value>& map, const Fact& fact) {
  return map.at(fact.topic, fact.partition);
}

template <class Value>
Value* find_partition(ByPartition<Value>& map, const Fact& fact) {
  return map.find(fact.topic, fact.partition);
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

[[nodiscard]] inline bool is_broker_node(std::string_view node) { return node.starts_with('b'); }

// The same, to look it up.
class BrokerName {
 public:
  explicit BrokerName(std::int64_t id) {
    text_[0] = 'b';
    end_ = std::to_chars(text_.data() + 1, text_.data() + text_.size(), id).ptr;
  }
  BrokerName(const BrokerName&) = delete;
  BrokerName& operator=(const BrokerName&) = delete;
  operator std::string_view() const { return {text_.data(), end_}; }

 private:
  std::array<char, 24> text_;
  const char* end_;
};

}  // namespace watching
}  // namespace weir
