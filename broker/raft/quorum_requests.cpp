// Vote, BeginQuorumEpoch and EndQuorumEpoch as they are answered, and what every answer teaches.
#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/raft/quorum.h"

namespace weir::raft {
namespace {

std::optional<Endpoint> first_of(const std::vector<Endpoint>& endpoints) {
  if (endpoints.empty()) return std::nullopt;
  return endpoints.front();
}

}  // namespace

// -- Vote -----------------------------------------------------------------------------------------

void Quorum::handle(Step& step, ReplyToken token, const VoteRequest& r) {
  const ErrorCode error = check_vote(r);
  bool granted = false;
  if (error == ErrorCode::none) {
    if (r.replica_epoch > election_.epoch) {
      become_unattached(step, r.replica_epoch, "asked for a vote in a later epoch");
    }
    granted = grants(step, r);
    if (granted && !r.pre_vote) grant(step, r.replica);
  }
  VoteResponse response = answer<VoteResponse>(error);
  response.vote_granted = granted;
  emit(step, Reply{token, response});
}

ErrorCode Quorum::check_vote(const VoteRequest& r) const {
  if (!is_my_cluster(r.cluster_id)) return ErrorCode::inconsistent_cluster_id;
  if (r.replica_epoch < election_.epoch) return ErrorCode::fenced_leader_epoch;
  // A candidate's epoch is new: its log cannot hold a record of it.
  const LeaderEpoch newest_possible = r.pre_vote ? r.replica_epoch : r.replica_epoch - 1;
  const bool makes_sense = r.replica_epoch <= kMaxEpoch && r.replica.id >= BrokerId{0} &&
                           r.replica != config_.self && r.last_offset >= Offset{0} &&
                           r.last_offset_epoch >= LeaderEpoch{0} &&
                           r.last_offset_epoch <= newest_possible;
  if (!makes_sense) return ErrorCode::invalid_request;
  return is_meant(r.voter) ? ErrorCode::none : ErrorCode::invalid_voter_key;
}

// In the epoch of the request, which this node has reached.
bool Quorum::grants(const Step& step, const VoteRequest& r) const {
  if (!is_up_to_date(step.log, {r.last_offset, r.last_offset_epoch})) return false;
  if (r.pre_vote) {
    if (role() == QuorumRole::leader) return false;
    // Whoever hears from its leader wants no other. An observer does not change its role when the
    // leader falls silent: the time decides. (It may be a voter, and not know of it yet.)
    const auto* follower = std::get_if<Follower>(&role_);
    return follower == nullptr || !follower->has_fetched || follower->leader_resigned ||
           step.now >= follower->fetch_deadline;
  }
  const bool may_vote = role() == QuorumRole::unattached || role() == QuorumRole::prospective;
  if (!may_vote || election_.leader != kNoNode) return false;
  return !election_.voted.has_value() || *election_.voted == r.replica;
}

void Quorum::grant(Step& step, const ReplicaKey& candidate) {
  if (election_.voted == candidate) return;
  WEIR_ASSERT(!election_.voted.has_value());
  election_.voted = candidate;
  is_saved_ = false;
  const Instant deadline = random_election_deadline(step);
  if (auto* unattached = std::get_if<Unattached>(&role_)) unattached->election_deadline = deadline;
  if (auto* prospective = std::get_if<Prospective>(&role_)) {
    prospective->election_deadline = deadline;
  }
}

// -- BeginQuorumEpoch, EndQuorumEpoch -------------------------------------------------------------

void Quorum::handle(Step& step, ReplyToken token, const BeginQuorumEpochRequest& r) {
  ErrorCode error = check_leader_claim(r.cluster_id, r.leader_id, r.leader_epoch);
  if (error == ErrorCode::none && !is_meant(r.voter)) error = ErrorCode::invalid_voter_key;
  if (error == ErrorCode::none) {
    learn(step, r.leader_id, r.leader_epoch, first_of(r.leader_endpoints));
    if (auto* follower = std::get_if<Follower>(&role_)) {
      follower->fetch_deadline =
          std::max(follower->fetch_deadline, step.now + config_.fetch_timeout);
    }
  }
  emit(step, Reply{token, answer<BeginQuorumEpochResponse>(error)});
}

void Quorum::handle(Step& step, ReplyToken token, const EndQuorumEpochRequest& r) {
  const ErrorCode error = check_leader_claim(r.cluster_id, r.leader_id, r.leader_epoch);
  if (error == ErrorCode::none) {
    learn(step, r.leader_id, r.leader_epoch, first_of(r.leader_endpoints));
    if (auto* follower = std::get_if<Follower>(&role_)) {
      follower->leader_resigned = true;
      const Instant turn = step.now + successor_backoff(r.preferred_candidates);
      follower->fetch_deadline = std::min(follower->fetch_deadline, turn);
    }
  }
  emit(step, Reply{token, answer<EndQuorumEpochResponse>(error)});
}

Duration Quorum::successor_backoff(const std::vector<ReplicaKey>& preferred) const {
  const auto at = std::ranges::find_if(preferred, [this](const ReplicaKey& candidate) {
    return candidate.id == config_.self.id && is_meant(candidate);
  });
  if (at == preferred.begin() && at != preferred.end()) return Duration{0};
  if (at == preferred.end()) return config_.election_backoff_max;
  Duration backoff = kSuccessorBackoff;
  for (auto before = preferred.begin() + 1; before != at; ++before) {
    backoff = std::min(backoff * 2, config_.election_backoff_max);
  }
  return std::min(backoff, config_.election_backoff_max);
}

// Somebody says who leads: may that be?
ErrorCode Quorum::check_leader_claim(const std::string& cluster_id, BrokerId leader,
                                     LeaderEpoch epoch) const {
  if (!is_my_cluster(cluster_id)) return ErrorCode::inconsistent_cluster_id;
  if (epoch < election_.epoch) return ErrorCode::fenced_leader_epoch;
  if (epoch > kMaxEpoch || leader < BrokerId{0} || leader == config_.self.id) {
    return ErrorCode::invalid_request;
  }
  const bool contradicts =
      epoch == election_.epoch && election_.leader != kNoNode && election_.leader != leader;
  return contradicts ? ErrorCode::invalid_request : ErrorCode::none;
}

// An empty id is nobody's, as Kafka takes it.
bool Quorum::is_my_cluster(const std::string& cluster_id) const {
  return cluster_id.empty() || cluster_id == config_.cluster_id;
}

// A voter that lost its disk is not the one that is asked for its vote.
bool Quorum::is_meant(const ReplicaKey& voter) const {
  if (voter.id == kNoNode) return true;
  if (voter.id != config_.self.id) return false;
  return voter.directory.is_zero() || voter.directory == config_.self.directory;
}

// -- what every answer teaches --------------------------------------------------------------------

// Takes over what is newer; true where nothing is: speaker and node are of one epoch, and the
// answer means what it says. Claims that contradict what is known are not believed.
bool Quorum::learn(Step& step, BrokerId leader, LeaderEpoch epoch,
                   const std::optional<Endpoint>& endpoint) {
  if (epoch < election_.epoch || epoch > kMaxEpoch) return false;
  const bool names_other = leader >= BrokerId{0} && leader != config_.self.id;
  bool is_news = true;
  if (epoch > election_.epoch && names_other) {
    become_follower(step, epoch, leader, "told of a later epoch and its leader");
  } else if (epoch > election_.epoch) {
    become_unattached(step, epoch, "told of a later epoch");
  } else if (names_other && election_.leader == kNoNode) {
    become_follower(step, epoch, leader, "told of the leader");
  } else {
    is_news = false;
  }
  if (names_other && election_.leader == leader && endpoint.has_value()) told_endpoint_ = endpoint;
  return !is_news;
}

}  // namespace weir::raft
