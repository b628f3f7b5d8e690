// What a leader is asked for, and what it does by itself: serving fetches, moving the high
// watermark, keeping its majority.
#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/raft/quorum.h"

namespace weir::raft {

// -- Fetch ----------------------------------------------------------------------------------------

void Quorum::handle(Step& step, ReplyToken token, const FetchRequest& r) {
  ErrorCode error = check_fetch(r.cluster_id, r.replica, r.current_leader_epoch);
  const bool is_position =
      r.fetch_offset >= Offset{0} && r.last_fetched_epoch >= LeaderEpoch{0} && r.max_bytes >= 0;
  if (error == ErrorCode::none && !is_position) error = ErrorCode::invalid_request;
  if (error != ErrorCode::none) {
    emit(step, ReplyFetch{token, answer<FetchResponse>(error), {}, {}, 0});
    return;
  }
  auto& leader = std::get<LeaderState>(role_);
  const std::optional<ReplicaKey> replica = note_replica(step, leader, r.replica);
  const PositionCheck check = check_position(step.log, {r.fetch_offset, r.last_fetched_epoch});
  if (!std::holds_alternative<ValidPosition>(check)) {
    FetchResponse response = answer<FetchResponse>(ErrorCode::none);
    response.high_watermark = high_watermark_;
    response.log_start = step.log.start;
    if (const auto* divergence = std::get_if<Divergence>(&check)) {
      response.diverging_epoch = *divergence;
    } else {
      response.snapshot_id = std::get<SnapshotId>(check);
    }
    emit(step, ReplyFetch{token, response, {}, {}, 0});
    return;
  }
  if (replica.has_value()) {
    leader.fetched_from(*replica, r.fetch_offset, step.log.end, step.now);
    advance_commit(step, leader);
  }
  const ParkedFetch fetch{token, r.fetch_offset, r.high_watermark, step.now + r.max_wait,
                          r.max_bytes};
  if (is_due(step, fetch)) {
    answer_fetch(step, fetch);
  } else {
    park(step, leader, r.replica, fetch);
  }
}

ErrorCode Quorum::check_fetch(const std::string& cluster_id, const ReplicaKey& replica,
                              LeaderEpoch epoch) const {
  if (!is_my_cluster(cluster_id)) return ErrorCode::inconsistent_cluster_id;
  if (epoch < election_.epoch) return ErrorCode::fenced_leader_epoch;
  if (epoch > election_.epoch) return ErrorCode::unknown_leader_epoch;
  if (role() != QuorumRole::leader) return ErrorCode::not_leader_or_follower;
  return replica == config_.self ? ErrorCode::invalid_request : ErrorCode::none;
}

// The key under which the leader knows the asker; nothing for one that is no replica, or one
// observer too many, who is served but not remembered.
std::optional<ReplicaKey> Quorum::note_replica(Step& step, LeaderState& leader,
                                               const ReplicaKey& asker) {
  if (asker.id < BrokerId{0}) return std::nullopt;
  const Voter* voter = voters().find(asker);
  const ReplicaKey key = voter == nullptr ? asker : voter->key;
  if (voter == nullptr && leader.progress(key) == nullptr) {
    leader.forget_observers(voters(), step.now);
    if (leader.replicas().size() >= kMaxObservers + kMaxVoters) return std::nullopt;
  }
  leader.heard_from(key, step.now);
  return key;
}

bool Quorum::is_due(const Step& step, const ParkedFetch& fetch) const {
  return fetch.from < step.log.end || fetch.known_high_watermark < high_watermark_ ||
         fetch.deadline <= step.now;
}

void Quorum::answer_fetch(Step& step, const ParkedFetch& fetch) {
  FetchResponse response = answer<FetchResponse>(ErrorCode::none);
  response.high_watermark = high_watermark_;
  response.log_start = step.log.start;
  emit(step, ReplyFetch{fetch.token, response, fetch.from, step.log.end, fetch.max_bytes});
}

void Quorum::park(Step& step, LeaderState& leader, const ReplicaKey& replica,
                  const ParkedFetch& fetch) {
  // A replica asks anew when it gave up waiting.
  if (const auto old = leader.parked.find(replica); old != leader.parked.end()) {
    answer_fetch(step, old->second);
    leader.parked.erase(old);
  }
  if (leader.parked.size() >= kMaxParkedFetches) {
    const auto first = std::ranges::min_element(
        leader.parked, {}, [](const auto& entry) { return entry.second.deadline; });
    answer_fetch(step, first->second);
    leader.parked.erase(first);
  }
  leader.parked.emplace(replica, fetch);
}

// -- FetchSnapshot --------------------------------------------------------------------------------

void Quorum::handle(Step& step, ReplyToken token, const FetchSnapshotRequest& r) {
  ErrorCode error = check_fetch(r.cluster_id, r.replica, r.current_leader_epoch);
  if (error == ErrorCode::none && r.position < 0) error = ErrorCode::position_out_of_range;
  if (error == ErrorCode::none && r.max_bytes < 0) error = ErrorCode::invalid_request;
  FetchSnapshotResponse response = answer<FetchSnapshotResponse>(error);
  response.snapshot_id = r.snapshot_id;
  if (error != ErrorCode::none) {
    emit(step, Reply{token, response});
    return;
  }
  note_replica(step, std::get<LeaderState>(role_), r.replica);
  response.position = r.position;
  emit(step, ReplySnapshotChunk{token, response, r.position, r.max_bytes});
}

// -- the leader by itself -------------------------------------------------------------------------

void Quorum::append_epoch_start(Step& step, const std::vector<ReplicaKey>& granting) {
  LeaderChangeMessage change;
  change.version = 1;
  change.leader_id = config_.self.id.value();
  for (const Voter& voter : voters().voters()) {
    change.voters.push_back({voter.key.id.value(), voter.key.directory});
  }
  for (const ReplicaKey& key : granting) {
    change.granting_voters.push_back({key.id.value(), key.directory});
  }
  std::vector<ControlRecord> records{change};
  // The first leader writes down the voters that the quorum was formatted with, so that those who
  // were not told of them learn them. Of a static quorum no directories are known: it stays static.
  const bool is_told_outside = voters_.latest_offset() < Offset{0};
  const bool is_static = std::ranges::any_of(
      voters().voters(), [](const Voter& v) { return v.key.directory.is_zero(); });
  if (is_told_outside && !is_static) {
    records.emplace_back(KRaftVersionRecord{0, 1});
    append_control(step, std::move(records), voters());
  } else {
    append_control(step, std::move(records), std::nullopt);
  }
}

// The last of the records is the voter set, where there is one.
void Quorum::append_control(Step& step, std::vector<ControlRecord> records,
                            std::optional<VoterSet> voters) {
  if (voters.has_value()) records.emplace_back(to_record(*voters));
  const Offset at = step.log.end;
  step.log.end = at + static_cast<std::int64_t>(records.size());
  step.log.last_epoch = election_.epoch;
  emit(step, AppendControl{election_.epoch, at, std::move(records)});
  emit(step, StartFlush{});
  if (voters.has_value()) {
    voters_.append(step.log.end - 1, *voters);
    emit(step, VotersChanged{step.log.end - 1, std::move(*voters)});
  }
}

void Quorum::check_leader(Step& step, LeaderState& leader) {
  advance_commit(step, leader);
  settle_change(step, leader);
  const bool voters_are_committed = voters_.latest_offset() < high_watermark_;
  if (!is_voter() && voters_are_committed) {
    become_resigned(step, "removed from the voters");
    return;
  }
  const Instant deadline = leader.quorum_deadline(voters(), config_.self, check_quorum_patience());
  if (step.now >= deadline) become_resigned(step, "no majority fetched");
}

Duration Quorum::check_quorum_patience() const {
  return config_.fetch_timeout * kCheckQuorumNumerator / kCheckQuorumDenominator;
}

void Quorum::advance_commit(Step& step, LeaderState& leader) {
  const std::optional<Offset> offset =
      leader.committed(voters(), config_.self, step.log.flushed_end);
  // A voter that was added, or that fell back, does not take back what was committed.
  if (offset.has_value()) raise_high_watermark(step, *offset);
}

void Quorum::raise_high_watermark(Step& step, Offset offset) {
  if (offset <= high_watermark_) return;
  WEIR_ASSERT(offset <= step.log.end);
  high_watermark_ = offset;
  emit(step, AdvanceHighWatermark{offset});
}

void Quorum::lead(Step& step, LeaderState& leader) {
  for (auto fetch = leader.parked.begin(); fetch != leader.parked.end();) {
    if (is_due(step, fetch->second)) {
      answer_fetch(step, fetch->second);
      fetch = leader.parked.erase(fetch);
    } else {
      step.deadline = std::min(step.deadline, fetch->second.deadline);
      ++fetch;
    }
  }
  if (leader.change.has_value() && !leader.change->is_answered) {
    step.deadline = std::min(step.deadline, leader.change->deadline);
  }
  step.deadline = std::min(step.deadline,
                           leader.quorum_deadline(voters(), config_.self, check_quorum_patience()));
  send_begin_epoch(step, leader);
}

// Leadership is over: who waits is told at once, and where to go (KAFKA-10677).
void Quorum::dismiss_waiting(Step& step, LeaderState& led) {
  for (const auto& [replica, fetch] : led.parked) {
    emit(step,
         ReplyFetch{
             fetch.token, answer<FetchResponse>(ErrorCode::not_leader_or_follower), {}, {}, 0});
  }
  led.parked.clear();
  if (!led.change.has_value() || led.change->is_answered) return;
  RaftVoterResponse response = answer<RaftVoterResponse>(ErrorCode::not_leader_or_follower);
  response.message = "leadership was lost before the change was committed";
  emit(step, Reply{led.change->token, response});
}

std::optional<QuorumDescription> Quorum::describe(const LogView& log, Instant now) const {
  const LeaderState* leader = leader_state();
  if (leader == nullptr) return std::nullopt;
  QuorumDescription d{election_.leader, election_.epoch, high_watermark_, {}, {}};
  const auto describe_one = [&](const ReplicaKey& key) {
    if (voters().find(key) == voters().find(config_.self) && voters().contains(key)) {
      return QuorumDescription::Replica{key, log.end, now, now};
    }
    QuorumDescription::Replica replica{key, Offset{-1}, {}, {}};
    const ReplicaProgress* progress = leader->progress(key);
    if (progress == nullptr) return replica;
    replica.log_end = progress->end;
    if (progress->has_fetched) replica.last_fetch = progress->last_fetch;
    if (progress->was_caught_up) replica.last_caught_up = progress->last_caught_up;
    return replica;
  };
  for (const Voter& voter : voters().voters()) d.voters.push_back(describe_one(voter.key));
  for (const auto& [key, progress] : leader->replicas()) {
    const bool is_gone = now - progress.last_fetch > kObserverSession;
    if (!voters().contains(key) && !is_gone) d.observers.push_back(describe_one(key));
  }
  return d;
}

}  // namespace weir::raft
