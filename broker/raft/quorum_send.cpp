// The requests that the quorum sends to others, each to whom it is due and ready.
#include <algorithm>

#include "broker/raft/quorum.h"

namespace weir::raft {

// Whether a request may go to this node now; if not, the step looks again when it may.
bool Quorum::is_ready(Step& step, BrokerId to) const {
  const Instant ready = requests_.ready_at(to);
  if (ready <= step.now) return true;
  step.deadline = std::min(step.deadline, ready);
  return false;
}

void Quorum::send_votes(Step& step, const VoteTally& tally, bool pre_vote) {
  for (const ReplicaKey& voter : tally.unanswered()) {
    if (!is_ready(step, voter.id)) continue;
    VoteRequest request;
    request.cluster_id = config_.cluster_id;
    request.voter = voter;
    request.replica_epoch = election_.epoch;
    request.replica = config_.self;
    request.last_offset_epoch = step.log.last_epoch;
    request.last_offset = step.log.end;
    request.pre_vote = pre_vote;
    send(step, voter.id, std::move(request));
  }
}

// Followers that fetch know of the epoch; the others are told, and reminded.
void Quorum::send_begin_epoch(Step& step, LeaderState& leader) {
  for (const Voter& voter : voters().voters()) {
    if (voter.key.id == config_.self.id && is_voter()) continue;
    Instant due;
    if (const ReplicaProgress* progress = leader.progress(voter.key)) {
      due = progress->begin_due;
      if (progress->has_fetched) {
        due = std::max(due, progress->last_fetch + begin_epoch_interval());
      }
    }
    if (due > step.now) {
      step.deadline = std::min(step.deadline, due);
    } else if (is_ready(step, voter.key.id)) {
      send(step, voter.key.id,
           BeginQuorumEpochRequest{config_.cluster_id, voter.key, config_.self.id, election_.epoch,
                                   config_.endpoints});
    }
  }
}

Duration Quorum::begin_epoch_interval() const { return config_.fetch_timeout / 2; }

void Quorum::send_end_epoch(Step& step, const Resigned& resigned) {
  for (const ReplicaKey& voter : resigned.to_tell) {
    if (!is_ready(step, voter.id)) continue;
    send(step, voter.id,
         EndQuorumEpochRequest{config_.cluster_id, config_.self.id, election_.epoch,
                               resigned.preferred, config_.endpoints});
  }
}

void Quorum::send(Step& step, BrokerId to, Request request) {
  const Instant deadline = step.now + config_.request_timeout;
  const RequestId id = requests_.sent(to, deadline);
  step.deadline = std::min(step.deadline, deadline);
  emit(step, Send{id, to, endpoint_of(to), std::move(request)});
}

std::optional<Endpoint> Quorum::endpoint_of(BrokerId node) const {
  const Voter* voter = voters().find(node);
  if (voter != nullptr && !voter->endpoints.empty()) return voter->endpoints.front();
  return node == election_.leader ? told_endpoint_ : std::nullopt;
}

std::optional<Endpoint> Quorum::leader_endpoint() const {
  if (election_.leader == kNoNode) return std::nullopt;
  if (election_.leader != config_.self.id) return endpoint_of(election_.leader);
  if (config_.endpoints.empty()) return std::nullopt;
  return config_.endpoints.front();
}

}  // namespace weir::raft
