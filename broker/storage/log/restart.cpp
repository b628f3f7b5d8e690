// Beginning anew: a log that forgets all it held and starts at another offset, and one whose epochs
// are told to it.
//
// For a follower whose leader's log begins behind its own end, and for the metadata log after a
// snapshot. The leader's log may begin in the midst of a batch (DeleteRecords): then the segment
// begins where that batch does, before the log start. Every step leaves a state that an opening
// understands: first what is derived goes, then the records, the newest first, then the log start
// moves, and last comes the new segment.
#include <algorithm>
#include <utility>

#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"

namespace weir {

Task<ErrorCode> PartitionLog::restart_locked(Offset start, Offset base, std::string why) {
  co_await sync_lock_.lock();
  Fact truncated = fact(FactKind::log_truncated);
  truncated.old = log_end_.value();
  truncated.value = log_start_.value();
  Fact moved = fact(FactKind::log_start_advanced);
  moved.old = log_start_.value();
  moved.value = start.value();
  ++truncations_;
  lowest_cut_ = Offset{0};
  log_end_ = log_start_;  // readers see nothing of it from here on
  flushed_ = log_start_;
  Result<void> done = co_await forget_derived();
  if (done) {
    done = co_await restart_at(start, base);
  }
  ++truncations_;
  sync_lock_.unlock();
  if (!done) co_return fail("the log could not begin anew", done.error());
  truncated.why = why;
  machine_.facts.emit(truncated);
  if (moved.old != moved.value) machine_.facts.emit(moved);
  co_return ErrorCode::none;
}

// Epochs, producers, what was cleaned. Without their files an opening takes them from the records.
Task<Result<void>> PartitionLog::forget_derived() {
  Result<void> done = co_await lower_cleaner_checkpoint(Offset{0});
  if (!done) co_return done;
  Result<std::vector<std::string>> names = co_await machine_.disk.list(options_.directory);
  if (!names) co_return names.error();
  for (const std::string& name : *names) {
    const bool derived =
        name == kEpochCheckpointName || parse_log_file_name(name).kind == LogFileKind::snapshot;
    if (!derived) continue;
    done = co_await remove_file(machine_.disk, path(name));
    if (!done) co_return done;
  }
  epochs_.clear();
  epochs_changed_ = true;
  producers_.clear();
  damage_.reset();
  done = co_await machine_.disk.sync_directory(options_.directory);
  co_return done;
}

Task<Result<void>> PartitionLog::restart_at(Offset start, Offset first) {
  Result<void> done;
  while (segments_.size() > 1) {
    const Offset base = active().base;
    segments_.pop_back();
    done = co_await remove_segment_files(base);
    if (!done) co_return done;
  }
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  const Segment old = segments_.back();
  LogSegment empty(old->base, nullptr, options_.config, machine_.clock.wall());
  old->size = 0;
  old->end = old->base;
  old->index = std::move(empty.index);
  old->first_timestamp = empty.first_timestamp;
  old->created = empty.created;
  done = co_await old->file->truncate(0);
  if (!done) co_return done;
  done = co_await old->file->sync();
  if (!done) co_return done;

  const Slice text = Slice::copy_of(encode_offset_checkpoint(start));
  done = co_await replace_file(machine_.disk, path(kLogStartCheckpointName), text);
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  if (old->base != first) {
    done = co_await create_segment(first);
    if (!done) co_return done;
    segments_.erase(segments_.begin());
    done = co_await remove_segment_files(old->base);
    if (!done) co_return done;
    done = co_await machine_.disk.sync_directory(options_.directory);
    if (!done) co_return done;
  }
  log_start_ = start;
  log_end_ = start;
  flushed_ = start;
  co_return done;
}

Task<ErrorCode> PartitionLog::reset_epochs_locked(std::vector<EpochStart> epochs) {
  EpochCache wanted;
  for (const EpochStart& entry : epochs) {
    const bool inside = log_start_ <= entry.start && entry.start <= log_end_;
    if (!inside || !wanted.assign(entry.epoch, entry.start)) co_return ErrorCode::invalid_request;
  }
  if (wanted.entries() != epochs) co_return ErrorCode::invalid_request;
  EpochCache before = std::exchange(epochs_, std::move(wanted));
  epochs_changed_ = true;
  const Result<void> done = co_await save_epochs();
  if (done) co_return ErrorCode::none;
  epochs_ = std::move(before);
  co_return fail_unless_full("the leader epochs could not be stored", done.error());
}

}  // namespace weir
