// ReplicaLeader's high watermark and ISR: who counts, who is proposed to join or to leave, and what
// the controller's verdict means (KIP-497, KIP-903, KIP-966).
#include <algorithm>

#include "broker/replica/replica_leader.h"

namespace weir {

std::int32_t ReplicaLeader::effective_min_isr() const {
  return std::min(config_.min_insync_replicas, static_cast<std::int32_t>(state_.replicas.size()));
}

std::vector<BrokerId> ReplicaLeader::maximal_isr() const {
  std::vector<BrokerId> isr = state_.isr;
  if (pending_) {
    for (const IsrMember& member : pending_->isr) {
      if (!contains(isr, member.id)) isr.push_back(member.id);
    }
  }
  std::ranges::sort(isr);
  return isr;
}

bool ReplicaLeader::in_maximal_isr(BrokerId id) const {
  if (contains(state_.isr, id)) return true;
  return pending_ && std::ranges::find(pending_->isr, id, &IsrMember::id) != pending_->isr.end();
}

Offset ReplicaLeader::own_position() const {
  return config_.only_flushed_counts ? std::min(flushed_end_, log_.log_end) : log_.log_end;
}

// The proposal comes first: a joining follower then holds the high watermark within its own reach.
void ReplicaLeader::reevaluate(LeaderEffects& effects, Instant now,
                               std::optional<BrokerId> fetching) {
  maybe_propose(effects, now, fetching);
  maybe_advance_watermark(effects, now);
  evaluated_at_ = now;
}

// Besides the maximal ISR those who are about to join it, else they would never catch up with a
// moving high watermark; but not those who cannot join (KAFKA-15021).
bool ReplicaLeader::counts(const FollowerProgress& f, Instant now) const {
  return in_maximal_isr(f.id) || (f.caught_up(log_.log_end, config_.lag_max, now) &&
                                  brokers_.may_join_isr(f.id, f.broker_epoch));
}

void ReplicaLeader::maybe_advance_watermark(LeaderEffects& effects, Instant now) {
  const bool under_min = static_cast<std::int32_t>(state_.isr.size()) < effective_min_isr();
  if (under_min) return;
  Offset next = own_position();
  for (const FollowerProgress& f : followers_) {
    if (f.log_end < next && counts(f, now)) next = f.log_end;
  }
  if (next <= high_watermark_) return;
  effects.watermark = WatermarkStep{high_watermark_, next};
  high_watermark_ = next;
}

bool ReplicaLeader::may_join(const FollowerProgress& f) const {
  return !contains(state_.isr, f.id) && contains(state_.replicas, f.id) &&
         f.log_end != kUnknownOffset && f.log_end >= high_watermark_ && f.log_end >= epoch_start_ &&
         brokers_.may_join_isr(f.id, f.broker_epoch);
}

// Joining goes before leaving, and one proposal does only one of the two. Only who fetches this
// moment may join: what is known of the others may be old, and one that was thrown out for lagging
// would come back at once without a word from it.
std::optional<std::vector<IsrMember>> ReplicaLeader::wanted_isr(
    Instant now, std::optional<BrokerId> fetching) const {
  const auto lags = [this, now](BrokerId id) {
    const FollowerProgress* f = follower(id);
    return f != nullptr && !f->caught_up(log_.log_end, config_.lag_max, now);
  };
  const FollowerProgress* joining = fetching ? follower(*fetching) : nullptr;
  const bool joins = joining != nullptr && may_join(*joining);
  const bool grows = joins || state_.recovering;
  // Almost always the ISR is as it should be: nothing is made for that.
  if (!grows && std::ranges::none_of(state_.isr, lags)) return std::nullopt;
  std::vector<IsrMember> wanted;
  for (const BrokerId id : state_.isr) {
    if (!grows && lags(id)) continue;
    const FollowerProgress* f = follower(id);
    wanted.push_back({id, f == nullptr ? kUnknownBrokerEpoch : f->broker_epoch});
  }
  if (joins) wanted.push_back({joining->id, joining->broker_epoch});
  return wanted;
}

void ReplicaLeader::maybe_propose(LeaderEffects& effects, Instant now,
                                  std::optional<BrokerId> fetching) {
  if (pending_ || now < no_proposal_before_) return;
  std::optional<std::vector<IsrMember>> wanted = wanted_isr(now, fetching);
  if (!wanted) return;
  // A leader needs nothing to recover after an unclean election: what it holds is the log.
  pending_ = IsrProposal{.partition = key_,
                         .number = ++proposals_,
                         .leader_epoch = state_.leader_epoch,
                         .partition_epoch = state_.partition_epoch,
                         .isr = *std::move(wanted),
                         .recovering = false};
  effects.propose = pending_;
}

// Who began another life while it was being let in would be refused for ever: no attempt of its
// former life can succeed any more. So the same ISR is proposed with its new life, once that has
// reached what joining takes. The members stay, so what the leader counts does too, whatever
// becomes of the attempts before.
void ReplicaLeader::renew_proposal(LeaderEffects& effects, const FollowerProgress& fetching) {
  if (!pending_) return;
  const auto member = std::ranges::find(pending_->isr, fetching.id, &IsrMember::id);
  const bool is_old = member != pending_->isr.end() && member->epoch < fetching.broker_epoch;
  if (!is_old || !may_join(fetching)) return;
  member->epoch = fetching.broker_epoch;
  pending_->number = ++proposals_;
  effects.propose = pending_;
}

LeaderEffects ReplicaLeader::on_isr_outcome(const IsrOutcome& outcome, Instant now) {
  LeaderEffects effects;
  if (!pending_ || outcome.number != pending_->number) return effects;
  const bool refused = outcome.error == ErrorCode::ineligible_replica ||
                       outcome.error == ErrorCode::operation_not_attempted ||
                       outcome.error == ErrorCode::invalid_request;
  const bool confirmed = outcome.error == ErrorCode::none && outcome.leader == config_.self &&
                         outcome.leader_epoch == state_.leader_epoch &&
                         outcome.partition_epoch >= state_.partition_epoch &&
                         contains(outcome.isr, config_.self);
  if (refused) {
    pending_.reset();
    no_proposal_before_ = now + config_.proposal_backoff;
  } else if (confirmed) {
    adopt(outcome, now);
  } else {
    // FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION, NEW_LEADER_ELECTED, UNKNOWN_TOPIC...: the
    // controller knows a newer state, perhaps with this very proposal in it. Newer metadata will
    // say; until then the proposed ISR counts too.
    return effects;
  }
  effects.reconsider = true;
  reevaluate(effects, now);
  return effects;
}

// Who has just been let in is given the whole lag time, else a busy leader would throw it out again
// before it was once caught up.
void ReplicaLeader::adopt(const IsrOutcome& outcome, Instant now) {
  for (FollowerProgress& f : followers_) {
    const bool joined = contains(outcome.isr, f.id) && !contains(state_.isr, f.id);
    if (joined) f.last_caught_up = std::max(f.last_caught_up, now);
  }
  state_.isr = outcome.isr;
  state_.partition_epoch = outcome.partition_epoch;
  state_.recovering = outcome.recovering;
  pending_.reset();
}

Instant ReplicaLeader::next_deadline() const {
  Instant next = Instant::never();
  const auto consider = [&](Instant at) {
    if (at > evaluated_at_) next = std::min(next, at);
  };
  if (!pending_) consider(no_proposal_before_);
  for (const FollowerProgress& f : followers_) {
    consider(f.lags_from(log_.log_end, config_.lag_max));
  }
  return next;
}

LeaderEffects ReplicaLeader::on_deadline(Instant now) {
  LeaderEffects effects;
  reevaluate(effects, now);
  return effects;
}

}  // namespace weir
