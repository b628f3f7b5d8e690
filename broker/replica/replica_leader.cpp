// Taking office, the judgement of fetches, and what waiting requests are told. The high watermark
// and the ISR are in leader_isr.cpp.
#include "broker/replica/replica_leader.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir {

ReplicaLeader::ReplicaLeader(PartitionKey key, LeaderConfig config, const LiveBrokers& brokers,
                             const PartitionState& state, const LogBounds& log,
                             Offset high_watermark, Instant now)
    : key_(key),
      config_(config),
      brokers_(brokers),
      state_(state),
      log_(log),
      high_watermark_(std::clamp(high_watermark, log.log_start, log.log_end)),
      epoch_start_(log.log_end),
      in_office_since_(state.leader_epoch) {
  WEIR_ASSERT(state.leader == config.self);
  flushed_end_ = high_watermark_;
  settle_followers(true, now);
}

LeaderEffects ReplicaLeader::take_office(Instant now) {
  LeaderEffects effects;
  effects.assign_epoch = EpochStart{state_.leader_epoch, epoch_start_};
  reevaluate(effects, now);
  return effects;
}

LeaderEffects ReplicaLeader::update(const PartitionState& state, Instant now) {
  LeaderEffects effects;
  if (state.partition_epoch <= state_.partition_epoch) return effects;
  WEIR_ASSERT(state.leader == config_.self);
  WEIR_ASSERT(state.leader_epoch >= state_.leader_epoch);
  const bool new_epoch = state.leader_epoch != state_.leader_epoch;
  state_ = state;
  // The controller has moved on from what any attempt of the pending proposal expects, so it either
  // is part of this state or never will be.
  pending_.reset();
  settle_followers(new_epoch, now);
  if (new_epoch) {
    epoch_start_ = log_.log_end;
    effects.assign_epoch = EpochStart{state_.leader_epoch, epoch_start_};
  }
  effects.reconsider = true;
  reevaluate(effects, now);
  return effects;
}

// Keeps only what may still be believed: of members of the ISR within one leader epoch.
void ReplicaLeader::settle_followers(bool new_epoch, Instant now) {
  std::vector<BrokerId> ids = state_.replicas;
  ids.insert(ids.end(), state_.isr.begin(), state_.isr.end());
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  std::vector<FollowerProgress> settled;
  for (const BrokerId id : ids) {
    if (id == config_.self) continue;
    const bool in_sync = contains(state_.isr, id);
    const FollowerProgress* known = new_epoch ? nullptr : follower(id);
    FollowerProgress progress{.id = id};
    if (known != nullptr && in_sync) {
      progress = *known;
    } else {
      progress.reset(in_sync, now);
    }
    settled.push_back(progress);
  }
  followers_ = std::move(settled);
}

LeaderEffects ReplicaLeader::on_brokers_changed(Instant now) {
  LeaderEffects effects;
  reevaluate(effects, now);
  return effects;
}

LeaderEffects ReplicaLeader::on_min_insync_changed(std::int32_t min_insync_replicas, Instant now) {
  LeaderEffects effects;
  config_.min_insync_replicas = min_insync_replicas;
  effects.reconsider = true;
  reevaluate(effects, now);
  return effects;
}

LeaderEffects ReplicaLeader::on_append(Offset log_end, Instant now) {
  WEIR_ASSERT(log_end >= log_.log_end);
  LeaderEffects effects;
  log_.log_end = log_end;
  reevaluate(effects, now);
  return effects;
}

LeaderEffects ReplicaLeader::on_flush(Offset flushed_end, Instant now) {
  LeaderEffects effects;
  flushed_end_ = std::max(flushed_end_, flushed_end);
  reevaluate(effects, now);
  return effects;
}

void ReplicaLeader::on_log_start(Offset log_start) {
  log_.log_start = std::max(log_.log_start, log_start);
  high_watermark_ = std::max(high_watermark_, log_.log_start);
}

namespace {

ErrorCode judge_epoch(LeaderEpoch known, LeaderEpoch mine) {
  if (known == mine) return ErrorCode::none;
  return known < mine ? ErrorCode::fenced_leader_epoch : ErrorCode::unknown_leader_epoch;
}

}  // namespace

// A replica must say which epoch it believes in: none is older than any (KIP-320, second design).
ErrorCode ReplicaLeader::judge_follower(const FollowerFetch& fetch) const {
  const ErrorCode epoch = judge_epoch(fetch.leader_epoch, state_.leader_epoch);
  if (epoch != ErrorCode::none) return epoch;
  const FollowerProgress* known = follower(fetch.replica);
  // The assignment that names it may not have arrived here yet.
  if (known == nullptr) return ErrorCode::unknown_leader_epoch;
  const BrokerStanding* standing = brokers_.find(fetch.replica);
  const bool stale = fetch.broker_epoch < known->broker_epoch ||
                     (standing != nullptr && fetch.broker_epoch < standing->epoch);
  return stale ? ErrorCode::not_leader_or_follower : ErrorCode::none;
}

