// Who votes, and since which offset: a voter set is a value, its history is a part of the log.
//
// A voter set takes effect when it is appended, committed or not (KIP-853, Raft section 4.1): so a
// truncation brings the one before it back, and consecutive sets differ by one voter, which makes
// any two majorities meet.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "broker/raft/quorum_config.h"
#include "broker/raft/raft_types.h"
#include "broker/storage/snapshot_id.h"

namespace weir::raft {

struct Voter {
  ReplicaKey key;
  std::vector<Endpoint> endpoints;
  std::int16_t min_kraft_version = 0;
  std::int16_t max_kraft_version = 1;

  friend bool operator==(const Voter&, const Voter&) = default;
};

class VoterSet {
 public:
  VoterSet() = default;
  // Of voters with one id the first is kept; at most kMaxVoters.
  explicit VoterSet(std::vector<Voter> voters);

  [[nodiscard]] bool empty() const { return voters_.empty(); }
  [[nodiscard]] std::size_t size() const { return voters_.size(); }
  // More than half of them; of none: 1.
  [[nodiscard]] std::size_t majority() const { return voters_.size() / 2 + 1; }
  // Ascending by id.
  [[nodiscard]] const std::vector<Voter>& voters() const { return voters_; }

  // Of this id, in whatever directory.
  [[nodiscard]] const Voter* find(BrokerId id) const;
  // Of this id and directory. A voter whose directory is not known (static quorum) is met by any.
  [[nodiscard]] const Voter* find(const ReplicaKey& key) const;
  [[nodiscard]] bool contains(const ReplicaKey& key) const { return find(key) != nullptr; }
  [[nodiscard]] bool is_only(const ReplicaKey& key) const { return size() == 1 && contains(key); }

  // Nothing where the id is taken, the key is not there, or a limit would be broken.
  [[nodiscard]] std::optional<VoterSet> with(const Voter&) const;
  [[nodiscard]] std::optional<VoterSet> without(const ReplicaKey&) const;
  [[nodiscard]] std::optional<VoterSet> with_update(const Voter&) const;

  friend bool operator==(const VoterSet&, const VoterSet&) = default;

 private:
  std::vector<Voter> voters_;
};

// A voter set that begins to count at an offset; -1: given before the log began.
struct VotersAt {
  Offset offset{-1};
  VoterSet voters;

  friend bool operator==(const VotersAt&, const VotersAt&) = default;
};

class VoterHistory {
 public:
  explicit VoterHistory(VoterSet bootstrap = {}) : entries_{{Offset{-1}, std::move(bootstrap)}} {}

  // The set in force: the last appended. Empty where none is known.
  [[nodiscard]] const VoterSet& latest() const { return entries_.back().voters; }
  [[nodiscard]] Offset latest_offset() const { return entries_.back().offset; }
  // The set that was in force when everything below `end` was appended: what a snapshot of that
  // end has to hold.
  [[nodiscard]] const VoterSet& before(Offset end) const;

  // Appended at this offset, after all others (what is not before it goes: the log is the truth).
  void append(Offset offset, VoterSet voters);
  // The log ends at `end` now. The oldest stays: it is committed, or was given before the log.
  void truncate_to(Offset end);
  // A snapshot replaces all; without voters in it, what was before the log stays.
  void load_snapshot(SnapshotId snapshot, std::optional<VoterSet> voters);
  // Keeps what is in force at `start` and later.
  void trim_to(Offset start);

  [[nodiscard]] const std::vector<VotersAt>& entries() const { return entries_; }

 private:
  std::vector<VotersAt> entries_;  // ascending, never empty
};

}  // namespace weir::raft
