// Appending what no client sent: a leader's batches as they are, and those that this node's own
// coordinators and quorum made.
//
// Under the write lock; the promises are those of append.cpp. Several batches are written in runs,
// between which the log may roll.
#include <span>
#include <utility>

#include "broker/base/assertion.h"
#include "broker/storage/log/partition_log.h"

namespace weir {
namespace {

// Why a batch may not follow what ends at `next` in `epoch`; null: it may.
const char* why_not_next(const RecordBatch& batch, Offset next, LeaderEpoch epoch,
                         std::int64_t offset_span) {
  const BatchHeader& header = batch.header;
  if (header.base_offset < next) return "the offset goes back";
  if (header.partition_leader_epoch < epoch) return "the leader epoch goes back";
  if (header.last_offset() < header.base_offset) return "the offsets overflow";
  // A leader's segments follow each other without a hole, so its gaps are smaller.
  if (header.last_offset() - next > offset_span) return "the gap is larger than a segment may span";
  return nullptr;
}

bool whole(const RecordBatch& batch) {
  return batch.header.last_offset_delta >= 0 && batch.header.record_count >= 0 &&
         crc_is_right(batch);
}

}  // namespace

Task<AppendOutcome> PartitionLog::append_replica(Slice bytes) {
  const Result<std::vector<RecordBatch>> batches = whole_batches(bytes);
  if (!batches) co_return refuse({}, ErrorCode::corrupt_message, "no record batches");
  Offset next = log_end_;
  if (!batches->empty() && begins_within(batches->front().header)) {
    next = batches->front().header.base_offset;
  }
  LeaderEpoch epoch = log_end_ > log_start_ ? epochs_.epoch_at(log_end_ - 1) : kNoLeaderEpoch;
  for (const RecordBatch& batch : *batches) {
    const BatchHeader& header = batch.header;
    if (!whole(batch)) {
      co_return refuse(header, ErrorCode::corrupt_message, "the checksum does not match");
    }
    const char* why = why_not_next(batch, next, epoch, options_.config.segment_offset_span);
    if (why != nullptr) co_return refuse(header, ErrorCode::invalid_record, why);
    next = header.next_offset();
    epoch = header.partition_leader_epoch;
  }
  AppendOutcome outcome{.base_offset = log_end_, .last_offset = log_end_ - 1};
  if (!batches->empty()) {
    const BatchHeader& first = batches->front().header;
    outcome.base_offset = first.base_offset;
    ErrorCode code = ErrorCode::none;
    if (first.partition_leader_epoch < epochs_.latest()) {
      code = co_await drop_empty_epochs();
    }
    if (code != ErrorCode::none) co_return refuse(first, code, "the epochs could not be stored");
    if (begins_within(first)) {
      std::string why = "the leader's log begins within a batch";
      code = co_await restart_locked(log_start_, first.base_offset, std::move(why));
    }
    if (code != ErrorCode::none) co_return refuse(first, code, "the log could not begin anew");
  }
  // Runs of batches that lie in one segment are written together.
  const std::span<const RecordBatch> all(*batches);
  std::size_t from = 0;
  while (from < all.size()) {
    std::size_t size = all[from].size();
    std::size_t to = from + 1;
    if (wants_roll(all[from].header, size)) {
      const ErrorCode rolled = co_await roll();
      if (rolled != ErrorCode::none) {
        co_return refuse(all[from].header, rolled, "the log could not be written");
      }
    }
    while (to < all.size() && !wants_roll(all[to].header, all[to].size(), size)) {
      size += all[to++].size();
    }
    const auto at = static_cast<std::size_t>(all[from].bytes.data() - bytes.data());
    const Slice run = bytes.subslice(at, size);
    const WallTime now = machine_.clock.wall();
    const Result<void> done = co_await active().file->write_at(active().size, std::span(&run, 1));
    ErrorCode code = usable() ? ErrorCode::none : ErrorCode::kafka_storage_error;
    if (!done) code = co_await undo_write(done.error());
    // What came before is in the log, and its end tells so: the follower goes on from there.
    if (code != ErrorCode::none) {
      co_return refuse(all[from].header, code, "the log could not be written");
    }
    for (; from < to; ++from) {
      const Bytes whole_batch = all[from].bytes.bytes();
      written(all[from].header, whole_batch.first(kBatchHeaderBytes),
              whole_batch.subspan(kBatchHeaderBytes), now);
    }
  }
  outcome.last_offset = log_end_ - 1;
  co_return outcome;
}

// A leader's log may begin in the midst of a batch, where records before it were deleted. A log
// that begins with that batch takes it as a whole (Kafka's UnexpectedAppendOffsetException).
bool PartitionLog::begins_within(const BatchHeader& first) const {
  return log_start_ == log_end_ && first.base_offset >= Offset{0} && first.base_offset < log_end_ &&
         first.last_offset() >= log_end_;
}

// An epoch that this node began as the leader and wrote nothing in holds no record. Who leads now
// never heard of it, and may go on with records of an older one.
Task<ErrorCode> PartitionLog::drop_empty_epochs() {
  EpochCache before = epochs_;
  if (!epochs_.truncate_from_end(log_end_)) co_return ErrorCode::none;
  epochs_changed_ = true;
  const Result<void> done = co_await save_epochs();
  if (done) co_return ErrorCode::none;
  epochs_ = std::move(before);
  co_return fail_unless_full("the leader epochs could not be stored", done.error());
}

AppendOutcome PartitionLog::check_prepared(std::span<const RecordBatch> batches,
                                           AppendOrigin origin) const {
  const auto largest = static_cast<std::size_t>(options_.config.max_message_bytes);
  for (const RecordBatch& batch : batches) {
    const BatchHeader& header = batch.header;
    if (!whole(batch)) {
      return refuse(header, ErrorCode::corrupt_message, "the checksum does not match");
    }
    if (origin != AppendOrigin::coordinator) continue;
    if (batch.size() > largest) {
      return refuse(header, ErrorCode::message_too_large,
                    "the batch has " + std::to_string(batch.size()) + " bytes, the limit is " +
                        std::to_string(largest));
    }
    if (!header.has_producer()) continue;
    const auto known = producers_.entries().find(header.producer_id);
    if (known != producers_.entries().end() && header.producer_epoch < known->second.epoch) {
      return refuse(header, ErrorCode::invalid_producer_epoch, "the producer was fenced");
    }
  }
  return {};
}

Task<AppendOutcome> PartitionLog::append_prepared_locked(Slice bytes, AppendOrigin origin,
                                                         LeaderEpoch epoch,
                                                         std::optional<Offset> expected) {
  WEIR_ASSERT(origin == AppendOrigin::coordinator || origin == AppendOrigin::raft);
  if (expected && *expected != log_end_) {
    co_return refuse({}, ErrorCode::offset_out_of_range,
                     "the log ends at " + std::to_string(log_end_.value()) + ", not at " +
                         std::to_string(expected->value()));
  }
  if (epoch < epochs_.latest()) {
    co_return refuse({}, ErrorCode::fenced_leader_epoch, "a later leader appended already");
  }
  const Result<std::vector<RecordBatch>> batches = whole_batches(bytes);
  std::size_t size = 0;
  if (batches) {
    for (const RecordBatch& batch : *batches) size += batch.size();
  }
  if (!batches || size != bytes.size() || size == 0) {
    co_return refuse({}, ErrorCode::corrupt_message, "no whole record batches");
  }
  AppendOutcome outcome = check_prepared(*batches, origin);
  if (outcome.error != ErrorCode::none) co_return outcome;

  Offset next = log_end_;
  std::vector<AssignedBatch> assigned;
  std::vector<Slice> parts;
  for (const RecordBatch& batch : *batches) {
    assigned.push_back(assign(batch, next, epoch));
    next = assigned.back().header.next_offset();
    parts.insert(parts.end(), assigned.back().parts.begin(), assigned.back().parts.end());
  }
  ErrorCode code = ErrorCode::none;
  // All of them in one segment: they are one decision of their maker.
  if (wants_roll(assigned.back().header, size)) {
    code = co_await roll();
  }
  if (code == ErrorCode::none) {
    const Result<void> done = co_await active().file->write_at(active().size, parts);
    if (!usable()) code = ErrorCode::kafka_storage_error;
    if (!done) code = co_await undo_write(done.error());
  }
  const BatchHeader& first = assigned.front().header;
  if (code != ErrorCode::none) co_return refuse(first, code, "the log could not be written");
  const WallTime now = machine_.clock.wall();
  outcome.base_offset = log_end_;
  for (const AssignedBatch& batch : assigned) {
    written(batch.header, batch.parts[0], batch.parts[1], now);
  }
  outcome.last_offset = log_end_ - 1;
  co_return outcome;
}

}  // namespace weir
