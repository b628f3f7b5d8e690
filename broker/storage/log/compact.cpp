// Cleaning a compacted log: when, and pass by pass.
//
// A pass learns which transactions were aborted, then the latest offset of each key in as much of
// the dirty part as memory allows, then rewrites all segments below the end of that, group by group
// (clean_group.cpp). Appends and reads go on meanwhile. A truncation below what the pass has learnt
// ends it, since a record that displaced another may be gone (KAFKA-3330); so does the end of the
// log. The checkpoint moves only when a pass is through.
#include <algorithm>
#include <utility>

#include "broker/storage/compaction_plan.h"
#include "broker/storage/log/cleaning_pass.h"
#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"

namespace weir {
namespace {

// What an unlucky cleaning has for its keys: a few of them.
constexpr std::size_t kLittleMemory = 512;

ErrorCode error_of(const boost::system::error_code& error) {
  if (error == Errc::closed) return ErrorCode::operation_not_attempted;
  const bool damaged = error == Errc::corrupt || error == Errc::malformed ||
                       error == Errc::truncated || error == Errc::too_large ||
                       error == Errc::unsupported;
  return damaged ? ErrorCode::corrupt_message : ErrorCode::kafka_storage_error;
}

}  // namespace

Task<CompactionOutcome> PartitionLog::compact(Offset bound) {
  co_await clean_lock_.lock();
  CompactionOutcome outcome;
  if (!usable()) {
    outcome.error = ErrorCode::kafka_storage_error;
  } else if (!stop_cleaning_) {
    outcome = co_await compact_locked(bound);
  }
  clean_lock_.unlock();
  co_return outcome;
}

Task<CompactionOutcome> PartitionLog::compact_locked(Offset bound) {
  const CompactionInput input{.log_start = log_start_,
                              .log_end = log_end_,
                              .checkpoint = cleaner_checkpoint_,
                              .bound = bound,
                              .now = machine_.clock.wall()};
  CompactionDecision decision = decide_compaction(summaries(), options_.config, input);
  CompactionOutcome outcome{.from = decision.from, .to = decision.from, .why = decision.why};
  if (!decision.wanted) co_return outcome;
  lowest_cut_ = CleaningPass::kNowhere;
  auto memory =
      static_cast<std::size_t>(std::max<std::int64_t>(options_.config.dedupe_buffer_bytes, 0));
  if (machine_.chance.unlucky("storage.small_dedupe_buffer")) memory = kLittleMemory;
  while (outcome.to < decision.to) {
    CleaningPass pass(outcome.to, decision.to, memory);
    Result<void> done = co_await clean_pass(pass);
    outcome.records_removed += pass.removed;
    if (!done) outcome.error = error_of(done.error());
    if (!done || pass.keys.end() <= outcome.to) break;
    outcome.to = pass.keys.end();
    outcome.cleaned = true;
  }
  if (outcome.cleaned) {
    Fact compacted = fact(FactKind::log_compacted);
    compacted.old = outcome.from.value();
    compacted.value = outcome.to.value();
    compacted.digest = static_cast<std::uint64_t>(outcome.records_removed);
    compacted.why = outcome.why;
    machine_.facts.emit(compacted);
  }
  co_return outcome;
}

// Errors: closed where it gave up, those of the disk, and of a batch that cannot be read.
Task<Result<void>> PartitionLog::clean_pass(CleaningPass& pass) {
  for (const Segment& segment : segments_) {
    if (segment->base < pass.decided && segment != segments_.back()) {
      pass.segments.push_back(segment);
    }
  }
  Result<void> done = co_await learn_transactions(pass);
  if (done) {
    done = co_await learn_keys(pass);
  }
  if (!done) co_return done;
  const Offset end = pass.keys.end();
  if (end <= pass.from) co_return done;  // all of it waits for a transaction's end

  pass.cleaner.emplace(
      BatchCleaner::Pass{.latest = pass.keys,
                         .transactions = pass.transactions,
                         .producers = last_of_producers(producers_),
                         .now = machine_.clock.wall(),
                         .delete_retention_ms = options_.config.delete_retention_ms});
  std::vector<SegmentSummary> candidates;
  for (const Segment& segment : pass.segments) {
    if (segment->base >= end) break;
    candidates.push_back({.base = segment->base, .end = segment->end, .size = segment->size});
  }
  const std::vector<std::size_t> groups =
      group_segments(candidates, candidates.size(), options_.config);
  auto first = pass.segments.begin();
  for (const std::size_t count : groups) {
    const auto last = first + static_cast<std::ptrdiff_t>(count);
    std::vector<Segment> group(first, last);
    done = co_await clean_group(pass, std::move(group));
    if (!done) co_return done;
    first = last;
  }
  done = co_await save_cleaner_checkpoint(end);
  co_return done;
}

bool PartitionLog::must_give_up(Offset known_below) const {
  return stop_cleaning_ || !usable() || lowest_cut_ < known_below;
}

// The next whole batches of a segment; what is no batch is damage, since segments that are cleaned
// are durable. Errors: corrupt, closed.
Task<Result<void>> PartitionLog::next_batches(Segment segment, SegmentScan& scan,
                                              std::vector<ScannedBatch>& found) {
  found.clear();
  if (must_give_up(segment->end)) co_return Errc::closed;
  Result<Slice> chunk = co_await segment->file->read_at(scan.position(), scan.wants());
  if (must_give_up(segment->end)) co_return Errc::closed;
  if (!chunk) co_return chunk.error();
  scan.feed(*chunk, found);
  if (scan.stop().empty()) co_return Result<void>{};
  note_damage(scan.next_offset(), *segment, scan.stop());
  co_return Errc::corrupt;
}

Task<Result<void>> PartitionLog::learn_transactions(CleaningPass& pass) {
  std::vector<ScannedBatch> found;
  bool ended = false;
  for (const Segment& segment : pass.segments) {
    SegmentScan scan(segment->size, {.position = 0, .offset = segment->base, .end = segment->end});
    while (scan.wants() > 0 && !ended) {
      Result<void> read = co_await next_batches(segment, scan, found);
      if (!read) co_return read;
      for (const ScannedBatch& scanned : found) {
        const BatchHeader& header = scanned.batch.header;
        const bool inside = header.next_offset() <= pass.decided;
        if (!inside || !pass.transactions.add(scanned.batch, codecs_)) {
          pass.decided = std::min(pass.decided, header.base_offset);
          ended = true;
          break;
        }
      }
    }
  }
  const std::optional<Offset> undecided = pass.transactions.first_undecided();
  if (undecided) pass.decided = std::min(pass.decided, *undecided);
  co_return Result<void>{};
}

Task<Result<void>> PartitionLog::learn_keys(CleaningPass& pass) {
  std::vector<ScannedBatch> found;
  for (const Segment& segment : pass.segments) {
    if (segment->end <= pass.from || segment->base >= pass.decided) continue;
    SegmentScan scan(segment->size, {.position = segment->index.position_before(pass.from),
                                     .offset = segment->base,
                                     .end = segment->end});
    while (scan.wants() > 0) {
      Result<void> read = co_await next_batches(segment, scan, found);
      if (!read) co_return read;
      for (const ScannedBatch& scanned : found) {
        const BatchHeader& header = scanned.batch.header;
        if (header.next_offset() <= pass.from) continue;
        if (header.next_offset() > pass.decided) {
          pass.keys.reach(pass.decided);
          co_return Result<void>{};
        }
        const bool passed_over = header.is_control() || pass.transactions.aborted(header);
        const Result<bool> room = pass.keys.add(scanned.batch, passed_over, codecs_);
        if (!room) co_return room.error();
        if (!*room) co_return Result<void>{};
      }
    }
  }
  pass.keys.reach(pass.decided);
  co_return Result<void>{};
}

// A checkpoint that cannot be stored costs the next cleaning time, nothing else; but a disk that
// fails to write is not trusted.
Task<Result<void>> PartitionLog::save_cleaner_checkpoint(Offset offset) {
  co_await write_lock_.lock();
  if (must_give_up(offset)) {
    write_lock_.unlock();
    co_return Errc::closed;
  }
  const Slice text = Slice::copy_of(encode_offset_checkpoint(offset));
  Result<void> done = co_await replace_file(machine_.disk, path(kCleanerCheckpointName), text);
  if (done) {
    done = co_await machine_.disk.sync_directory(options_.directory);
  }
  cleaner_checkpoint_ = offset;
  if (!done) {
    fail_unless_full("the cleaner's checkpoint could not be stored", done.error());
  }
  write_lock_.unlock();
  co_return usable() ? Result<void>{} : done;
}

}  // namespace weir
