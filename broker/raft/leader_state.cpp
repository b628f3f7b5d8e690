// The leader's book of its replicas, and what follows from it.
#include "broker/raft/leader_state.h"

#include <algorithm>
#include <functional>

namespace weir::raft {

void LeaderState::heard_from(const ReplicaKey& replica, Instant now) {
  ReplicaProgress& progress = replicas_[replica];
  progress.has_fetched = true;
  progress.last_fetch = now;
}

void LeaderState::fetched_from(const ReplicaKey& replica, Offset end, Offset leader_end,
                               Instant now) {
  ReplicaProgress& progress = replicas_[replica];
  if (end >= leader_end) {
    progress.was_caught_up = true;
    progress.last_caught_up = now;
  } else if (progress.leader_end_at_position >= Offset{0} &&
             end >= progress.leader_end_at_position) {
    progress.was_caught_up = true;
    progress.last_caught_up = progress.last_position;
  }
  progress.end = end;
  progress.leader_end_at_position = leader_end;
  progress.last_position = now;
}

const ReplicaProgress* LeaderState::progress(const ReplicaKey& replica) const {
  const auto at = replicas_.find(replica);
  return at == replicas_.end() ? nullptr : &at->second;
}

void LeaderState::forget_observers(const VoterSet& voters, Instant now) {
  std::erase_if(replicas_, [&](const auto& entry) {
    return !voters.contains(entry.first) && now - entry.second.last_fetch > kObserverSession;
  });
}

std::optional<Offset> LeaderState::committed(const VoterSet& voters, const ReplicaKey& self,
                                             Offset flushed_end) const {
  std::vector<Offset> ends;
  for (const Voter& voter : voters.voters()) {
    if (voters.find(self) == &voter) {
      ends.push_back(flushed_end);
    } else {
      const ReplicaProgress* replica = progress(voter.key);
      ends.push_back(replica == nullptr ? Offset{-1} : replica->end);
    }
  }
  if (ends.empty()) return std::nullopt;
  std::ranges::sort(ends, std::greater{});
  const Offset on_majority = ends[voters.majority() - 1];
  if (on_majority <= epoch_start_) return std::nullopt;
  return on_majority;
}

Instant LeaderState::quorum_deadline(const VoterSet& voters, const ReplicaKey& self,
                                     Duration patience) const {
  const std::size_t needed = voters.majority() - (voters.contains(self) ? 1 : 0);
  std::vector<Instant> heard;
  for (const Voter& voter : voters.voters()) {
    if (voters.find(self) == &voter) continue;
    const ReplicaProgress* replica = progress(voter.key);
    const bool is_heard = replica != nullptr && replica->has_fetched;
    heard.push_back(is_heard ? std::max(since_, replica->last_fetch) : since_);
  }
  if (needed == 0 || heard.size() < needed) return Instant::never();
  std::ranges::sort(heard, std::greater{});
  return heard[needed - 1] + patience;
}

std::vector<ReplicaKey> LeaderState::successors(const VoterSet& voters,
                                                const ReplicaKey& self) const {
  std::vector<ReplicaKey> keys;
  for (const Voter& voter : voters.voters()) {
    if (voters.find(self) != &voter) keys.push_back(voter.key);
  }
  const auto end = [this](const ReplicaKey& key) {
    const ReplicaProgress* replica = progress(key);
    return replica == nullptr ? Offset{-1} : replica->end;
  };
  std::ranges::sort(keys, [&](const ReplicaKey& a, const ReplicaKey& b) {
    return end(a) != end(b) ? end(a) > end(b) : a < b;
  });
  return keys;
}

bool LeaderState::is_caught_up(const ReplicaKey& replica, Instant now, Duration window) const {
  const ReplicaProgress* found = progress(replica);
  return found != nullptr && found->was_caught_up && now - found->last_caught_up <= window;
}

}  // namespace weir::raft
