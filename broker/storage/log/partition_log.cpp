// Opening, accessors, and the locks around everything that changes the log.
#include "broker/storage/log/partition_log.h"

#include <utility>

#include "broker/storage/log/disk_files.h"

namespace weir {

PartitionLog::PartitionLog(Machine& machine, LogOptions options)
    : machine_(machine),
      options_(std::move(options)),
      write_lock_(machine.timers),
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

std::string PartitionLog::path(std::string_view name) const {
  return path_in(options_.directory, name);
}

Fact PartitionLog::fact(FactKind kind) const {
  return {.kind = kind, .partition = options_.partition, .topic = options_.topic};
}

Task<AppendOutcome> PartitionLog::append(Slice batch, AppendOrigin origin, LeaderEpoch epoch,
                                         std::int16_t produce_version) {
  co_await write_lock_.lock();
  AppendOutcome outcome;
  if (!usable()) {
    outcome.error = ErrorCode::kafka_storage_error;
  } else if (origin == AppendOrigin::client) {
    outcome = co_await append_client(std::move(batch), epoch, produce_version);
  } else {
    outcome = co_await append_replica(std::move(batch));
  }
  write_lock_.unlock();
  if (outcome.error == ErrorCode::none && wants_flush()) {
    // Outside of the lock, and after those who wait for it now: one sync serves them all.
    if (write_lock_.contended()) {
      co_await write_lock_.lock();
      write_lock_.unlock();
    }
    outcome.error = co_await sync_up_to(outcome.last_offset + 1);
  }
  outcome.log_start_offset = log_start_;
  co_return outcome;
}

Task<ErrorCode> PartitionLog::assign_epoch(LeaderEpoch epoch) {
  co_await write_lock_.lock();
  ErrorCode code = usable() ? ErrorCode::none : ErrorCode::kafka_storage_error;
  if (code == ErrorCode::none && epochs_.assign(epoch, log_end_)) {
    epochs_changed_ = true;
    Result<void> done = co_await save_epochs();
    if (!done) code = fail("the leader epoch could not be stored", done.error());
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
  }
  write_lock_.unlock();
  if (code == ErrorCode::none && wants_flush()) {
    code = co_await sync_up_to(log_end_);
  }
  co_return code;
}

Task<ErrorCode> PartitionLog::close() {
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
  co_return code;
}

Task<ErrorCode> PartitionLog::remove() {
  co_await write_lock_.lock();
  if (usable()) failure_ = options_.directory + ": the log is deleted";
  const Result<void> removed = co_await remove_all();
  write_lock_.unlock();
  co_return removed ? ErrorCode::none : ErrorCode::kafka_storage_error;
}

}  // namespace weir
