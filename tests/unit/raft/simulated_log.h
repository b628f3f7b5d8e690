// A metadata log and its snapshots in memory, with the part that a loss of power takes away.
//
// Each offset holds one record; batches are marked by their ends. Values stand for what the
// records say: a snapshot is a fold over them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "broker/base/assertion.h"
#include "broker/base/hash.h"
#include "broker/base/random.h"
#include "broker/raft/log_view.h"
#include "broker/raft/quorum_records.h"

namespace weir::raft::test {

struct SimRecord {
  LeaderEpoch epoch{0};
  std::int64_t value = 0;  // of clients: positive; control records: 0
  bool ends_batch = true;
  std::optional<VoterSet> voters = {};

  friend bool operator==(const SimRecord&, const SimRecord&) = default;
};

struct SimSnapshot {
  std::uint64_t state = 0;  // the fold over all records below its end
  VoterSet voters;
};

inline std::uint64_t fold_record(std::uint64_t state, const SimRecord& record) {
  return fold(fold(state, static_cast<std::uint64_t>(record.epoch.value())),
              static_cast<std::uint64_t>(record.value));
}

class SimLog {
 public:
  [[nodiscard]] Offset start() const { return start_; }
  [[nodiscard]] Offset end() const { return start_ + static_cast<std::int64_t>(records_.size()); }
  [[nodiscard]] Offset flushed_end() const { return flushed_end_; }
  [[nodiscard]] const SimRecord& at(Offset o) const {
    return records_[static_cast<std::size_t>(o - start_)];
  }
  [[nodiscard]] const std::map<SnapshotId, SimSnapshot>& snapshots() const { return snapshots_; }

  [[nodiscard]] LogView view() const {
    LogView v;
    v.start = start_;
    v.end = end();
    v.flushed_end = flushed_end_;
    v.start_epoch = start_epoch_;
    v.last_epoch = records_.empty() ? start_epoch_ : records_.back().epoch;
    v.epochs = &epochs_;
    if (!snapshots_.empty()) v.latest_snapshot = snapshots_.rbegin()->first;
    return v;
  }

  void append(const SimRecord& record) {
    epochs_.assign(record.epoch, end());
    records_.push_back(record);
  }
  void truncate(Offset to) {
    WEIR_ASSERT(to >= start_ && to <= end());
    records_.resize(static_cast<std::size_t>(to - start_));
    epochs_.truncate_from_end(to);
    flushed_end_ = std::min(flushed_end_, to);
    for (auto& [id, upto] : flushing_) upto = std::min(upto, to);
  }
  void flush() { flushed_end_ = end(); }
  // A flush in the background: what it covers is what was there when it began, and still is.
  std::int64_t begin_flush() {
    flushing_[++flushes_] = end();
    return flushes_;
  }
  void end_flush(std::int64_t id) {
    flushed_end_ = std::max(flushed_end_, flushing_.at(id));
    flushing_.erase(id);
  }

  [[nodiscard]] bool is_boundary(Offset o) const {
    return o == start_ || (o > start_ && o <= end() && at(o - 1).ends_batch);
  }
  void add_snapshot(SnapshotId id, SimSnapshot snapshot) { snapshots_[id] = std::move(snapshot); }
  void start_at(SnapshotId id) {
    WEIR_ASSERT(id.end_offset <= end());
    records_.erase(records_.begin(), records_.begin() + (id.end_offset - start_));
    start_ = id.end_offset;
    start_epoch_ = id.epoch;
    epochs_.truncate_from_start(start_);
    epochs_.truncate_from_end(end());
    flushed_end_ = std::max(flushed_end_, start_);
    std::erase_if(snapshots_, [&](const auto& s) { return s.first < id; });
  }
  void replace_by(SnapshotId id) {
    records_.clear();
    epochs_.clear();
    flushing_.clear();
    start_ = flushed_end_ = id.end_offset;
    start_epoch_ = id.epoch;
    std::erase_if(snapshots_, [&](const auto& s) { return s.first < id; });
  }
  // After a crash: of what was not flushed, some is left.
  void crash(Random& random) {
    flushing_.clear();
    truncate(Offset{random.between(flushed_end_.value(), end().value())});
    flushed_end_ = end();
    if (!snapshots_.empty() && snapshots_.rbegin()->first.end_offset > end()) {
      replace_by(snapshots_.rbegin()->first);
    }
  }
  [[nodiscard]] std::vector<VotersAt> voters() const {
    std::vector<VotersAt> found;
    if (!snapshots_.empty()) {
      const auto& [id, snapshot] = *snapshots_.rbegin();
      found.push_back({id.end_offset - 1, snapshot.voters});
    }
    for (Offset o = start_; o < end(); o = o + 1) {
      const bool is_in_snapshot = !found.empty() && o <= found.front().offset;
      if (at(o).voters && !is_in_snapshot) found.push_back({o, *at(o).voters});
    }
    return found;
  }

 private:
  Offset start_{0};
  LeaderEpoch start_epoch_{0};
  std::vector<SimRecord> records_;
  Offset flushed_end_{0};
  EpochCache epochs_;
  std::map<SnapshotId, SimSnapshot> snapshots_;
  std::map<std::int64_t, Offset> flushing_;
  std::int64_t flushes_ = 0;
};

}  // namespace weir::raft::test
