// Segments that were replaced or are too old: their files get the suffix .deleted, and go when
// file.delete.delay.ms have passed, so that whoever reads them by name is not surprised.
//
// A name that comes into use again meanwhile is not touched (KAFKA-12964): only names with the
// suffix are removed, and an opening removes whatever is left of them.
#include <utility>

#include "broker/storage/log/disk_files.h"
#include "broker/storage/log/partition_log.h"

namespace weir {

// The directory is left to the caller.
Task<Result<void>> PartitionLog::retire_segment_files(Offset base) {
  Result<void> done = co_await remove_file(machine_.disk, path(offset_index_file_name(base)));
  if (!done) co_return done;
  done = co_await remove_file(machine_.disk, path(time_index_file_name(base)));
  if (!done) co_return done;
  const std::string name = segment_file_name(base);
  std::string retired = name;
  retired += kDeletedSuffix;
  done = co_await machine_.disk.rename(path(name), path(retired));
  if (!done && done.error() != Errc::not_found) co_return done;
  const Duration delay = std::chrono::milliseconds(options_.config.file_delete_delay_ms);
  deletions_.push_back({machine_.clock.now() + delay, std::move(retired)});
  co_return Result<void>{};
}

// What cannot be removed now stays in the list.
Task<> PartitionLog::purge_deletions() {
  const Instant now = machine_.clock.now();
  std::vector<Deletion> left;
  std::vector<Deletion> all = std::exchange(deletions_, {});
  for (Deletion& deletion : all) {
    bool gone = false;
    if (deletion.due <= now) {
      const Result<void> removed = co_await remove_file(machine_.disk, path(deletion.name));
      gone = removed.has_value();
    }
    if (!gone) left.push_back(std::move(deletion));
  }
  deletions_ = std::move(left);
}

}  // namespace weir
