// Appending: check, decide, write, and only then believe it.
//
// All of this runs under the write lock. Nothing of the log's state changes before the bytes are
// written; then log end, indexes, epochs and producer state change in one go, without a wait in
// between (KAFKA-6683, KAFKA-7866).
#include <algorithm>
#include <span>
#include <utility>

#include "broker/storage/batch_digest.h"
#include "broker/storage/log/partition_log.h"
#include "broker/wire/produce_check.h"

namespace weir {
namespace {

ProduceLimits limits_of(const LogConfig& config) {
  return {.max_batch_bytes = config.max_message_bytes,
          .timestamp_before_max_ms = config.timestamp_before_max_ms,
          .timestamp_after_max_ms = config.timestamp_after_max_ms,
          .log_append_time = config.timestamp_type == TimestampType::log_append_time,
          .keys_required = config.cleanup_policy.compact};
}

// For the facts about a batch that may be no batch at all.
BatchHeader header_if_any(const Slice& bytes) {
  return bytes.size() < kBatchHeaderBytes ? BatchHeader{} : read_batch_header(bytes);
}

void add_producer(Fact& fact, const BatchHeader& header) {
  fact.producer = header.producer_id.value();
  fact.producer_epoch = header.producer_epoch.value();
  fact.sequence = header.base_sequence;
}

}  // namespace

AppendOutcome PartitionLog::refuse(const BatchHeader& header, ErrorCode error,
                                   std::string why) const {
  Fact refused = fact(FactKind::append_refused);
  add_producer(refused, header);
  refused.why = name_of(error);
  machine_.facts.emit(refused);
  return {.error = error, .error_message = std::move(why)};
}

AppendOutcome PartitionLog::deduplicate(const BatchHeader& header,
                                        const ProducerVerdict& verdict) const {
  Fact found = fact(FactKind::append_deduplicated);
  add_producer(found, header);
  found.old = verdict.base_offset.value();
  machine_.facts.emit(found);
  AppendOutcome outcome{
      .base_offset = verdict.base_offset, .last_offset = verdict.last_offset, .duplicate = true};
  if (options_.config.timestamp_type == TimestampType::log_append_time) {
    outcome.log_append_time = verdict.timestamp;
  }
  return outcome;
}

Task<AppendOutcome> PartitionLog::append_client(Slice bytes, LeaderEpoch epoch,
                                                std::int16_t produce_version) {
  const WallTime now = machine_.clock.wall();
  const BatchHeader sent = header_if_any(bytes);
  const ProduceLimits limits = limits_of(options_.config);
  CheckedBatch checked = check_produced(bytes, produce_version, limits, now, codecs_);
  if (checked.error != ErrorCode::none) {
    co_return refuse(sent, checked.error, std::move(checked.why));
  }
  if (epoch < epochs_.latest()) {
    co_return refuse(sent, ErrorCode::fenced_leader_epoch, "a later leader appended already");
  }
  ProducerVerdict verdict = producers_.check(sent);
  if (verdict.kind == ProducerVerdict::Kind::duplicate) co_return deduplicate(sent, verdict);
  if (verdict.kind == ProducerVerdict::Kind::refuse) {
    co_return refuse(sent, verdict.error, std::move(verdict.why));
  }

  const bool stamp = limits.log_append_time;
  const Offset base = log_end_;
  const AssignedBatch batch = stamp ? assign_with_append_time(checked.batch, base, epoch, now)
                                    : assign(checked.batch, base, epoch);
  ErrorCode code = ErrorCode::none;
  if (wants_roll(batch.header, batch.size())) {
    code = co_await roll();
  }
  if (code == ErrorCode::none) {
    const Result<void> done = co_await active().file->write_at(active().size, batch.parts);
    // A sync of an earlier append may have failed meanwhile, and its pages are lost.
    if (!usable()) code = ErrorCode::kafka_storage_error;
    if (!done) code = co_await undo_write(done.error());
  }
  if (code != ErrorCode::none) co_return refuse(sent, code, "the log could not be written");
  written(batch.header, batch.parts[0], batch.parts[1], now);
  AppendOutcome outcome{.base_offset = base, .last_offset = batch.header.last_offset()};
  if (stamp) outcome.log_append_time = now;
  co_return outcome;
}

// A write at the end of the active segment has failed. A full disk leaves the log as it was: the
// part that may have been written is cut off, durably, so that it cannot come back behind later
// batches. Any other failure is the log's, as in Kafka: no append may follow one whose bytes nobody
// knows (KAFKA-10778).
Task<ErrorCode> PartitionLog::undo_write(boost::system::error_code error) {
  if (error != Errc::no_space) co_return fail("a write failed", error);
  LogSegment& segment = active();
  Result<void> undone = co_await segment.file->truncate(segment.size);
  if (undone) {
    undone = co_await segment.file->sync();
  }
  if (!undone) co_return fail("a write failed and could not be undone", undone.error());
  co_return ErrorCode::kafka_storage_error;
}

void PartitionLog::written(const BatchHeader& header, Bytes head, Bytes records, WallTime now) {
  active().note(header);
  log_end_ = header.next_offset();
  const Offset first = std::max(header.base_offset, log_start_);
  if (epochs_.assign(header.partition_leader_epoch, first)) epochs_changed_ = true;
  producers_.apply(header, now);

  if (!machine_.facts.wanted()) return;  // the digest reads the whole batch once more
  Fact appended = fact(FactKind::log_appended);
  add_producer(appended, header);
  appended.old = header.base_offset.value();
  appended.value = header.last_offset().value();
  appended.epoch = header.partition_leader_epoch.value();
  appended.digest = batch_digest(head, records);
  machine_.facts.emit(appended);
}

bool PartitionLog::wants_flush() {
  const LogConfig& config = options_.config;
  if (log_end_ == flushed_) return false;
  if (log_end_ - flushed_ >= config.flush_messages) return true;
  const std::int64_t waited_ms = (machine_.clock.now() - last_flush_).count() / 1'000'000;
  if (waited_ms >= config.flush_ms) return true;
  return machine_.chance.unlucky("storage.extra_flush");
}

// `pending`: bytes that are to be written to the segment before these.
bool PartitionLog::wants_roll(const BatchHeader& next, std::uint64_t bytes, std::uint64_t pending) {
  const LogConfig& config = options_.config;
  const LogSegment& segment = active();
  if (segment.size + pending == 0) return false;
  if (segment.size + pending + bytes > static_cast<std::uint64_t>(config.segment_bytes))
    return true;
  if (next.last_offset() - segment.base > config.segment_offset_span) return true;
  if (segment.index.full(config.segment_index_bytes)) return true;
  const bool timed = segment.first_timestamp.ms >= 0 && next.max_timestamp >= 0;
  const std::int64_t age = timed ? next.max_timestamp - segment.first_timestamp.ms
                                 : machine_.clock.wall().ms - segment.created.ms;
  // So that a record of a quiet compacted topic does not stay in the active segment (KIP-354).
  const std::int64_t oldest = config.cleanup_policy.compact
                                  ? std::min(config.segment_ms, config.max_compaction_lag_ms)
                                  : config.segment_ms;
  return age > oldest || machine_.chance.unlucky("storage.early_roll");
}

}  // namespace weir
