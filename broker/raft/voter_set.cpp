// Voter sets and their history along the log.
#include "broker/raft/voter_set.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir::raft {

VoterSet::VoterSet(std::vector<Voter> voters) {
  for (Voter& voter : voters) {
    const auto id = [](const Voter& v) { return v.key.id; };
    const auto at = std::ranges::lower_bound(voters_, voter.key.id, {}, id);
    if (at != voters_.end() && at->key.id == voter.key.id) continue;
    if (voters_.size() < kMaxVoters) voters_.insert(at, std::move(voter));
  }
}

const Voter* VoterSet::find(BrokerId id) const {
  const auto at = std::ranges::find(voters_, id, [](const Voter& v) { return v.key.id; });
  return at == voters_.end() ? nullptr : &*at;
}

const Voter* VoterSet::find(const ReplicaKey& key) const {
  const Voter* voter = find(key.id);
  if (voter == nullptr) return nullptr;
  const bool is_same = voter->key.directory.is_zero() || voter->key.directory == key.directory;
  return is_same ? voter : nullptr;
}

std::optional<VoterSet> VoterSet::with(const Voter& voter) const {
  if (voter.key.id < BrokerId{0} || find(voter.key.id) != nullptr || size() >= kMaxVoters) {
    return std::nullopt;
  }
  std::vector<Voter> voters = voters_;
  voters.push_back(voter);
  return VoterSet(std::move(voters));
}

std::optional<VoterSet> VoterSet::without(const ReplicaKey& key) const {
  if (!contains(key) || size() == 1) return std::nullopt;
  std::vector<Voter> voters = voters_;
  std::erase_if(voters, [&](const Voter& v) { return v.key.id == key.id; });
  return VoterSet(std::move(voters));
}

std::optional<VoterSet> VoterSet::with_update(const Voter& voter) const {
  if (!contains(voter.key)) return std::nullopt;
  std::vector<Voter> voters = voters_;
  for (Voter& v : voters) {
    if (v.key.id == voter.key.id) v = voter;
  }
  return VoterSet(std::move(voters));
}

const VoterSet& VoterHistory::before(Offset end) const {
  const auto after = std::ranges::lower_bound(entries_, end, {}, &VotersAt::offset);
  return after == entries_.begin() ? after->voters : std::prev(after)->voters;
}

void VoterHistory::append(Offset offset, VoterSet voters) {
  WEIR_ASSERT(offset >= Offset{0});
  truncate_to(offset);
  entries_.push_back({offset, std::move(voters)});
}

void VoterHistory::truncate_to(Offset end) {
  while (entries_.size() > 1 && entries_.back().offset >= end) entries_.pop_back();
}

void VoterHistory::load_snapshot(SnapshotId snapshot, std::optional<VoterSet> voters) {
  if (!voters.has_value()) {
    truncate_to(Offset{0});
    return;
  }
  entries_.clear();
  entries_.push_back({snapshot.end_offset - 1, std::move(*voters)});
}

void VoterHistory::trim_to(Offset start) {
  const auto after = std::ranges::lower_bound(entries_, start, {}, &VotersAt::offset);
  if (after == entries_.begin()) return;
  entries_.erase(entries_.begin(), std::prev(after));
}

}  // namespace weir::raft
