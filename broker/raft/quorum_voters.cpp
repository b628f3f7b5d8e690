// AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter: one change at a time, committed before the next.
//
// The order of checks is KIP-853's. A change is refused while another one is not committed, and
// before this leader committed a record of its own epoch: a change that an earlier leader left
// uncommitted would otherwise meet this one (the correction to Raft's single-server changes).
#include <algorithm>

#include "broker/raft/quorum.h"

namespace weir::raft {

void Quorum::handle(Step& step, ReplyToken token, const AddRaftVoterRequest& r) {
  if (const auto refusal = check_change(r.cluster_id)) {
    emit(step, Reply{token, *refusal});
    return;
  }
  const Voter& voter = r.voter;
  const auto& leader = std::get<LeaderState>(role_);
  if (voter.key.id < BrokerId{0} || voter.key.directory.is_zero()) {
    refuse_change(step, token, ErrorCode::invalid_request,
                  "a voter has an id and the id of its directory");
  } else if (voter.min_kraft_version > kKRaftVersion || voter.max_kraft_version < kKRaftVersion) {
    refuse_change(step, token, ErrorCode::invalid_request,
                  "the new voter does not support kraft.version 1");
  } else if (voters().find(voter.key.id) != nullptr) {
    refuse_change(step, token, ErrorCode::duplicate_voter,
                  "a voter of this id exists; one whose disk was lost is removed first");
  } else if (!leader.is_caught_up(voter.key, step.now, config_.fetch_timeout)) {
    refuse_change(step, token, ErrorCode::request_timed_out,
                  "the new voter does not keep up with the leader's log");
  } else if (const std::optional<VoterSet> added = voters().with(voter)) {
    change_voters(step, token, *added, r.timeout, r.ack_when_committed);
  } else {
    refuse_change(step, token, ErrorCode::invalid_request, "there are too many voters");
  }
}

void Quorum::handle(Step& step, ReplyToken token, const RemoveRaftVoterRequest& r) {
  if (const auto refusal = check_change(r.cluster_id)) {
    emit(step, Reply{token, *refusal});
  } else if (!voters().contains(r.voter)) {
    refuse_change(step, token, ErrorCode::voter_not_found, "no voter has this id and directory");
  } else if (const std::optional<VoterSet> rest = voters().without(r.voter)) {
    change_voters(step, token, *rest, config_.request_timeout, true);
  } else {
    refuse_change(step, token, ErrorCode::invalid_request, "the last voter stays");
  }
}

void Quorum::handle(Step& step, ReplyToken token, const UpdateRaftVoterRequest& r) {
  ErrorCode stale = ErrorCode::none;
  if (r.current_leader_epoch < election_.epoch) stale = ErrorCode::fenced_leader_epoch;
  if (r.current_leader_epoch > election_.epoch) stale = ErrorCode::unknown_leader_epoch;
  if (const auto refusal = check_change(r.cluster_id)) {
    emit(step, Reply{token, *refusal});
  } else if (stale != ErrorCode::none) {
    refuse_change(step, token, stale, "the epoch is not this leader's");
  } else if (r.voter.min_kraft_version > kKRaftVersion ||
             r.voter.max_kraft_version < kKRaftVersion) {
    refuse_change(step, token, ErrorCode::invalid_request,
                  "the voter does not support kraft.version 1");
  } else if (const std::optional<VoterSet> updated = voters().with_update(r.voter)) {
    if (*updated == voters()) {
      emit(step, Reply{token, answer<RaftVoterResponse>(ErrorCode::none)});
    } else {
      change_voters(step, token, *updated, config_.request_timeout, true);
    }
  } else {
    refuse_change(step, token, ErrorCode::voter_not_found, "no voter has this id and directory");
  }
}

// What holds for every change, whichever it is.
std::optional<RaftVoterResponse> Quorum::check_change(const std::string& cluster_id) const {
  RaftVoterResponse response;
  if (!is_my_cluster(cluster_id)) {
    response = answer<RaftVoterResponse>(ErrorCode::inconsistent_cluster_id);
    response.message = "the request is for another cluster";
    return response;
  }
  const LeaderState* leader = leader_state();
  if (leader == nullptr) {
    response = answer<RaftVoterResponse>(ErrorCode::not_leader_or_follower);
    response.message = "only the leader changes the voters";
    return response;
  }
  response = answer<RaftVoterResponse>(ErrorCode::request_timed_out);
  if (high_watermark_ <= leader->epoch_start()) {
    response.message = "the leader has not yet committed a record of its epoch";
    return response;
  }
  if (leader->change.has_value() || voters_.latest_offset() >= high_watermark_) {
    response.message = "another change of the voters is not yet committed";
    return response;
  }
  const bool is_static = std::ranges::any_of(
      voters().voters(), [](const Voter& v) { return v.key.directory.is_zero(); });
  if (is_static) {
    response = answer<RaftVoterResponse>(ErrorCode::unsupported_version);
    response.message = "the voters are configured statically (kraft.version 0)";
    return response;
  }
  return std::nullopt;
}

void Quorum::refuse_change(Step& step, ReplyToken token, ErrorCode error, const char* why) {
  RaftVoterResponse response = answer<RaftVoterResponse>(error);
  response.message = why;
  emit(step, Reply{token, std::move(response)});
}

void Quorum::change_voters(Step& step, ReplyToken token, const VoterSet& changed, Duration timeout,
                           bool ack_when_committed) {
  append_control(step, {}, changed);
  auto& leader = std::get<LeaderState>(role_);
  leader.change = PendingVoterChange{token, step.log.end - 1, step.now + timeout, false};
  if (!ack_when_committed) {
    leader.change->is_answered = true;
    emit(step, Reply{token, answer<RaftVoterResponse>(ErrorCode::none)});
  }
}

// A change whose asker was told that it takes too long goes on, and may be committed yet.
void Quorum::settle_change(Step& step, LeaderState& leader) {
  if (!leader.change.has_value()) return;
  PendingVoterChange& change = *leader.change;
  const bool is_committed = change.offset < high_watermark_;
  if (is_committed && !change.is_answered) {
    emit(step, Reply{change.token, answer<RaftVoterResponse>(ErrorCode::none)});
  } else if (step.now >= change.deadline && !change.is_answered) {
    change.is_answered = true;
    refuse_change(step, change.token, ErrorCode::request_timed_out,
                  "the change was not committed in time; it may be, still");
  }
  if (is_committed) leader.change.reset();
}

}  // namespace weir::raft