FetchVerdict ReplicaLeader::verdict_of(ErrorCode error) const {
  FetchVerdict verdict;
  verdict.error = error;
  verdict.leader_epoch = state_.leader_epoch;
  verdict.leader_end = log_.log_end;
  return verdict;
}

// Below the log start: out of range, whatever the epochs say (KAFKA-12996). An epoch that parted
// from this log comes before an offset beyond its end, so that the follower learns where to cut.
FetchVerdict ReplicaLeader::judge_position(Offset offset, LeaderEpoch last_fetched_epoch,
                                           const EpochCache& cache) const {
  FetchVerdict verdict = verdict_of(ErrorCode::none);
  if (offset < log_.log_start) {
    verdict.error = ErrorCode::offset_out_of_range;
    return verdict;
  }
  if (last_fetched_epoch != kNoLeaderEpoch) {
    const EpochEnd end = cache.end_of(last_fetched_epoch, log_.log_end);
    if (end.epoch == kNoLeaderEpoch) {
      verdict.error = ErrorCode::offset_out_of_range;
      return verdict;
    }
    if (end.epoch < last_fetched_epoch || end.end_offset < offset) verdict.diverging = end;
  }
  if (!verdict.diverging && offset > log_.log_end) verdict.error = ErrorCode::offset_out_of_range;
  return verdict;
}

FetchVerdict ReplicaLeader::judge_fetch(const FollowerFetch& fetch, const EpochCache& cache) const {
  const ErrorCode error = judge_follower(fetch);
  if (error == ErrorCode::none) {
    return judge_position(fetch.fetch_offset, fetch.last_fetched_epoch, cache);
  }
  return verdict_of(error);
}

FetchVerdict ReplicaLeader::judge_read(LeaderEpoch known, Offset offset,
                                       LeaderEpoch last_fetched_epoch,
                                       const EpochCache& cache) const {
  const ErrorCode error =
      known == kNoLeaderEpoch ? ErrorCode::none : judge_epoch(known, state_.leader_epoch);
  if (error == ErrorCode::none) return judge_position(offset, last_fetched_epoch, cache);
  return verdict_of(error);
}

LeaderEffects ReplicaLeader::count_fetch(const FollowerFetch& fetch, const FetchVerdict& verdict,
                                         Instant now) {
  WEIR_ASSERT(verdict.may_read());
  LeaderEffects effects;
  const bool same_office =
      verdict.leader_epoch == state_.leader_epoch && judge_follower(fetch) == ErrorCode::none;
  if (!same_office) return effects;
  FollowerProgress& follower = *find(fetch.replica);
  follower.fetched(fetch.log_start, fetch.fetch_offset, verdict.leader_end, fetch.broker_epoch,
                   now);
  renew_proposal(effects, follower);
  reevaluate(effects, now, fetch.replica);
  return effects;
}

ErrorCode ReplicaLeader::admit_append(std::int16_t acks) const {
  const auto in_sync = static_cast<std::int32_t>(state_.isr.size());
  const bool too_few = acks == -1 && in_sync < effective_min_isr();
  return too_few ? ErrorCode::not_enough_replicas : ErrorCode::none;
}

std::optional<ErrorCode> ReplicaLeader::produce_answer(const PendingAppend& append) const {
  if (append.epoch < in_office_since_ || append.epoch > state_.leader_epoch) {
    return ErrorCode::not_leader_or_follower;
  }
  if (high_watermark_ < append.end) return std::nullopt;
  const auto in_sync = static_cast<std::int32_t>(maximal_isr().size());
  if (in_sync < effective_min_isr()) return ErrorCode::not_enough_replicas_after_append;
  return ErrorCode::none;
}

LatestOffset ReplicaLeader::latest_offset() const {
  if (high_watermark_ < epoch_start_) return {.error = ErrorCode::offset_not_available};
  return {.offset = high_watermark_};
}

const FollowerProgress* ReplicaLeader::follower(BrokerId id) const {
  const auto at = std::ranges::lower_bound(followers_, id, {}, &FollowerProgress::id);
  return at != followers_.end() && at->id == id ? &*at : nullptr;
}

FollowerProgress* ReplicaLeader::find(BrokerId id) {
  const auto at = std::ranges::lower_bound(followers_, id, {}, &FollowerProgress::id);
  return at != followers_.end() && at->id == id ? &*at : nullptr;
}

}  // namespace weir
