// Opening, accessors, and the locks around everything that changes the log.
#include "broker/storage/log/partition_log.h"

#include <utility>

#include "broker/storage/log/disk_files.h"

namespace weir {

PartitionLog::PartitionLog(Machine& machine, LogOptions options)
    : machine_(machine),
      options_(std::move(options)),
      write_lock_(machine.timers),
      clean_lock_(machine.timers),
      sync_lock_(machine.timers),
      last_flush_(machine.clock.now()) {}

Task<Result<std::unique_ptr<PartitionLog>>> PartitionLog::open(Machine& machine,
                                                               LogOptions options) {
  std::unique_ptr<PartitionLog> log(new PartitionLog(machine, std::move(options)));
  const Result<void> recovered = co_await log->recover();
  if (!recovered) co_return recovered.error();
  co_return log;
}

Offset PartitionLog::log_start_offset() const { return log_start_; }
Offset PartitionLog::log_end_offset() const { return log_end_; }
Offset PartitionLog::flushed_offset() const { return flushed_; }
LeaderEpoch PartitionLog::latest_epoch() const { return epochs_.latest(); }
EpochEnd PartitionLog::end_offset_for_epoch(LeaderEpoch epoch) const {
  return epochs_.end_of(epoch, log_end_);
}
LeaderEpoch PartitionLog::epoch_at(Offset offset) const {
  return offset < log_end_ ? epochs_.epoch_at(offset) : kNoLeaderEpoch;
}
const LogConfig& PartitionLog::config() const { return options_.config; }
void PartitionLog::set_config(const LogConfig& config) { options_.config = config; }
bool PartitionLog::failed() const { return !usable(); }
const std::string& PartitionLog::failure() const { return failure_; }

std::uint64_t PartitionLog::size_in_bytes() const {
  std::uint64_t size = 0;
  for (const Segment& segment : segments_) size += segment->size;
  return size;
}

ErrorCode PartitionLog::fail(std::string_view what, const boost::system::error_code& error) {
  if (usable()) failure_ = options_.directory + ": " + std::string(what) + ": " + error.message();
  return ErrorCode::kafka_storage_error;
}

ErrorCode PartitionLog::fail_unless_full(std::string_view what,
                                         const boost::system::error_code& error) {
  return error == Errc::no_space ? ErrorCode::kafka_storage_error : fail(what, error);
}

std::vector<SegmentSummary> PartitionLog::summaries() const {
  std::vector<SegmentSummary> all;
  for (const Segment& segment : segments_) {
    all.push_back({.base = segment->base,
                   .end = segment->end,
                   .size = segment->size,
                   .max_timestamp = segment->index.max_timestamp(),
                   .first_timestamp = segment->first_timestamp});
  }
  return all;
}

std::string PartitionLog::path(std::string_view name) const {
  return path_in(options_.directory, name);
}

Fact PartitionLog::fact(FactKind kind) const {
  return {.kind = kind, .partition = options_.partition, .topic = options_.topic};
}

Task<AppendOutcome> PartitionLog::append(Slice batch, AppendOrigin origin, LeaderEpoch epoch,
                                         std::int16_t produce_version) {
  if (!write_lock_.try_lock()) co_await write_lock_.lock();
  AppendOutcome outcome;
  if (!usable()) {
    outcome.error = ErrorCode::kafka_storage_error;
  } else if (origin == AppendOrigin::client) {
    outcome = co_await append_client(std::move(batch), epoch, produce_version);
  } else if (origin == AppendOrigin::replication) {
    outcome = co_await append_replica(std::move(batch));
  } else {
    outcome = co_await append_prepared_locked(std::move(batch), origin, epoch, std::nullopt);
  }
  write_lock_.unlock();
  if (outcome.error == ErrorCode::none && wants_flush()) {
    outcome.error = co_await flush_appended(outcome.last_offset + 1);
  }
  outcome.log_start_offset = log_start_;
  co_return outcome;
}

Task<AppendOutcome> PartitionLog::append_prepared(Slice batches, AppendOrigin origin,
                                                  LeaderEpoch epoch,
                                                  std::optional<Offset> expected) {
  co_await write_lock_.lock();
  AppendOutcome outcome;
  outcome.error = ErrorCode::kafka_storage_error;
  if (usable()) {
    outcome = co_await append_prepared_locked(std::move(batches), origin, epoch, expected);
  }
  write_lock_.unlock();
  if (outcome.error == ErrorCode::none && wants_flush()) {
    outcome.error = co_await flush_appended(outcome.last_offset + 1);
  }
  outcome.log_start_offset = log_start_;
  co_return outcome;
}

// After the append, outside of the lock: the sync that the configuration asks for.
Task<ErrorCode> PartitionLog::flush_appended(Offset end) {
  // After those who wait for the lock now: one sync serves them all.
  if (write_lock_.contended()) {
    co_await write_lock_.lock();
    write_lock_.unlock();
  }
  const ErrorCode code = co_await sync_up_to(end);
  co_return code;
}

Task<ErrorCode> PartitionLog::assign_epoch(LeaderEpoch epoch) {
  co_await write_lock_.lock();
  ErrorCode code = usable() ? ErrorCode::none : ErrorCode::kafka_storage_error;
  EpochCache before = epochs_;
  if (code == ErrorCode::none && epochs_.assign(epoch, log_end_)) {
    epochs_changed_ = true;
    Result<void> done = co_await save_epochs();
    if (!done) code = fail_unless_full("the leader epoch could not be stored", done.error());
    if (!done) epochs_ = std::move(before);
  }
  write_lock_.unlock();
  co_return code;
}

Task<ErrorCode> PartitionLog::flush() {
  const ErrorCode code = co_await sync_up_to(log_end_);
  co_return code;
}

Task<ErrorCode> PartitionLog::truncate_to(Offset offset, std::string why) {
  co_await write_lock_.lock();
  ErrorCode code = ErrorCode::kafka_storage_error;
  if (usable()) {
    code = co_await truncate_locked(offset, std::move(why));
  }
  write_lock_.unlock();
  co_return code;
}

Task<ErrorCode> PartitionLog::truncate_fully_and_start_at(Offset start, std::string why) {
  if (start < Offset{0}) co_return ErrorCode::offset_out_of_range;
  co_await write_lock_.lock();
  ErrorCode code = ErrorCode::kafka_storage_error;
  if (usable()) {
    code = co_await restart_locked(start, start, std::move(why));
  }
  write_lock_.unlock();
  co_return code;
}

Task<ErrorCode> PartitionLog::reset_epochs(std::vector<EpochStart> epochs) {
  co_await write_lock_.lock();
  ErrorCode code = ErrorCode::kafka_storage_error;
  if (usable()) {
    code = co_await reset_epochs_locked(std::move(epochs));
  }
  write_lock_.unlock();
  co_return code;
}

Task<ErrorCode> PartitionLog::advance_log_start(Offset offset) {
  co_await write_lock_.lock();
  ErrorCode code = ErrorCode::kafka_storage_error;
  if (usable()) {
    code = co_await advance_locked(offset);
  }
  write_lock_.unlock();
  co_return code;
}

Task<ErrorCode> PartitionLog::maintain(Offset high_watermark) {
  co_await write_lock_.lock();
  ErrorCode code = ErrorCode::kafka_storage_error;
  if (usable()) {
    producers_.expire(machine_.clock.wall(), options_.config.producer_id_expiration_ms);
    code = co_await retain(high_watermark);
    co_await purge_deletions();
  }
  write_lock_.unlock();
  if (code == ErrorCode::none && wants_flush()) {
    code = co_await sync_up_to(log_end_);
  }
  co_return code;
}

Task<ErrorCode> PartitionLog::close() {
  stop_cleaning();
  co_await clean_lock_.lock();
  co_await write_lock_.lock();
  ErrorCode code = ErrorCode::kafka_storage_error;
  if (usable()) {
    co_await sync_lock_.lock();
    code = co_await sync_active();
    sync_lock_.unlock();
  }
  if (code == ErrorCode::none) {
    const Result<void> closed = co_await close_locked();
    if (!closed) code = fail("the log could not be closed in order", closed.error());
  }
  if (usable()) failure_ = options_.directory + ": the log is closed";
  write_lock_.unlock();
  clean_lock_.unlock();
  co_return code;
}

Task<ErrorCode> PartitionLog::remove() {
  stop_cleaning();
  co_await clean_lock_.lock();
  co_await write_lock_.lock();
  if (usable()) failure_ = options_.directory + ": the log is deleted";
  const Result<void> removed = co_await remove_all();
  write_lock_.unlock();
  clean_lock_.unlock();
  co_return removed ? ErrorCode::none : ErrorCode::kafka_storage_error;
}

}  // namespace weir
