// Rolling and syncing.
//
// The order at a roll is what recovery relies on: the old segment, its indexes, the producer state
// at its end and the epochs are durable, with their directory entries, before the new segment
// exists (KAFKA-9892, KAFKA-16541). So only the last segment ever needs a scan.
#include <utility>

#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"

namespace weir {

Task<ErrorCode> PartitionLog::sync_up_to(Offset end) {
  co_await sync_lock_.lock();
  ErrorCode code = usable() ? ErrorCode::none : ErrorCode::kafka_storage_error;
  if (code == ErrorCode::none && flushed_ < end) {
    code = co_await sync_active();
  }
  sync_lock_.unlock();
  co_return code;
}

// Under the sync lock. Earlier segments are durable, so the active one is all there is to do.
Task<ErrorCode> PartitionLog::sync_active() {
  const Segment segment = segments_.back();
  const Offset end = log_end_;
  last_flush_ = machine_.clock.now();
  if (end <= flushed_) co_return ErrorCode::none;
  const Result<void> synced = co_await segment->file->sync();
  // What a failed sync left of the unsynced bytes nobody knows: no second try can make it good.
  if (!synced) co_return fail("a sync failed", synced.error());
  if (!usable()) co_return ErrorCode::kafka_storage_error;
  flushed_ = end;
  Fact fact_synced = fact(FactKind::log_synced);
  fact_synced.value = end.value();
  machine_.facts.emit(fact_synced);
  co_return ErrorCode::none;
}

// Under the write lock. The new segment begins where the last batch ended, even if the log end was
// truncated to a gap behind it: so segments follow each other without a hole, and one that is
// missing shows. On a full disk the log goes on with the segment it had.
Task<ErrorCode> PartitionLog::roll() {
  const Offset base = active().end;
  co_await sync_lock_.lock();
  const ErrorCode code = co_await sync_active();
  sync_lock_.unlock();
  if (code != ErrorCode::none) co_return code;
  Result<void> done = co_await save_derived(base);
  if (done) {
    done = co_await machine_.disk.sync_directory(options_.directory);
  }
  if (done) {
    done = co_await create_segment(base);
  }
  if (!done) co_return fail_unless_full("no new segment could be made", done.error());
  Fact rolled = fact(FactKind::log_rolled);
  rolled.value = base.value();
  machine_.facts.emit(rolled);
  co_return ErrorCode::none;
}

// Stores what is derived from the log up to `at`, its end: indexes of the active segment, producer
// state, epochs. The directory is left to the caller.
Task<Result<void>> PartitionLog::save_derived(Offset at) {
  LogSegment& segment = active();
  segment.index.finish();
  Result<void> done = co_await write_file(machine_.disk, path(offset_index_file_name(segment.base)),
                                          segment.index.encode_offsets());
  if (!done) co_return done;
  done = co_await write_file(machine_.disk, path(time_index_file_name(segment.base)),
                             segment.index.encode_times());
  if (!done) co_return done;
  done = co_await replace_file(machine_.disk, path(snapshot_file_name(at)), producers_.encode());
  if (!done) co_return done;
  if (epochs_changed_) {
    const Slice text = Slice::copy_of(epochs_.encode());
    done = co_await replace_file(machine_.disk, path(kEpochCheckpointName), text);
    if (!done) co_return done;
    epochs_changed_ = false;
  }
  co_return done;
}

Task<Result<void>> PartitionLog::save_epochs() {
  const Slice text = Slice::copy_of(epochs_.encode());
  Result<void> done = co_await replace_file(machine_.disk, path(kEpochCheckpointName), text);
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (done) epochs_changed_ = false;
  co_return done;
}

Task<Result<void>> PartitionLog::create_segment(Offset base) {
  const std::string name = path(segment_file_name(base));
  Result<std::unique_ptr<File>> file = co_await machine_.disk.open(name, OpenMode::exclusive);
  if (!file) co_return file.error();
  const Result<void> synced = co_await machine_.disk.sync_directory(options_.directory);
  if (!synced) {
    // Without the new segment the log is as before; with it, the old one would pass for complete.
    Result<void> undone = co_await remove_file(machine_.disk, name);
    if (undone) {
      undone = co_await machine_.disk.sync_directory(options_.directory);
    }
    if (!undone) fail("a new segment could not be taken back", undone.error());
    co_return synced;
  }
  segments_.push_back(
      std::make_shared<LogSegment>(base, std::move(*file), options_.config, machine_.clock.wall()));
  co_return Result<void>{};
}

}  // namespace weir
