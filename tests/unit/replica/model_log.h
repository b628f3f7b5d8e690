// A log in memory for the simulation: records with their epochs, the product's epoch cache, and the
// line below which a power loss takes nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "broker/replica/partition_state.h"
#include "broker/storage/epoch_cache.h"

namespace weir {

struct ModelRecord {
  LeaderEpoch epoch;
  std::uint64_t id = 0;
  friend bool operator==(const ModelRecord&, const ModelRecord&) = default;
};

struct ModelLog {
  Offset start{0};
  std::vector<ModelRecord> records;  // from start on, without gaps
  EpochCache cache;
  Offset synced{0};

  [[nodiscard]] Offset end() const { return start + static_cast<std::int64_t>(records.size()); }
  [[nodiscard]] LogBounds bounds() const { return {start, end()}; }
  [[nodiscard]] const ModelRecord& at(Offset offset) const {
    return records.at(static_cast<std::size_t>(offset - start));
  }
  [[nodiscard]] std::vector<ModelRecord> read(Offset from, std::size_t most) const {
    const auto first = static_cast<std::size_t>(from - start);
    const std::size_t count = std::min(most, records.size() - first);
    const auto begin = records.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
  }

  void append(const ModelRecord& record) {
    cache.assign(record.epoch, end());
    records.push_back(record);
  }
  void truncate_to(Offset to) {
    if (to >= end()) return;
    records.resize(static_cast<std::size_t>(to - start));
    cache.truncate_from_end(to);
    synced = std::min(synced, to);
  }
  void start_at(Offset at) {
    records.clear();
    cache.clear();
    start = synced = at;
  }
  void advance_start(Offset to) {
    if (to <= start) return;
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(to - start));
    start = to;
    cache.truncate_from_start(to);
    synced = std::max(synced, to);
  }
  // The power went: of what was not synced, the first `kept` records happen to be on the disk.
  void lose_power(std::int64_t kept) {
    truncate_to(synced + kept);
    cache.truncate_from_end(end());
  }
  void sync() { synced = end(); }
};

}  // namespace weir
