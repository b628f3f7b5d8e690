// Taking, renewing and leaving office.
//
// What a new office begins with is taken from the log only when the operations of the old one have
// ended; what it assigns is durable before it serves anybody (KAFKA-7415).
#include <algorithm>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/node/partition.h"

namespace weir {

// Nothing new begins; what is under way ends.
Task<> Partition::be_quiet(Role next) {
  role_ = next;
  ++office_;
  wake();
  if (quiet_ == nullptr) quiet_ = machine_.timers.alarm();
  while (under_way_ > 0) {
    co_await quiet_->wait_until(Instant::never());
  }
}

Task<ErrorCode> Partition::lead(PartitionState state) {
  ErrorCode error = ErrorCode::none;
  if (role_ == Role::leader) {
    error = co_await renew_office(std::move(state));
  } else {
    error = co_await take_office(std::move(state));
  }
  co_return error;
}

Task<ErrorCode> Partition::take_office(PartitionState state) {
  co_await be_quiet(Role::none);
  forget_roles();
  state_ = std::move(state);
  if (log_->latest_epoch() > state_.leader_epoch) co_return ErrorCode::fenced_leader_epoch;
  counts_flushed_ = only_flushed_counts();
  const LeaderConfig config{
      .self = options_.self,
      .min_insync_replicas = static_cast<std::int32_t>(options_.settings.min_insync_replicas),
      .lag_max = options_.lag_max,
      .only_flushed_counts = counts_flushed_};
  const Instant now = machine_.clock.now();
  leader_ = std::make_unique<ReplicaLeader>(options_.key, config, brokers_, state_, bounds(),
                                            high_watermark_, now);
  high_watermark_ = std::clamp(high_watermark_, leader_->log().log_start, leader_->log().log_end);
  role_ = Role::renewing;
  LeaderEffects effects = leader_->take_office(now);
  const ErrorCode error = co_await open_office(std::move(effects));
  co_return error;
}

Task<ErrorCode> Partition::renew_office(PartitionState state) {
  co_await be_quiet(Role::renewing);
  tell_log();  // where the log ends now, the new epoch begins
  state_ = std::move(state);
  LeaderEffects effects = leader_->update(state_, machine_.clock.now());
  const ErrorCode error = co_await open_office(std::move(effects));
  co_return error;
}

Task<ErrorCode> Partition::open_office(LeaderEffects effects) {
  if (effects.assign_epoch && log_->latest_epoch() < effects.assign_epoch->epoch) {
    const ErrorCode error = co_await log_->assign_epoch(effects.assign_epoch->epoch);
    if (error != ErrorCode::none) {
      role_ = Role::none;
      forget_roles();
      wake();
      co_return error;
    }
  }
  role_ = Role::leader;
  if (owner_ != nullptr) emit(FactKind::replica_leads, leader_->epoch_start().value());
  carry_out(effects);
  tell_log();
  wake();
  co_return ErrorCode::none;
}

Task<ErrorCode> Partition::follow(PartitionState state) {
  co_await be_quiet(Role::none);
  forget_roles();
  state_ = std::move(state);
  if (log_->damage()) {
    const std::string why = "damaged: " + log_->damage()->what;
    const Offset from = std::max(log_->damage()->from, log_->log_start_offset());
    const ErrorCode error = co_await cut(from, false, why);
    if (error != ErrorCode::none) co_return error;
    high_watermark_ = std::min(high_watermark_, log_->log_end_offset());
  }
  follower_ = std::make_unique<ReplicaFollower>(FollowerConfig{options_.fetch_backoff}, state_,
                                                bounds(), high_watermark_, log_->epoch_cache());
  high_watermark_ = follower_->high_watermark();
  role_ = Role::follower;
  emit(FactKind::replica_follows, state_.leader.value());
  co_return ErrorCode::none;
}

void Partition::forget_roles() {
  if (follower_ != nullptr) high_watermark_ = follower_->high_watermark();
  follower_.reset();
  leader_.reset();
  uncommitted_.clear();
  committed_bytes_ = appended_bytes_;
}

void Partition::update(const PartitionState& state) {
  const bool new_epoch = state.leader_epoch != state_.leader_epoch;
  state_ = state;
  if (role_ == Role::leader) {
    WEIR_ASSERT(!new_epoch);
    carry_out(leader_->update(state_, machine_.clock.now()));
  } else if (role_ == Role::follower) {
    follower_->update(state_);
    if (new_epoch) emit(FactKind::replica_follows, state_.leader.value());
  }
}

void Partition::configure(const TopicSettings& settings) {
  const bool other_minimum = settings.min_insync_replicas != options_.settings.min_insync_replicas;
  options_.settings = settings;
  log_->set_config(settings.log);
  if (role_ != Role::leader) return;
  if (other_minimum) {
    const auto minimum = static_cast<std::int32_t>(settings.min_insync_replicas);
    carry_out(leader_->on_min_insync_changed(minimum, machine_.clock.now()));
  }
  tell_log();
}

void Partition::on_brokers_changed() {
  if (role_ == Role::leader) carry_out(leader_->on_brokers_changed(machine_.clock.now()));
}

void Partition::on_isr_outcome(const IsrOutcome& outcome) {
  if (role_ != Role::leader) return;
  carry_out(leader_->on_isr_outcome(outcome, machine_.clock.now()));
}

void Partition::on_deadline() {
  if (role_ == Role::leader) carry_out(leader_->on_deadline(machine_.clock.now()));
}

Instant Partition::next_deadline() const {
  return role_ == Role::leader ? leader_->next_deadline() : Instant::never();
}

Task<> Partition::retire() {
  log_->stop_cleaning();
  co_await be_quiet(Role::gone);
  while (caring_ > 0) {
    co_await quiet_->wait_until(Instant::never());
  }
  forget_roles();
}

Task<ErrorCode> Partition::close() {
  co_await retire();
  const ErrorCode error = co_await log_->close();
  co_return error;
}

}  // namespace weir
