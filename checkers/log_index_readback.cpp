// LogIndex: the logs that a run read back at its end, and what is not in them.
#include <algorithm>

#include "checkers/log_index.h"

namespace weir::analysis {
namespace {

constexpr auto kByOffset = [](const StoredAt& record, std::int64_t wanted) {
  return record.offset < wanted;
};

// The place of a record among records by offset, or kNone.
std::uint32_t place_of(const std::vector<StoredAt>& records, ValueId value, std::int64_t offset) {
  auto at = std::lower_bound(records.begin(), records.end(), offset, kByOffset);
  for (; at != records.end() && at->offset == offset; ++at) {
    if (at->value == value) return static_cast<std::uint32_t>(at - records.begin());
  }
  return kNone;
}

// The first offset at which it lies among the first so many of them, or kNoOffset.
std::int64_t offset_of(const std::vector<StoredAt>& records, std::size_t count, ValueId value) {
  const auto end = records.begin() + static_cast<std::ptrdiff_t>(std::min(count, records.size()));
  const auto found =
      std::find_if(records.begin(), end, [value](const StoredAt& r) { return r.value == value; });
  return found == end ? kNoOffset : found->offset;
}

std::string_view topic_of(std::string_view key) { return key.substr(0, key.rfind('-')); }

}  // namespace

void LogIndex::take_readback() {
  const RunTruth& truth = *history.truth;
  for (const PartitionTruth& partition : truth.partitions) {
    if (partition.key >= incarnations_.size() || partition.replicas.empty()) continue;
    Log& log = logs[log_for(partition.key, static_cast<std::uint32_t>(history.ops.size()))];
    log.told = &partition;
    for (const ReplicaTruth& replica : partition.replicas) {
      ReplicaPlaces& places = log.replicas.emplace_back();
      places.told = &replica;
      if (std::ranges::is_sorted(replica.records, std::less<>{}, &StoredAt::offset)) continue;
      places.sorted = replica.records;
      std::ranges::sort(places.sorted, std::less<>{}, &StoredAt::offset);
    }
  }
  for (Log& log : logs) log.topic = truth.topic(topic_of(history.name(log.key)));
}

Lack LogIndex::find_lack(std::uint32_t l, ValueId value, std::int64_t offset) const {
  const Log& log = logs[l];
  if (log.told == nullptr) return {true, nullptr};
  const std::vector<StoredAt>& first = log.replicas.front().by_offset();
  const std::uint32_t in_first = offset == kNoOffset ? kNone : place_of(first, value, offset);
  return find_lack_where(l, [&](std::size_t r) {
    const ReplicaPlaces& replica = log.replicas[r];
    if (offset == kNoOffset) return offset_in(l, *replica.told, value) != kNoOffset;
    if (r == 0 || in_first < replica.told->shared) return in_first != kNone;
    return place_of(replica.by_offset(), value, offset) != kNone;
  });
}

std::int64_t LogIndex::offset_in(std::uint32_t l, const ReplicaTruth& replica,
                                 ValueId value) const {
  const std::vector<StoredAt>& first = logs[l].told->replicas.front().records;
  const std::int64_t shared = offset_of(first, replica.shared, value);
  if (shared != kNoOffset) return shared;
  return offset_of(replica.records, replica.records.size(), value);
}

bool LogIndex::lies_anywhere(std::uint32_t l, ValueId value) const {
  const std::string_view topic = topic_of(history.name(logs[l].key));
  for (std::uint32_t other = 0; other < logs.size(); ++other) {
    if (logs[other].told == nullptr || topic_of(history.name(logs[other].key)) != topic) continue;
    const std::uint32_t identity = identity_of(other, value);
    if (identity != kNone && identities[identity].stored > 0) return true;
    for (const ReplicaTruth& replica : logs[other].told->replicas) {
      const bool first = &replica == &logs[other].told->replicas.front();
      if (!first && offset_of(replica.records, replica.records.size(), value) != kNoOffset) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace weir::analysis
