// Which of the logs read back count, and which must be complete.
#include <algorithm>
#include <optional>

#include "checkers/judge.h"

namespace weir::judging {
namespace {

const PartitionSummary* find_summary(const RunSummary& run, std::string_view topic,
                                     std::int32_t partition) {
  for (const PartitionSummary& p : run.partitions) {
    if (p.topic == topic && p.partition == partition) return &p;
  }
  return nullptr;
}

// The leader, where one is known for certain.
std::optional<std::string> leader_of(const Evidence& e, std::string_view topic,
                                     std::int32_t partition) {
  if (const PartitionSummary* p = find_summary(e.run, topic, partition); p != nullptr) {
    return p->leader.empty() ? std::nullopt : std::optional(p->leader);
  }
  const auto newest = e.facts.partitions.newest(topic, partition);
  if (!newest.is_newest || newest.state->leader < 0) return std::nullopt;
  return watching::broker_node(newest.state->leader);
}

std::pair<std::int32_t, std::int64_t> reach_of(const ReadbackLog& log) {
  return {log.records.empty() ? -1 : log.records.back().leader_epoch, log.log_end};
}

}  // namespace

std::vector<std::string> Copies::certain_isr(const Evidence& e, std::string_view topic,
                                             std::int32_t partition) {
  if (const PartitionSummary* p = find_summary(e.run, topic, partition); p != nullptr) {
    return p->isr;
  }
  std::vector<std::string> nodes;
  const auto newest = e.facts.partitions.newest(topic, partition);
  if (!newest.is_newest) return nodes;
  for (const std::int64_t broker : newest.state->isr) {
    if (e.facts.partitions.is_settled(broker)) nodes.push_back(watching::broker_node(broker));
  }
  return nodes;
}

Copies::Copies(const Evidence& e, const Shelf& shelf) : shelf_(shelf) {
  std::map<std::pair<std::string, std::int32_t>, std::vector<std::uint32_t>> logs;
  for (std::uint32_t l = 0; l < shelf.logs().size(); ++l) {
    const ReadbackLog& log = shelf.logs()[l];
    if (log.topic == watching::kMetadataTopic) continue;
    logs[{log.topic, log.partition}].push_back(l);
  }
  for (const auto& [key, replicas] : logs) {
    Partition partition = look(e, replicas);
    references_.push_back(partition.reference);
    partitions_.emplace(key, std::move(partition));
  }
  std::sort(references_.begin(), references_.end());
}

Copies::Partition Copies::look(const Evidence& e, const std::vector<std::uint32_t>& logs) const {
  const ReadbackLog& any = shelf_.logs()[logs.front()];
  Partition partition;
  partition.reference = logs.front();
  const auto leader = leader_of(e, any.topic, any.partition);
  bool found = false;
  for (const std::uint32_t l : logs) {
    const ReadbackLog& log = shelf_.logs()[l];
    if (found) continue;
    found = leader && log.node == *leader;
    if (found || reach_of(log) > reach_of(shelf_.logs()[partition.reference])) {
      partition.reference = l;
    }
  }
  const bool told = find_summary(e.run, any.topic, any.partition) != nullptr ||
                    e.facts.partitions.newest(any.topic, any.partition).state != nullptr;
  const auto isr = certain_isr(e, any.topic, any.partition);
  for (const std::uint32_t l : logs) {
    const bool in_sync = std::find(isr.begin(), isr.end(), shelf_.logs()[l].node) != isr.end();
    if (!told || in_sync) partition.holders.logs.push_back(l);
  }
  if (partition.holders.logs.empty()) partition.holders = {logs, false};
  return partition;
}

const Copies::Holders& Copies::holders(std::string_view topic, std::int32_t partition) const {
  const auto found = partitions_.find(std::pair(topic, partition));
  return found == partitions_.end() ? none_ : found->second.holders;
}

const ReadbackLog* Copies::reference(std::string_view topic, std::int32_t partition) const {
  const auto found = partitions_.find(std::pair(topic, partition));
  return found == partitions_.end() ? nullptr : &shelf_.logs()[found->second.reference];
}

}  // namespace weir::judging
