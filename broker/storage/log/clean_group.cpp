// Rewriting a group of segments into one, and putting it into their place.
//
// The new segment is written and synced as `<base>.log.cleaned`. Its rename to .swap, made durable,
// is the moment from which it counts: an opening finishes what a crash leaves after it, and removes
// what a crash leaves before. Then the indexes of the old first segment go and the other old
// segments get their .deleted, durably, before the last rename, so that no index is ever believed
// of another segment and no old segment stands behind a shortened one. The last batch of a group
// always stays, so the new segment ends where the old ones did.
#include <algorithm>
#include <utility>

#include "broker/storage/log/cleaning_pass.h"
#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"

namespace weir {
namespace {

// Written at a time.
constexpr std::size_t kWriteBytes = 1 << 20;

std::string with_suffix(std::string name, std::string_view suffix) {
  name += suffix;
  return name;
}

}  // namespace

Task<Result<void>> PartitionLog::clean_group(CleaningPass& pass, std::vector<Segment> group) {
  const std::string name =
      path(with_suffix(segment_file_name(group.front()->base), kCleanedSuffix));
  Result<std::unique_ptr<File>> file = co_await machine_.disk.open(name, OpenMode::create);
  if (!file) {
    fail_unless_full("a cleaned segment could not be made", file.error());
    co_return file.error();
  }
  const Segment cleaned = std::make_shared<LogSegment>(group.front()->base, std::move(*file),
                                                       options_.config, group.back()->created);
  pass.changed = group.size() > 1;
  const std::int64_t removed_before = pass.removed;
  Result<void> done = co_await write_cleaned(pass, cleaned, group);
  if (done && pass.changed) {
    done = co_await swap_in(pass, cleaned, std::move(group));
    if (done) co_return done;
  }
  if (!done) pass.removed = removed_before;
  if (!usable()) co_return done;
  // It did not come to anything; if this fails as well, the next opening does it.
  [[maybe_unused]] const Result<void> removed = co_await remove_file(machine_.disk, name);
  co_return done;
}

// Errors of the disk's writing side fail the log, unless the disk is full.
Task<Result<void>> PartitionLog::write_cleaned(CleaningPass& pass, Segment cleaned,
                                               std::vector<Segment> group) {
  Result<void> done = co_await cleaned->file->truncate(0);
  const Offset end = group.back()->end;
  std::vector<ScannedBatch> found;
  std::vector<Slice> parts;
  std::size_t pending = 0;
  for (const Segment& source : group) {
    SegmentScan scan(source->size, {.position = 0, .offset = source->base, .end = source->end});
    while (done && scan.wants() > 0) {
      Result<void> read = co_await next_batches(source, scan, found);
      if (!read) co_return read;
      for (const ScannedBatch& scanned : found) {
        const bool last = scanned.batch.header.next_offset() == end;
        Result<CleanedBatch> batch = pass.cleaner->clean(scanned.batch, last, codecs_);
        if (!batch) co_return batch.error();
        pass.removed += batch->removed;
        pass.changed = pass.changed || batch->changed;
        if (batch->bytes.empty()) continue;
        cleaned->note(read_batch_header(batch->bytes));
        pending += batch->bytes.size();
        parts.push_back(std::move(batch->bytes));
      }
      if (pending < kWriteBytes) continue;
      done = co_await flush_cleaned(cleaned, parts);
      pending = 0;
    }
  }
  if (done) {
    done = co_await flush_cleaned(cleaned, parts);
  }
  if (done && pass.changed) {
    done = co_await cleaned->file->sync();
    // Whatever a failed sync says: nobody knows what it left.
    if (!done) fail("the sync of a cleaned segment failed", done.error());
  }
  if (!done) fail_unless_full("a cleaned segment could not be written", done.error());
  if (done && cleaned->end != end) co_return Errc::corrupt;
  co_return done;
}

Task<Result<void>> PartitionLog::flush_cleaned(Segment cleaned, std::vector<Slice>& parts) {
  std::uint64_t bytes = 0;
  for (const Slice& part : parts) bytes += part.size();
  if (bytes == 0) co_return Result<void>{};
  Result<void> done = co_await cleaned->file->write_at(cleaned->size - bytes, parts);
  parts.clear();
  co_return done;
}

// Whether the group is in the log as it was, none of it active.
bool PartitionLog::stands(const std::vector<Segment>& group) const {
  const auto at = std::ranges::find(segments_, group.front());
  const auto left = static_cast<std::size_t>(segments_.end() - at);
  return left > group.size() && std::equal(group.begin(), group.end(), at);
}

Task<Result<void>> PartitionLog::swap_in(CleaningPass& pass, Segment cleaned,
                                         std::vector<Segment> group) {
  const Offset known_below = std::max(pass.keys.end(), cleaned->end);
  const std::string name = path(segment_file_name(cleaned->base));
  co_await write_lock_.lock();
  Result<void> done = Errc::closed;
  if (!must_give_up(known_below) && stands(group)) {
    done = co_await commit_swap(name);
    if (done) {
      done = co_await finish_swap(cleaned, std::move(group));
      // It counts already, and is finished by the next opening; but this one does not know what
      // stands under which name.
      if (!done) fail("a cleaned segment could not take its place", done.error());
    }
  }
  write_lock_.unlock();
  co_return done;
}

// `name`: of the segment that is replaced. An error means that nothing counts, or that the log
// failed.
Task<Result<void>> PartitionLog::commit_swap(std::string name) {
  const std::string cleaned = with_suffix(name, kCleanedSuffix);
  const std::string swap = with_suffix(name, kSwapSuffix);
  Result<void> done = co_await machine_.disk.rename(cleaned, swap);
  if (done) {
    done = co_await machine_.disk.sync_directory(options_.directory);
  }
  if (done) co_return done;
  // A later opening must not find it, when the log has gone on without it.
  Result<void> undone = co_await remove_file(machine_.disk, swap);
  if (undone) {
    undone = co_await machine_.disk.sync_directory(options_.directory);
  }
  if (!undone) {
    fail("a cleaned segment could not be taken back", undone.error());
  } else {
    fail_unless_full("a cleaned segment could not be renamed", done.error());
  }
  co_return done;
}

Task<Result<void>> PartitionLog::finish_swap(Segment cleaned, std::vector<Segment> group) {
  const Offset base = cleaned->base;
  Result<void> done = co_await remove_file(machine_.disk, path(offset_index_file_name(base)));
  if (!done) co_return done;
  done = co_await remove_file(machine_.disk, path(time_index_file_name(base)));
  if (!done) co_return done;
  for (std::size_t i = 1; i < group.size(); ++i) {
    done = co_await retire_segment_files(group[i]->base);
    if (!done) co_return done;
    done = co_await remove_file(machine_.disk, path(snapshot_file_name(group[i]->base)));
    if (!done) co_return done;
  }
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  const std::string name = path(segment_file_name(base));
  done = co_await machine_.disk.rename(with_suffix(name, kSwapSuffix), name);
  if (!done) co_return done;
  // Atomically: these indexes will be trusted, as those of a segment that is complete.
  cleaned->index.finish();
  done = co_await replace_file(machine_.disk, path(offset_index_file_name(base)),
                               cleaned->index.encode_offsets());
  if (!done) co_return done;
  done = co_await replace_file(machine_.disk, path(time_index_file_name(base)),
                               cleaned->index.encode_times());
  if (!done) co_return done;
  done = co_await machine_.disk.sync_directory(options_.directory);
  if (!done) co_return done;
  const auto at = std::ranges::find(segments_, group.front());
  *at = cleaned;
  segments_.erase(at + 1, at + static_cast<std::ptrdiff_t>(group.size()));
  co_return done;
}

}  // namespace weir
