// Folding the facts of a cluster.
#include "faults/cluster_view.h"

#include <algorithm>
#include <charconv>

#include "broker/base/text.h"

namespace weir {
namespace {

// The metadata log has no leader among the replicas; the quorum tells of it otherwise.
constexpr std::string_view kMetadataTopic = "__cluster_metadata";

// Without a text where the node is known already: every append comes by here.
std::int64_t& end_of(PartitionView& partition, std::string_view node) {
  const auto found = partition.log_ends.find(node);
  if (found != partition.log_ends.end()) return found->second;
  return partition.log_ends[std::string(node)];
}

template <class Map>
void forget(Map& map, std::string_view node) {
  const auto found = map.find(node);
  if (found != map.end()) map.erase(found);
}

}  // namespace

std::string broker_node(std::int64_t id) { return "b" + std::to_string(id); }

std::vector<std::string> brokers_in(std::string_view record, std::string_view key) {
  std::vector<std::string> nodes;
  for (const std::int64_t id : ids_in(record, key)) nodes.push_back(broker_node(id));
  return nodes;
}

PartitionView& ClusterView::at(const Fact& fact) {
  const bool same =
      last_ != nullptr && last_->first.second == fact.partition && last_->first.first == fact.topic;
  if (same) return last_->second;
  auto found = partitions_.find(std::pair(fact.topic, fact.partition));
  if (found == partitions_.end()) {
    found = partitions_.try_emplace({std::string(fact.topic), fact.partition}).first;
  }
  last_ = &*found;
  return found->second;
}

const PartitionView* ClusterView::find(std::string_view topic, std::int32_t partition) const {
  const auto found = partitions_.find(std::pair(topic, partition));
  return found == partitions_.end() ? nullptr : &found->second;
}

const PartitionView* ClusterView::find(std::string_view tp) const {
  const std::size_t dash = tp.rfind('-');
  if (dash == std::string_view::npos) return nullptr;
  const std::string_view digits = tp.substr(dash + 1);
  std::int32_t partition = -1;
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, partition);
  if (parsed.ec != std::errc() || parsed.ptr != end) return nullptr;
  return find(tp.substr(0, dash), partition);
}

std::optional<std::string> ClusterView::active_controller() const { return controller_; }

void ClusterView::on(const Observed& seen) {
  const Fact& fact = seen.fact;
  const std::string_view node = seen.node_name;
  switch (fact.kind) {
    case FactKind::log_opened:
      if (fact.topic != kMetadataTopic) end_of(at(fact), node) = fact.value;
      return;
    case FactKind::log_appended:
      if (fact.topic != kMetadataTopic) end_of(at(fact), node) = fact.value + 1;
      return;
    case FactKind::log_truncated:
      if (fact.topic != kMetadataTopic) end_of(at(fact), node) = fact.value;
      return;
    case FactKind::log_start_advanced: {
      if (fact.topic == kMetadataTopic) return;
      std::int64_t& end = end_of(at(fact), node);
      end = std::max(end, fact.value);
      return;
    }
    case FactKind::hw_advanced: {
      if (fact.topic == kMetadataTopic) return;
      PartitionView& partition = at(fact);
      partition.high_watermark = std::max(partition.high_watermark, fact.value);
      return;
    }
    case FactKind::replica_leads: {
      PartitionView& partition = at(fact);
      forget(partition.followers, node);
      if (fact.epoch < partition.leader_epoch) return;
      partition.leader = std::string(node);
      partition.leader_epoch = fact.epoch;
      return;
    }
    case FactKind::replica_follows:
      at(fact).followers.insert_or_assign(std::string(node), fact.epoch);
      return;
    case FactKind::replica_offline: {
      PartitionView& partition = at(fact);
      forget(partition.followers, node);
      forget(partition.log_ends, node);
      return;
    }
    case FactKind::partition_changed: on_changed(at(fact), fact); return;
    case FactKind::isr_proposed: {
      PartitionView& partition = at(fact);
      if (fact.old >= partition.partition_epoch) {
        partition.asked_isr = brokers_in(fact.record, "isr");
      }
      return;
    }
    case FactKind::controller_activated:
      if (fact.epoch < controller_epoch_) return;
      controller_ = std::string(node);
      controller_epoch_ = fact.epoch;
      return;
    case FactKind::controller_resigned:
      if (controller_ == node) controller_.reset();
      return;
    case FactKind::node_stopped:
    case FactKind::node_killed:
    case FactKind::node_power_lost:
    case FactKind::node_failed:
    case FactKind::assertion_failed: on_node_down(node); return;
    default: return;  // tells nothing of replicas or controllers
  }
}

void ClusterView::on_changed(PartitionView& partition, const Fact& fact) {
  // Partition epoch 0 is a creation: a topic of an older time may have had the name.
  if (fact.old != 0 && fact.old < partition.partition_epoch) return;
  if (fact.old == 0 && partition.partition_epoch > 0) {
    partition.high_watermark = 0;
    partition.leader_epoch = -1;
    partition.leader.reset();
  }
  partition.told = true;
  partition.partition_epoch = fact.old;
  partition.replicas = brokers_in(fact.record, "replicas");
  partition.isr = brokers_in(fact.record, "isr");
  partition.asked_isr.reset();
}

// Its logs may be shorter when it opens them again, and it follows nobody.
void ClusterView::on_node_down(std::string_view node) {
  for (auto& [key, partition] : partitions_) {
    forget(partition.log_ends, node);
    forget(partition.followers, node);
  }
  if (controller_ == node) controller_.reset();
}

std::vector<std::string> ClusterView::whole_replicas(const PartitionView& partition) {
  std::vector<std::string> whole;
  for (const std::string& node : partition.isr) {
    const auto& asked = partition.asked_isr;
    if (asked && std::ranges::find(*asked, node) == asked->end()) continue;
    const auto end = partition.log_ends.find(node);
    if (end == partition.log_ends.end() || end->second < partition.high_watermark) continue;
    whole.push_back(node);
  }
  return whole;
}

}  // namespace weir
