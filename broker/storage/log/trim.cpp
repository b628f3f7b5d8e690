// Cutting the log at its ends: truncation, the log start, retention; closing and removal.
//
// What depends on removed bytes goes first and durably (later segments, producer snapshots beyond
// the cut, epochs), then the bytes: so that no crash leaves a snapshot or an epoch of records that
// are gone (KAFKA-12964, KAFKA-16541).
#include <algorithm>
#include <utility>

#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"
#include "broker/storage/retention.h"
#include "broker/storage/segment_scan.h"

namespace weir {

Task<ErrorCode> PartitionLog::truncate_locked(Offset offset, std::string why) {
  if (offset >= log_end_) co_return ErrorCode::none;
  if (offset < log_start_) co_return ErrorCode::offset_out_of_range;
  co_await sync_lock_.lock();
  Fact truncated = fact(FactKind::log_truncated);
  truncated.old = log_end_.value();
  ++truncations_;
  lowest_cut_ = std::min(lowest_cut_, offset);
  log_end_ = offset;  // readers see nothing of it from here on
  flushed_ = std::min(flushed_, offset);
  const Result<void> done = co_await cut(offset);
  ++truncations_;
  if (done) flushed_ = log_end_;
  lowest_cut_ = std::min(lowest_cut_, log_end_);
  if (done && damage_ && damage_->from >= log_end_) damage_.reset();
  sync_lock_.unlock();
  if (!done) co_return fail("the log could not be truncated", done.error());
  truncated.value = log_end_.value();
  truncated.why = why;
  machine_.facts.emit(truncated);
  co_return ErrorCode::none;
}

// What is appended from now on is dirty (KAFKA-3330). Removing the checkpoint says the same of the
// whole log, and needs no space.
Task<Result<void>> PartitionLog::lower_cleaner_checkpoint(Offset offset) {
  if (cleaner_checkpoint_ <= offset) co_return Result<void>{};
  cleaner_checkpoint_ = Offset{-1};
  Result<void> done = co_await remove_file(machine_.disk, path(kCleanerCheckpointName));
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  co_return done;
}

Task<Result<void>> PartitionLog::cut(Offset offset) {
  Result<void> done = co_await lower_cleaner_checkpoint(offset);
  if (!done) co_return done;
  while (segments_.size() > 1 && active().base >= offset) {
    const Offset base = active().base;
    segments_.pop_back();
    Result<void> removed = co_await remove_segment_files(base);
    if (!removed) co_return removed;
  }
  Result<std::vector<std::string>> names = co_await machine_.disk.list(options_.directory);
  if (!names) co_return names.error();
  std::vector<Offset> snapshots;
  for (const std::string& name : *names) {
    const LogFileName parsed = parse_log_file_name(name);
    if (parsed.kind != LogFileKind::snapshot || parsed.leftover != Leftover::none) continue;
    if (parsed.offset <= offset) {
      snapshots.push_back(parsed.offset);
      continue;
    }
    Result<void> removed = co_await remove_file(machine_.disk, path(name));
    if (!removed) co_return removed;
  }
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  if (epochs_.truncate_from_end(offset)) {
    epochs_changed_ = true;
    done = co_await save_epochs();
    // An opening knows by the segments which epochs are gone: a full disk need not stop this.
    if (!done && done.error() != Errc::no_space) co_return done;
  }
  done = co_await cut_active(offset);
  if (!done) co_return done;
  const Result<Offset> loaded = co_await load_producers(std::move(snapshots));
  if (!loaded) co_return loaded.error();
  done = co_await replay(log_end_, *loaded);
  co_return done;
}

// The batch that contains the offset goes as a whole. Where a damaged batch lies before it, that
// is where the log ends then: nothing behind it can be told from something else.
Task<Result<void>> PartitionLog::cut_active(Offset offset) {
  const Segment old = segments_.back();
  LogSegment kept(old->base, nullptr, options_.config, old->created);
  SegmentScan scan(old->size, {.position = 0, .offset = old->base, .end = old->end});
  bool reached = false;
  while (scan.wants() > 0 && !reached) {
    Result<Slice> chunk = co_await old->file->read_at(scan.position(), scan.wants());
    if (!chunk) co_return chunk.error();
    std::vector<ScannedBatch> found;
    scan.feed(*chunk, found);
    for (const ScannedBatch& scanned : found) {
      const BatchHeader& header = scanned.batch.header;
      reached = header.next_offset() > offset;
      if (reached) {
        log_end_ = std::max(log_start_, std::min(offset, header.base_offset));
        break;
      }
      kept.note(header);
    }
  }
  if (!reached && !scan.stop().empty()) {
    log_end_ = std::max(log_start_, std::min(offset, kept.end));
  }
  old->size = kept.size;
  old->end = kept.end;
  old->index = std::move(kept.index);
  old->first_timestamp = kept.first_timestamp;
  Result<void> done = co_await old->file->truncate(old->size);
  if (!done) co_return done;
  done = co_await old->file->sync();
  co_return done;
}

Task<Result<void>> PartitionLog::remove_segment_files(Offset base) {
  Result<void> done = co_await remove_file(machine_.disk, path(segment_file_name(base)));
  if (!done) co_return done;
  done = co_await remove_file(machine_.disk, path(offset_index_file_name(base)));
  if (!done) co_return done;
  done = co_await remove_file(machine_.disk, path(time_index_file_name(base)));
  co_return done;
}

Task<ErrorCode> PartitionLog::advance_locked(Offset offset) {
  if (offset > log_end_) co_return ErrorCode::offset_out_of_range;
  if (offset <= log_start_) co_return ErrorCode::none;
  // Else a power loss could leave a log that ends before it begins.
  const ErrorCode synced = co_await sync_up_to(offset);
  if (synced != ErrorCode::none) co_return synced;
  const Slice text = Slice::copy_of(encode_offset_checkpoint(offset));
  Result<void> done = co_await replace_file(machine_.disk, path(kLogStartCheckpointName), text);
  if (done) {
    done = co_await machine_.disk.sync_directory(options_.directory);
  }
  if (!done) co_return fail_unless_full("the log start could not be stored", done.error());

  Fact advanced = fact(FactKind::log_start_advanced);
  advanced.old = log_start_.value();
  advanced.value = offset.value();
  log_start_ = offset;
  if (epochs_.truncate_from_start(offset)) epochs_changed_ = true;
  machine_.facts.emit(advanced);
  // Files that stay because they could not be removed are dropped by the next opening.
  [[maybe_unused]] const Result<void> deleted = co_await delete_before(offset);
  co_return ErrorCode::none;
}

Task<Result<void>> PartitionLog::delete_before(Offset log_start) {
  std::vector<Offset> bases;
  while (segments_.size() > 1 && segments_[1]->base <= log_start) {
    bases.push_back(segments_.front()->base);
    segments_.erase(segments_.begin());
  }
  if (bases.empty()) co_return Result<void>{};
  for (const Offset base : bases) {
    Result<void> retired = co_await retire_segment_files(base);
    if (!retired) co_return retired;
  }
  Result<std::vector<std::string>> names = co_await machine_.disk.list(options_.directory);
  if (!names) co_return names.error();
  for (const std::string& name : *names) {
    const LogFileName parsed = parse_log_file_name(name);
    const bool old = parsed.kind == LogFileKind::snapshot && parsed.offset < segments_[0]->base;
    if (!old) continue;
    Result<void> removed = co_await remove_file(machine_.disk, path(name));
    if (!removed) co_return removed;
  }
  Result<void> done = co_await machine_.disk.sync_directory(options_.directory);
  co_return done;
}

Task<ErrorCode> PartitionLog::retain(Offset high_watermark) {
  const RetentionInput input{
      .log_start = log_start_, .high_watermark = high_watermark, .now = machine_.clock.wall()};
  const RetentionDecision decision = decide_retention(summaries(), options_.config, input);
  if (decision.count == 0) co_return ErrorCode::none;
  if (decision.count == segments_.size()) {
    const ErrorCode rolled = co_await roll();
    if (rolled != ErrorCode::none) co_return rolled;
  }
  const Offset start = segments_[decision.count]->base;
  if (start <= log_start_) {  // an earlier deletion did not come to its end
    [[maybe_unused]] const Result<void> deleted = co_await delete_before(log_start_);
    co_return ErrorCode::none;
  }
  const ErrorCode code = co_await advance_locked(start);
  co_return code;
}

Task<Result<void>> PartitionLog::close_locked() {
  Result<void> done = co_await save_derived(log_end_);
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  const Slice text = Slice::copy_of(encode_offset_checkpoint(log_end_));
  done = co_await replace_file(machine_.disk, path(kCleanShutdownName), text);
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  co_return done;
}

Task<Result<void>> PartitionLog::remove_all() {
  Result<std::vector<std::string>> names = co_await machine_.disk.list(options_.directory);
  if (!names) co_return names.error();
  std::ranges::reverse(*names);  // the newest segments first: what is left is a shorter log
  for (const std::string& name : *names) {
    Result<void> removed = co_await remove_file(machine_.disk, path(name));
    if (!removed) co_return removed;
  }
  Result<void> done = co_await machine_.disk.remove(options_.directory);
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(parent_of(options_.directory));
  co_return done;
}

}  // namespace weir
