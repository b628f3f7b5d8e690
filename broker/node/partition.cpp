// The operations of a partition, counted so that no office ends and no log closes under one of
// them; and the effects of a leader's decisions.
#include "broker/node/partition.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir {
namespace {

// Beyond it neighbours are told apart no more: who waits for bytes then waits a little longer.
constexpr std::size_t kMaxUncommitted = 4096;

}  // namespace

Partition::Partition(Machine& machine, PartitionOptions options, const LiveBrokers& brokers,
                     PartitionOwner* owner, std::unique_ptr<PartitionLog> log)
    : machine_(machine),
      options_(std::move(options)),
      brokers_(brokers),
      owner_(owner),
      log_(std::move(log)),
      high_watermark_(
          std::clamp(options_.high_watermark, log_->log_start_offset(), log_->log_end_offset())) {}

const ReplicaLeader* Partition::leader() const {
  return role_ == Role::leader ? leader_.get() : nullptr;
}

ReplicaFollower* Partition::follower() {
  return role_ == Role::follower ? follower_.get() : nullptr;
}

Offset Partition::recovery_point() const {
  const Offset flushed = log_->flushed_offset();
  return cutting_at_ ? std::min(*cutting_at_, flushed) : flushed;
}

LogBounds Partition::bounds() const { return {log_->log_start_offset(), log_->log_end_offset()}; }

bool Partition::only_flushed_counts() const {
  constexpr std::int64_t kEveryBatch = 1;
  return log_->config().flush_messages == kEveryBatch;
}

void Partition::emit(FactKind kind, std::int64_t value, std::int64_t old, std::string_view record) {
  machine_.facts.emit({.kind = kind,
                       .partition = index(),
                       .epoch = state_.leader_epoch.value(),
                       .topic = topic(),
                       .old = old,
                       .value = value,
                       .record = record});
}

Task<Partition::Appended> Partition::append(Slice batch, std::int16_t produce_version) {
  WEIR_ASSERT(role_ == Role::leader);
  begin();
  Appended appended;
  appended.pending.epoch = leader_->leader_epoch();
  const std::size_t bytes = batch.size();
  AppendOutcome outcome = co_await log_->append(std::move(batch), AppendOrigin::client,
                                                appended.pending.epoch, produce_version);
  if (outcome.error == ErrorCode::none) {
    appended.pending.end = outcome.last_offset + 1;
    if (!outcome.duplicate) note_append(appended.pending.end, bytes);
    tell_log();
  }
  end();
  appended.outcome = std::move(outcome);
  co_return appended;
}

std::optional<ErrorCode> Partition::answer_of(const PendingAppend& pending) const {
  // What a renewed office commits is answered once the office is open, as its watermark is told.
  if (role_ == Role::renewing) return std::nullopt;
  if (role_ != Role::leader) return ErrorCode::not_leader_or_follower;
  return leader_->produce_answer(pending);
}

Task<ReadOutcome> Partition::read(Offset from, std::size_t max_bytes, Offset bound,
                                  bool at_least_one_batch) {
  WEIR_ASSERT(role_ == Role::leader);
  WEIR_ASSERT(bound <= leader_->log().log_end);
  begin();
  ReadOutcome outcome = co_await log_->read(from, max_bytes, bound, at_least_one_batch);
  end();
  co_return outcome;
}

void Partition::count_fetch(const FollowerFetch& fetch, const FetchVerdict& verdict) {
  if (role_ != Role::leader) return;
  const FollowerProgress* known = leader_->follower(fetch.replica);
  const Offset before = known == nullptr ? kUnknownOffset : known->log_end;
  const Offset start_before = known == nullptr ? kUnknownOffset : known->log_start;
  const LeaderEffects effects = leader_->count_fetch(fetch, verdict, machine_.clock.now());
  known = leader_->follower(fetch.replica);
  const bool moved = known != nullptr && known->log_end != before;
  const bool isr_may_change =
      effects.propose.has_value() || !contains(leader_->committed().isr, fetch.replica);
  if (owner_ != nullptr && moved && isr_may_change) {
    machine_.facts.emit({.kind = FactKind::follower_position,
                         .partition = index(),
                         .epoch = state_.leader_epoch.value(),
                         .sequence = fetch.replica.value(),
                         .topic = topic(),
                         .old = before.value(),
                         .value = known->log_end.value()});
  }
  // DeleteRecords waits for the followers' log starts.
  if (known != nullptr && known->log_start != start_before) wake();
  carry_out(effects);
}

