// ClusterView: what the facts tell of replicas and controllers, as far as faults need it.
//
// Folded from the stream, like the directory that owns it: who leads and follows a partition, who
// is in sync and how far each log reaches, which controller is active. What was not told is not
// known: an in-sync set that was committed, but whose controller died before it said so, is still
// the old one here. So a replica counts as whole only if its own log reaches as far as anybody was
// ever shown, and an ISR that its leader asked to shrink is taken as shrunk.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace weir {

using NodeNames = std::set<std::string, std::less<>>;

// The node of a broker id, by the convention of scenarios: broker 1 is b1.
[[nodiscard]] std::string broker_node(std::int64_t id);

struct PartitionView {
  std::optional<std::string> leader;
  std::int32_t leader_epoch = -1;
  std::map<std::string, std::int32_t, std::less<>> followers;  // and the epoch in which they follow
  bool told = false;  // by a controller; then the next three are its words
  std::int64_t partition_epoch = -1;
  std::vector<std::string> replicas;
  std::vector<std::string> isr;
  std::optional<std::vector<std::string>> asked_isr;          // newer than isr
  std::map<std::string, std::int64_t, std::less<>> log_ends;  // of nodes whose log is known
  std::int64_t high_watermark = 0;                            // the highest that was ever shown
};

class ClusterView {
 public:
  ClusterView() = default;
  ClusterView(const ClusterView&) = delete;
  ClusterView& operator=(const ClusterView&) = delete;

  void on(const Observed&);

  // "orders-0"; null where nothing was told of it.
  [[nodiscard]] const PartitionView* find(std::string_view tp) const;
  [[nodiscard]] const PartitionView* find(std::string_view topic, std::int32_t partition) const;
  [[nodiscard]] std::optional<std::string> active_controller() const;

  using Key = std::pair<std::string, std::int32_t>;
  struct Before {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      const int order = std::string_view(a.first).compare(std::string_view(b.first));
      return order < 0 || (order == 0 && a.second < b.second);
    }
  };
  using Partitions = std::map<Key, PartitionView, Before>;
  [[nodiscard]] const Partitions& partitions() const { return partitions_; }

  // In sync, with a log that reaches to the highest watermark that was shown.
  [[nodiscard]] static std::vector<std::string> whole_replicas(const PartitionView&);

 private:
  PartitionView& at(const Fact&);
  void on_node_down(std::string_view node);
  static void on_changed(PartitionView&, const Fact&);

  Partitions partitions_;                   // never erased from
  Partitions::value_type* last_ = nullptr;  // that at() gave: the next fact is most often of it
  std::optional<std::string> controller_;
  std::int32_t controller_epoch_ = -1;
};

// The nodes behind a key of a record like "replicas=1,2,3 isr=1,2 elr=3"; empty where it is not
// there.
[[nodiscard]] std::vector<std::string> brokers_in(std::string_view record, std::string_view key);

}  // namespace weir
