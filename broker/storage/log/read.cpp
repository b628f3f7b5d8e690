// Reading, beside appends: a read sees the log as it was when it began.
//
// Sizes are taken once (KAFKA-9835). A reader whose bytes may have been cut off while it waited for
// the disk sees it by the number of truncations, and begins anew.
#include <algorithm>
#include <optional>
#include <utility>

#include "broker/storage/log/partition_log.h"
#include "broker/wire/records.h"

namespace weir {
namespace {

// What a search by timestamp reads at a time.
constexpr std::size_t kSearchBytes = 256 * 1024;
// The most that one read takes from the disk, whatever it is asked for.
constexpr std::size_t kLargestRead = 64 * 1024 * 1024;

// The views in the record that is returned do not outlive this call; its numbers do.
std::optional<Record> first_not_older(const RecordBatch& batch, WallTime timestamp, Offset from,
                                      Codecs& codecs) {
  Result<RecordReader> reader = RecordReader::open(batch, codecs);
  if (!reader) return std::nullopt;
  Record record;
  while (true) {
    const Result<bool> more = reader->next(record);
    if (!more || !*more) return std::nullopt;
    if (record.offset >= from && record.timestamp >= timestamp.ms) return record;
  }
}

// The largest timestamp of its records from `from` on; -1 where there are none.
WallTime largest_in(const RecordBatch& batch, Offset from, Codecs& codecs) {
  WallTime largest{-1};
  Result<RecordReader> reader = RecordReader::open(batch, codecs);
  Record record;
  while (reader) {
    const Result<bool> more = reader->next(record);
    if (!more || !*more) break;
    if (record.offset >= from) largest = std::max(largest, WallTime{record.timestamp});
  }
  return largest;
}

}  // namespace

PartitionLog::Segment PartitionLog::segment_of(Offset offset) const {
  const auto after = std::ranges::upper_bound(segments_, offset, {}, &LogSegment::base);
  return after == segments_.begin() ? segments_.front() : *std::prev(after);
}

PartitionLog::Segment PartitionLog::segment_after(Offset base) const {
  const auto after = std::ranges::upper_bound(segments_, base, {}, &LogSegment::base);
  return after == segments_.end() ? nullptr : *after;
}

Task<ReadOutcome> PartitionLog::read(Offset from, std::size_t max_bytes, Offset bound,
                                     bool at_least_one_batch) {
  ReadOutcome outcome;
  while (true) {
    outcome = ReadOutcome{};
    outcome.next_offset = from;
    if (!usable()) {
      outcome.error = ErrorCode::kafka_storage_error;
    } else if (from < log_start_ || from > log_end_) {
      outcome.error = ErrorCode::offset_out_of_range;
    }
    const ReadLimits limits{.from = from,
                            .bound = std::min(bound, log_end_),
                            .max_bytes = max_bytes,
                            .at_least_one = at_least_one_batch};
    if (outcome.error != ErrorCode::none || from >= limits.bound) co_return outcome;
    Segment segment = segment_of(from);
    while (segment != nullptr && segment->end <= from) segment = segment_after(segment->base);
    if (segment == nullptr) co_return outcome;

    const std::uint64_t truncations = truncations_;
    Result<ReadOutcome> part = co_await read_segment(segment, limits);
    if (truncations != truncations_) continue;
    if (!part || !usable()) {
      const bool damaged = !part && part.error() == Errc::malformed;
      outcome.error = damaged ? ErrorCode::corrupt_message : ErrorCode::kafka_storage_error;
      if (damaged) note_damage(from, *segment, "what should be a batch is none");
      co_return outcome;
    }
    outcome = std::move(*part);
    if (options_.verify_reads) verify(outcome, from, *segment);
    co_return outcome;
  }
}

void PartitionLog::note_damage(Offset from, const LogSegment& segment, std::string_view what) {
  if (damage_ && damage_->from <= from) return;
  damage_ = LogDamage{from, segment_file_name(segment.base) + ": " + std::string(what)};
}

// Leaves the whole batches before the first damaged one; an error where there is none before it.
// Offset and length are not under the checksum, but must fit where the batch lies.
void PartitionLog::verify(ReadOutcome& outcome, Offset from, const LogSegment& segment) {
  BatchWalker walker(outcome.batches);
  Offset next = segment.base;
  std::size_t whole = 0;
  while (!walker.at_end()) {
    const Result<RecordBatch> batch = walker.next();
    const bool fits = batch && batch->header.base_offset >= next &&
                      batch->header.next_offset() <= segment.end && crc_is_right(*batch);
    if (!fits) break;
    next = batch->header.next_offset();
    whole = walker.position();
  }
  if (whole == outcome.batches.size()) return;
  note_damage(whole == 0 ? from : next, segment, "the checksum does not match");
  outcome.batches = outcome.batches.subslice(0, whole);
  outcome.next_offset = next;
  if (whole > 0) return;
  outcome.error = ErrorCode::corrupt_message;
  outcome.first_offset = Offset{-1};
  outcome.next_offset = from;
}

// Errors: those of the disk, malformed.
Task<Result<ReadOutcome>> PartitionLog::read_segment(Segment segment, ReadLimits limits) {
  ReadOutcome outcome;
  outcome.next_offset = limits.from;
  const std::uint64_t size = segment->size;
  std::uint64_t position = segment->index.position_before(limits.from);
  // The batch that is asked for begins within an index interval behind the position.
  const auto interval = static_cast<std::size_t>(options_.config.index_interval_bytes);
  std::size_t wanted = std::min<std::size_t>(limits.max_bytes, kLargestRead) + interval;
  if (machine_.chance.unlucky("storage.short_read")) wanted = kBatchHeaderBytes;
  std::size_t at_least = kBatchHeaderBytes;
  while (position < size) {
    const std::size_t asked = std::max(wanted, at_least);
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(size - position, asked));
    Result<Slice> chunk = co_await segment->file->read_at(position, length);
    if (!chunk) co_return chunk.error();
    const Result<Selection> chosen = select_batches(*chunk, limits);
    if (!chosen) co_return chosen.error();
    if (!chosen->more) {
      if (chosen->end == 0) co_return outcome;
      outcome.batches = chunk->subslice(chosen->begin, chosen->end - chosen->begin);
      outcome.first_offset = chosen->first_offset;
      outcome.next_offset = chosen->next_offset;
      co_return outcome;
    }
    if (chunk->size() < length) co_return outcome;  // cut off meanwhile; the caller sees to it
    if (position + chosen->resume + chosen->resume_bytes > size) co_return outcome;
    position += chosen->resume;
    at_least = chosen->resume_bytes;
  }
  co_return outcome;
}