Task<TimestampOffset> Partition::offset_for_timestamp(WallTime timestamp, Offset bound) {
  WEIR_ASSERT(role_ == Role::leader);
  begin();
  TimestampOffset found = co_await log_->offset_for_timestamp(timestamp, bound);
  end();
  co_return found;
}

Task<TimestampOffset> Partition::offset_of_max_timestamp(Offset bound) {
  WEIR_ASSERT(role_ == Role::leader);
  begin();
  TimestampOffset found = co_await log_->offset_of_max_timestamp(bound);
  end();
  co_return found;
}

Task<ErrorCode> Partition::delete_records(Offset before) {
  WEIR_ASSERT(role_ == Role::leader);
  begin();
  const ErrorCode error = co_await log_->advance_log_start(before);
  leader_->on_log_start(log_->log_start_offset());
  wake();
  end();
  co_return error;
}

Task<ErrorCode> Partition::maintain() {
  WEIR_ASSERT(!gone());
  ++caring_;
  const ErrorCode error = co_await log_->maintain(high_watermark_);
  if (leader_ != nullptr) leader_->on_log_start(log_->log_start_offset());
  if (follower_ != nullptr) follower_->on_log_start(log_->log_start_offset());
  tell_log();
  --caring_;
  end_of_operation();
  co_return error;
}

Task<CompactionOutcome> Partition::compact() {
  WEIR_ASSERT(!gone());
  ++caring_;
  CompactionOutcome outcome = co_await log_->compact(high_watermark_);
  --caring_;
  end_of_operation();
  co_return outcome;
}

void Partition::end() {
  --under_way_;
  end_of_operation();
}

void Partition::end_of_operation() {
  if (quiet_ != nullptr) quiet_->notify();
}

// What the log has become, for the leader.
void Partition::tell_log() {
  if (role_ != Role::leader && role_ != Role::renewing) return;
  const Instant now = machine_.clock.now();
  if (log_->log_end_offset() > leader_->log().log_end) {
    carry_out(leader_->on_append(log_->log_end_offset(), now));
  }
  if (!counts_flushed_) return;
  // Where syncs are not asked for any more, what is written counts.
  const Offset counted = only_flushed_counts() ? log_->flushed_offset() : log_->log_end_offset();
  carry_out(leader_->on_flush(counted, now));
}

void Partition::carry_out(const LeaderEffects& effects) {
  if (effects.watermark) advance_high_watermark(effects.watermark->after);
  if (effects.watermark || effects.reconsider) wake();
  if (owner_ == nullptr) return;
  if (effects.propose) {
    std::string isr = "isr=";
    std::int64_t joiners = 0;
    for (const IsrMember& member : effects.propose->isr) {
      joiners += std::ranges::find(state_.isr, member.id) == state_.isr.end();
      if (isr.back() != '=') isr += ',';
      isr += std::to_string(member.id.value());
    }
    emit(FactKind::isr_proposed, joiners, effects.propose->partition_epoch.value(), isr);
    owner_->propose(*effects.propose);
  }
  owner_->deadline_is(leader_->next_deadline());
}

void Partition::advance_high_watermark(Offset to) {
  if (to > high_watermark_) {
    emit(FactKind::hw_advanced, to.value(), high_watermark_.value());
    high_watermark_ = to;
  }
  while (!uncommitted_.empty() && uncommitted_.front().end <= high_watermark_) {
    committed_bytes_ = uncommitted_.front().bytes;
    uncommitted_.pop_front();
  }
}

void Partition::note_append(Offset end, std::uint64_t bytes) {
  appended_bytes_ += bytes;
  // Appends may be told in another order than that of the log.
  if (!uncommitted_.empty()) end = std::max(end, uncommitted_.back().end);
  if (uncommitted_.size() < kMaxUncommitted) {
    uncommitted_.push_back({end, appended_bytes_});
  } else {
    uncommitted_.back() = {end, appended_bytes_};
  }
  wake(true);
  // An append that was told before may have brought the high watermark beyond this one.
  if (uncommitted_.front().end > high_watermark_) return;
  advance_high_watermark(high_watermark_);
  wake();
}

void Partition::wake(bool appends_only) {
  for (const Waiter& waiter : waiters_) {
    if (waiter.appends || !appends_only) waiter.alarm->notify();
  }
}

void Partition::remove_waiter(Alarm& alarm) {
  std::erase_if(waiters_, [&alarm](const Waiter& waiter) { return waiter.alarm == &alarm; });
}

}  // namespace weir
