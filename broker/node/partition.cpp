// The operations of a partition, counted so that it is never closed under one of them.
#include "broker/node/partition.h"

#include "broker/base/assertion.h"

namespace weir {

Partition::Partition(Machine& machine, std::string topic, std::int32_t index,
                     LeaderEpoch leader_epoch, std::unique_ptr<PartitionLog> log)
    : machine_(machine),
      topic_(std::move(topic)),
      index_(index),
      leader_epoch_(leader_epoch),
      log_(std::move(log)) {}

Task<ErrorCode> Partition::lead() {
  high_watermark_ = log_->log_start_offset();
  ErrorCode error = ErrorCode::none;
  if (log_->latest_epoch() < leader_epoch_) {
    error = co_await log_->assign_epoch(leader_epoch_);
  }
  if (error == ErrorCode::none) advance_high_watermark();
  co_return error;
}

Task<AppendOutcome> Partition::append(Slice batch, std::int16_t produce_version) {
  WEIR_ASSERT(!gone_);
  begin();
  const std::size_t bytes = batch.size();
  AppendOutcome outcome =
      co_await log_->append(std::move(batch), AppendOrigin::client, leader_epoch_, produce_version);
  if (outcome.error == ErrorCode::none) {
    if (!outcome.duplicate) appended_bytes_ += bytes;
    advance_high_watermark();
  }
  end();
  co_return outcome;
}

Task<ReadOutcome> Partition::read(Offset from, std::size_t max_bytes, Offset bound,
                                  bool at_least_one_batch) {
  WEIR_ASSERT(!gone_);
  begin();
  WEIR_ASSERT(bound <= high_watermark_);
  ReadOutcome outcome = co_await log_->read(from, max_bytes, bound, at_least_one_batch);
  end();
  co_return outcome;
}

Task<TimestampOffset> Partition::offset_for_timestamp(WallTime timestamp) {
  WEIR_ASSERT(!gone_);
  begin();
  TimestampOffset found = co_await log_->offset_for_timestamp(timestamp, high_watermark_);
  end();
  co_return found;
}

Task<TimestampOffset> Partition::offset_of_max_timestamp() {
  WEIR_ASSERT(!gone_);
  begin();
  TimestampOffset found = co_await log_->offset_of_max_timestamp(high_watermark_);
  end();
  co_return found;
}

Task<ErrorCode> Partition::maintain() {
  WEIR_ASSERT(!gone_);
  begin();
  const ErrorCode error = co_await log_->maintain(high_watermark_);
  end();
  co_return error;
}

Task<ErrorCode> Partition::close() {
  co_await retire();
  const ErrorCode error = co_await log_->close();
  co_return error;
}

void Partition::end() {
  --under_way_;
  if (quiet_ != nullptr) quiet_->notify();
}

Task<> Partition::retire() {
  gone_ = true;
  wake();
  quiet_ = machine_.timers.alarm();
  while (under_way_ > 0) {
    co_await quiet_->wait_until(Instant::never());
  }
}

void Partition::advance_high_watermark() {
  constexpr std::int64_t kEveryBatch = 1;
  const bool synced_first = log_->config().flush_messages == kEveryBatch;
  const Offset committed = synced_first ? log_->flushed_offset() : log_->log_end_offset();
  if (committed <= high_watermark_) return;
  machine_.facts.emit({.kind = FactKind::hw_advanced,
                       .partition = index_,
                       .epoch = leader_epoch_.value(),
                       .topic = topic_,
                       .old = high_watermark_.value(),
                       .value = committed.value()});
  high_watermark_ = committed;
  wake();
}

void Partition::wake() {
  for (Alarm* alarm : waiters_) alarm->notify();
}

}  // namespace weir