Task<TimestampOffset> PartitionLog::offset_for_timestamp(WallTime timestamp, Offset bound) {
  TimestampOffset found;
  if (!usable()) found.error = ErrorCode::kafka_storage_error;
  Offset from = bound;
  for (const Segment& segment : segments_) {
    if (segment->end <= log_start_ || segment->index.max_timestamp() < timestamp) continue;
    from = std::max(segment->base, segment->index.offset_before(timestamp) + 1);
    break;
  }
  if (found.error == ErrorCode::none && from < bound) {
    found = co_await find_timestamp(timestamp, std::max(from, log_start_), bound);
  }
  co_return found;
}

Task<TimestampOffset> PartitionLog::offset_of_max_timestamp(Offset bound) {
  WallTime largest{-1};
  const std::vector<Segment> segments = segments_;
  for (const Segment& segment : segments) {
    const Offset from = std::max(segment->base, log_start_);
    const Offset to = std::min(segment->end, bound);
    if (from >= to) continue;
    WallTime in_segment = segment->index.max_timestamp();
    if (from != segment->base || to != segment->end) {  // the index knows only whole segments
      in_segment = co_await max_timestamp_in(from, to);
    }
    largest = std::max(largest, in_segment);
  }
  TimestampOffset found;
  if (largest.ms >= 0) {
    found = co_await offset_for_timestamp(largest, bound);
    const bool none = found.error == ErrorCode::none && found.offset < Offset{0};
    if (none) {
      // The record that a batch has it from lies below the log start, or was cleaned away.
      largest = co_await max_record_timestamp(bound);
    }
    if (none && largest.ms >= 0) {
      found = co_await offset_for_timestamp(largest, bound);
    }
  } else if (!usable()) {
    found.error = ErrorCode::kafka_storage_error;
  }
  co_return found;
}

// The first record from `from` on, below `bound`, that is not older.
Task<TimestampOffset> PartitionLog::find_timestamp(WallTime timestamp, Offset from, Offset bound) {
  TimestampOffset found;
  const Offset start = from;
  while (true) {
    ReadOutcome part = co_await read(from, kSearchBytes, bound, true);
    found.error = part.error;
    if (part.error != ErrorCode::none || part.batches.empty()) co_return found;
    BatchWalker walker(part.batches);
    while (!walker.at_end()) {
      const Result<RecordBatch> batch = walker.next();
      if (!batch) break;
      if (batch->header.max_timestamp < timestamp.ms) continue;
      const std::optional<Record> record = first_not_older(*batch, timestamp, start, codecs_);
      if (!record) continue;
      found.offset = record->offset;
      found.timestamp = WallTime{record->timestamp};
      found.epoch = batch->header.partition_leader_epoch;
      co_return found;
    }
    from = part.next_offset;
  }
}

Task<WallTime> PartitionLog::max_record_timestamp(Offset bound) {
  WallTime largest{-1};
  const Offset start = log_start_;
  Offset from = start;
  while (true) {
    ReadOutcome part = co_await read(from, kSearchBytes, bound, true);
    if (part.error != ErrorCode::none || part.batches.empty()) co_return largest;
    BatchWalker walker(part.batches);
    while (!walker.at_end()) {
      const Result<RecordBatch> batch = walker.next();
      if (!batch) break;
      largest = std::max(largest, largest_in(*batch, start, codecs_));
    }
    from = part.next_offset;
  }
}

Task<WallTime> PartitionLog::max_timestamp_in(Offset from, Offset bound) {
  WallTime largest{-1};
  while (true) {
    ReadOutcome part = co_await read(from, kSearchBytes, bound, true);
    if (part.error != ErrorCode::none || part.batches.empty()) co_return largest;
    BatchWalker walker(part.batches);
    while (!walker.at_end()) {
      const Result<RecordBatch> batch = walker.next();
      if (!batch) break;
      largest = std::max(largest, WallTime{batch->header.max_timestamp});
    }
    from = part.next_offset;
  }
}

}  // namespace weir
