// What is derived from the records: leader epochs and producer state, restored from the newest
// checkpoint that can be believed and brought up to the log end by replay.
#include <algorithm>
#include <functional>
#include <utility>

#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"
#include "broker/storage/segment_scan.h"

namespace weir {

Task<Result<void>> PartitionLog::restore_state(std::vector<Offset> snapshots, bool clean) {
  const bool epochs_known = co_await load_epochs();
  // The checkpoint covers all segments but the last, and that one too after a clean shutdown.
  Offset epochs_from = clean ? log_end_ : active().base;
  if (!epochs_known) epochs_from = segments_.front()->base;
  epochs_.truncate_from_end(epochs_from);
  epochs_changed_ = !clean || !epochs_known;
  Result<Offset> producers_from = co_await load_producers(std::move(snapshots));
  if (!producers_from) co_return producers_from.error();
  Result<void> done = co_await replay(epochs_from, *producers_from);
  epochs_.truncate_from_start(log_start_);
  co_return done;
}

Task<bool> PartitionLog::load_epochs() {
  const Result<Slice> text = co_await read_file(machine_.disk, path(kEpochCheckpointName));
  if (!text) co_return false;
  Result<EpochCache> cache = EpochCache::decode(text->text());
  if (!cache) co_return false;
  epochs_ = std::move(*cache);
  co_return true;
}

// Loads the newest valid snapshot at or below the log end; yields from which offset on to replay.
// Snapshots beyond the end, broken ones, and those that nothing needs any more are removed.
Task<Result<Offset>> PartitionLog::load_producers(std::vector<Offset> snapshots) {
  producers_.clear();
  Offset from = segments_.front()->base;
  bool loaded = false;
  std::ranges::sort(snapshots, std::greater{});
  for (const Offset at : snapshots) {
    const std::string name = path(snapshot_file_name(at));
    bool keep = std::ranges::find(segments_, at, &LogSegment::base) != segments_.end();
    if (!loaded && at <= log_end_) {
      Result<Slice> content = co_await read_file(machine_.disk, name);
      if (content) {
        Result<ProducerStates> states = ProducerStates::decode(*content);
        loaded = states.has_value();
        if (loaded) {
          producers_ = std::move(*states);
          from = at;
        }
        keep = loaded;
      }
    }
    if (keep && at <= log_end_) continue;
    Result<void> removed = co_await remove_file(machine_.disk, name);
    if (!removed) co_return removed.error();
  }
  co_return from;
}

// Applies the batches from `epochs_from` on to the epochs, from `producers_from` on to the
// producers.
Task<Result<void>> PartitionLog::replay(Offset epochs_from, Offset producers_from) {
  const Offset from = std::min(epochs_from, producers_from);
  const WallTime now = machine_.clock.wall();
  const std::vector<Segment> segments = segments_;
  for (const Segment& segment : segments) {
    if (segment->end <= from) continue;
    SegmentScan scan(segment->size, {.position = segment->index.position_before(from),
                                     .offset = segment->base,
                                     .end = segment->end});
    while (scan.wants() > 0) {
      Result<Slice> chunk = co_await segment->file->read_at(scan.position(), scan.wants());
      if (!chunk) co_return chunk.error();
      std::vector<ScannedBatch> found;
      scan.feed(*chunk, found);
      for (const ScannedBatch& scanned : found) {
        const BatchHeader& header = scanned.batch.header;
        if (header.base_offset >= epochs_from) {
          epochs_.assign(header.partition_leader_epoch, header.base_offset);
        }
        if (header.base_offset >= producers_from) producers_.apply(header, now);
      }
    }
    // What is behind the damage in this segment cannot be told; what follows the segment can.
    if (!scan.stop().empty()) note_damage(scan.next_offset(), *segment, scan.stop());
  }
  co_return Result<void>{};
}

}  // namespace weir
