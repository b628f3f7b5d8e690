// Opening a log: from whatever a crash left behind to a state that can be appended to.
//
// All segments but the last are complete (see roll.cpp) and trusted after a look at their end; the
// last one is scanned from its beginning, unless the marker of a clean shutdown spares it. Where a
// recovery point is given, all segments that reach beyond it are scanned, as Kafka does. What
// cannot be believed is cut off, and everything behind a hole is dropped. Before the log is handed
// out, all that it shows is durable.
#include <algorithm>
#include <functional>
#include <utility>

#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"

namespace weir {
namespace {

constexpr Offset kNotClean{-1};

}  // namespace

Task<Result<void>> PartitionLog::recover() {
  Result<DirectoryPlan> plan = co_await tidy_directory();
  if (!plan) co_return plan.error();
  const Offset clean_end = co_await take_clean_marker();
  if (!usable()) co_return Errc::io_error;
  const Result<Offset> start = co_await read_number(kLogStartCheckpointName);
  // Without the checkpoint, or with one that rotted, the log begins with its first segment; but a
  // disk that does not say so is not to bring deleted records back.
  const bool unknown = !start && start.error() != Errc::not_found &&
                       start.error() != Errc::malformed && start.error() != Errc::too_large;
  if (unknown) co_return start.error();
  log_start_ = start ? *start : Offset{0};
  Result<void> done = co_await load_segments(plan->segments, clean_end);
  if (!done) co_return done;

  if (!segments_.empty() && active().end < log_start_) {
    std::vector<Offset> bases;
    for (const Segment& segment : segments_) bases.push_back(segment->base);
    segments_.clear();
    cut_why_ = "the log ended below its start";
    done = co_await drop_segments(std::move(bases));
    if (!done) co_return done;
  }
  if (segments_.empty()) {
    done = co_await create_segment(log_start_);
    if (!done) co_return done;
  }
  log_start_ = std::max(log_start_, segments_.front()->base);
  log_end_ = active().end;
  const bool clean = log_end_ == clean_end && cut_why_.empty();
  report_recovery(clean);
  const Result<Offset> cleaned = co_await read_number(kCleanerCheckpointName);
  if (cleaned && *cleaned <= log_end_) cleaner_checkpoint_ = *cleaned;
  done = co_await restore_state(plan->snapshots, clean);
  if (!done) co_return done;
  done = co_await active().file->sync();
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  flushed_ = log_end_;

  if (!cut_why_.empty()) {
    Fact truncated = fact(FactKind::log_truncated);
    truncated.old = std::max(cut_from_, log_end_).value();
    truncated.value = log_end_.value();
    truncated.why = cut_why_;
    machine_.facts.emit(truncated);
  }
  Fact opened = fact(FactKind::log_opened);
  opened.old = log_start_.value();
  opened.value = log_end_.value();
  opened.epoch = epochs_.latest().value();
  machine_.facts.emit(opened);
  co_return done;
}

void PartitionLog::report_recovery(bool clean) {
  recovery_.clean = clean;
  recovery_.cut_why = cut_why_;
  if (cut_why_.empty()) return;
  recovery_.cut_from = std::max(cut_from_, log_end_);
  if (options_.recovery_point && log_end_ < *options_.recovery_point) recovery_.durable_lost = true;
}

// Makes the directory where there is none, removes what earlier operations left unfinished.
Task<Result<DirectoryPlan>> PartitionLog::tidy_directory() {
  Result<std::vector<std::string>> names = co_await machine_.disk.list(options_.directory);
  if (!names && names.error() != Errc::not_found) co_return names.error();
  DirectoryPlan plan;
  if (names) plan = plan_directory(*names);
  if (plan.segments.empty()) {
    // The directory may be there, but its own entry not yet durable.
    Result<void> made = co_await machine_.disk.make_directory(options_.directory);
    if (made) {
      made = co_await machine_.disk.sync_directory(parent_of(options_.directory));
    }
    if (!made) co_return made.error();
  }
  for (const std::string& name : plan.remove) {
    const Result<void> removed = co_await remove_file(machine_.disk, path(name));
    if (!removed) co_return removed.error();
  }
  for (const Rename& rename : plan.rename) {
    const Result<void> done = co_await finish_interrupted_swap(plan, rename);
    if (!done) co_return done.error();
  }
  co_return plan;
}

// A cleaned segment takes the place of those that it covers. They go first and durably, with the
// indexes of its own name, whatever of them the crash has left: so that none of them is taken for
// what follows it, and no index for its own.
Task<Result<void>> PartitionLog::finish_interrupted_swap(DirectoryPlan& plan, Rename rename) {
  const Offset base = parse_log_file_name(rename.to).offset;
  Result<std::unique_ptr<File>> file =
      co_await machine_.disk.open(path(rename.from), OpenMode::existing);
  if (!file) co_return file.error();
  SegmentScan scan((*file)->size(),
                   {.position = 0, .offset = base, .end = SegmentScan::farthest(base)});
  std::vector<ScannedBatch> found;
  while (scan.wants() > 0) {
    Result<Slice> chunk = co_await (*file)->read_at(scan.position(), scan.wants());
    if (!chunk) co_return chunk.error();
    scan.feed(*chunk, found);
    found.clear();
  }
  Result<void> done;
  if (scan.position() == 0) {  // nothing that this log could have made
    done = co_await remove_file(machine_.disk, path(rename.from));
    co_return done;
  }
  const Offset end = scan.next_offset();
  std::vector<Offset> covered;
  for (const Offset segment : plan.segments) {
    if (base < segment && segment < end) covered.push_back(segment);
  }
  std::erase_if(plan.segments, [base, end](Offset s) { return base <= s && s < end; });
  plan.segments.push_back(base);
  std::ranges::sort(plan.segments);
  done = co_await drop_segments(std::move(covered));
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  done = co_await machine_.disk.rename(path(rename.from), path(rename.to));
  co_return done;
}

// The log end that a clean shutdown noted, or kNotClean. The marker is gone after that, and durably
// so before anything is appended, since the opening ends with a sync of the directory.
Task<Offset> PartitionLog::take_clean_marker() {
  const std::string marker = path(kCleanShutdownName);
  const Result<Slice> content = co_await read_file(machine_.disk, marker);
  if (!content && content.error() == Errc::not_found) co_return kNotClean;
  const Result<void> removed = co_await remove_file(machine_.disk, marker);
  if (!removed) fail("the marker of the clean shutdown cannot be removed", removed.error());
  if (!content) co_return kNotClean;
  co_return decode_offset_checkpoint(content->text()).value_or(kNotClean);
}

// A checkpoint of one number.
Task<Result<Offset>> PartitionLog::read_number(std::string_view name) {
  const Result<Slice> content = co_await read_file(machine_.disk, path(name));
  if (!content) co_return content.error();
  const std::optional<Offset> offset = decode_offset_checkpoint(content->text());
  if (!offset) co_return Errc::malformed;
  co_return *offset;
}

Task<Result<void>> PartitionLog::load_segments(std::vector<Offset> bases, Offset clean_end) {
  std::vector<Offset> dropped;
  std::size_t first = 0;
  while (first + 1 < bases.size() && bases[first + 1] <= log_start_) {
    dropped.push_back(bases[first++]);  // a deletion did not come to its end
  }
  bool broken = false;
  for (std::size_t i = first; i < bases.size(); ++i) {
    const Offset base = bases[i];
    if (broken) {
      cut_from_ = std::max(cut_from_, base);
      dropped.push_back(base);
      continue;
    }
    const Offset expected = segments_.empty() ? base : active().end;
    if (base < expected) {  // a cleaned segment took its place
      dropped.push_back(base);
      continue;
    }
    if (base > expected) {
      cut_why_ = "no segment holds offset " + std::to_string(expected.value());
      // The one before it was durable, unless recovery was told otherwise.
      recovery_.durable_lost = base <= options_.recovery_point.value_or(base);
      broken = true;
      cut_from_ = base;
      dropped.push_back(base);
      continue;
    }
    const bool last = i + 1 == bases.size();
    std::optional<Offset> durable_end;
    if (clean_end != kNotClean) durable_end = last ? clean_end : bases[i + 1];
    if (!last && bases[i + 1] <= options_.recovery_point.value_or(bases[i + 1])) {
      durable_end = bases[i + 1];
    }
    Result<Segment> segment = co_await load_segment(base, durable_end);
    if (!segment) co_return segment.error();
    if (last && durable_end && (*segment)->end != clean_end) {
      segment = co_await load_segment(base, std::nullopt);
      if (!segment) co_return segment.error();
    }
    segments_.push_back(std::move(*segment));
    broken = !cut_why_.empty();
  }
  Result<void> done = co_await drop_segments(std::move(dropped));
  co_return done;
}

// The newest first, so that what a crash leaves is a shorter log without holes.
Task<Result<void>> PartitionLog::drop_segments(std::vector<Offset> bases) {
  std::ranges::sort(bases, std::greater{});
  for (const Offset base : bases) {
    Result<void> removed = co_await remove_segment_files(base);
    if (!removed) co_return removed;
  }
  if (bases.empty()) co_return Result<void>{};
  Result<void> done = co_await machine_.disk.sync_directory(options_.directory);
  co_return done;
}

}  // namespace weir
