// Loading one segment: its index from the files, or rebuilt by a scan; its torn end cut off.
//
// Only what a crash can have torn is cut. A segment that was durable as a whole and does not read
// has rotted: it stays, with all that follows it, and the damage is told.
#include <utility>

#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"
#include "broker/storage/segment_scan.h"

namespace weir {

// `durable_end`: the segment was complete and durable up to there, and so were its indexes. Even
// then the part behind the last entry is scanned, and an index that does not fit its segment is
// rebuilt.
Task<Result<PartitionLog::Segment>> PartitionLog::load_segment(Offset base,
                                                               std::optional<Offset> durable_end) {
  const std::string name = segment_file_name(base);
  Result<std::unique_ptr<File>> file = co_await machine_.disk.open(path(name), OpenMode::existing);
  if (!file) co_return file.error();
  const std::uint64_t file_size = (*file)->size();
  const Segment segment =
      std::make_shared<LogSegment>(base, std::move(*file), options_.config, machine_.clock.wall());
  bool indexed = false;
  if (durable_end) {
    indexed = co_await load_index(*segment);
  }
  if (!indexed) {
    segment->index = SegmentIndex(base, options_.config.index_interval_bytes);
    segment->size = 0;
    segment->end = base;
  }
  const Offset farthest = durable_end.value_or(SegmentScan::farthest(base));
  Result<std::string> stop = co_await scan_into(*segment, file_size, farthest);
  if (!stop) co_return stop.error();
  if (segment->size < file_size && durable_end) {
    note_damage(segment->end, *segment, "at byte " + std::to_string(segment->size) + ": " + *stop);
    segment->size = file_size;
    segment->end = *durable_end;
  } else if (segment->size < file_size) {
    // Durably, so that no old batch behind the cut can follow a new one after the next power loss.
    Result<void> cut = co_await segment->file->truncate(segment->size);
    if (cut) {
      cut = co_await segment->file->sync();
    }
    if (!cut) co_return cut.error();
    cut_why_ = name + " at byte " + std::to_string(segment->size) + ": " + *stop;
  }
  co_return segment;
}

// Fills the index and sets the segment to where its last entry points. False where the files are
// missing, malformed, or point to something else than the batch they were made for.
Task<bool> PartitionLog::load_index(LogSegment& segment) {
  Result<Slice> offsets =
      co_await read_file(machine_.disk, path(offset_index_file_name(segment.base)));
  if (!offsets) co_return false;
  Result<Slice> times = co_await read_file(machine_.disk, path(time_index_file_name(segment.base)));
  if (!times) co_return false;
  const Result<void> decoded = segment.index.decode(*offsets, *times, segment.file->size());
  if (!decoded) co_return false;
  Result<Slice> first = co_await segment.file->read_at(0, kBatchHeaderBytes);
  if (!first || first->size() < kBatchHeaderBytes) co_return false;
  segment.first_timestamp = WallTime{read_batch_header(*first).max_timestamp};
  if (segment.index.offsets().empty()) co_return true;
  const SegmentIndex::OffsetEntry entry = segment.index.offsets().back();
  Result<Slice> last = co_await segment.file->read_at(entry.position, kBatchHeaderBytes);
  if (!last || last->size() < kBatchHeaderBytes) co_return false;
  const BatchHeader header = read_batch_header(*last);
  if (header.magic != kBatchMagic || header.last_offset() != entry.offset) co_return false;
  segment.size = entry.position;
  segment.end = header.base_offset;
  co_return true;
}

// Notes all whole batches from segment.size on; yields why the scan stopped early, or nothing.
Task<Result<std::string>> PartitionLog::scan_into(LogSegment& segment, std::uint64_t file_size,
                                                  Offset farthest) {
  SegmentScan scan(file_size, {.position = segment.size, .offset = segment.end, .end = farthest});
  while (scan.wants() > 0) {
    Result<Slice> chunk = co_await segment.file->read_at(scan.position(), scan.wants());
    if (!chunk) co_return chunk.error();
    std::vector<ScannedBatch> found;
    scan.feed(*chunk, found);
    for (const ScannedBatch& scanned : found) segment.note(scanned.batch.header);
  }
  co_return scan.stop();
}

}  // namespace weir
