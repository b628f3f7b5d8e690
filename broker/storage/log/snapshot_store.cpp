// Snapshot files: write, sync, rename, sync the directory; then they are listed and served.
#include "broker/storage/log/snapshot_store.h"

#include <algorithm>
#include <utility>

#include "broker/storage/log/disk_files.h"

namespace weir {
namespace {

// The most that one read takes from the disk, whatever it is asked for.
constexpr std::size_t kLargestChunk = 64 * 1024 * 1024;

std::string part_name(const SnapshotId& id) {
  std::string name = to_file_name(id);
  name += kPartialSuffix;
  return name;
}

}  // namespace

std::string SnapshotWriter::part_path() const { return path_in(directory_, part_name(id_)); }

Task<Result<void>> SnapshotWriter::append(Slice bytes) {
  if (broken_) co_return Errc::closed;
  if (bytes.empty()) co_return Result<void>{};
  Result<void> done = co_await file_->write_at(position_, bytes);
  broken_ = !done;
  if (done) position_ += bytes.size();
  co_return done;
}

Task<Result<void>> SnapshotWriter::freeze() {
  if (broken_) co_return Errc::closed;
  broken_ = true;
  Result<void> done = co_await file_->sync();
  if (!done) co_return done;
  done = co_await disk_.rename(part_path(), path_in(directory_, to_file_name(id_)));
  if (!done) co_return done;
  done = co_await disk_.sync_directory(directory_);
  co_return done;
}

Task<Result<void>> SnapshotWriter::abandon() {
  broken_ = true;
  Result<void> done = co_await remove_file(disk_, part_path());
  co_return done;
}

std::string SnapshotStore::path_of(const SnapshotId& id) const {
  return path_in(directory_, to_file_name(id));
}

Task<Result<void>> SnapshotStore::open() {
  ids_.clear();
  Result<void> done = co_await disk_.make_directory(directory_);
  if (done) {
    done = co_await disk_.sync_directory(parent_of(directory_));
  }
  if (!done) co_return done;
  Result<std::vector<std::string>> names = co_await disk_.list(directory_);
  if (!names) co_return names.error();
  for (const std::string& name : *names) {
    if (const std::optional<SnapshotId> id = parse_snapshot_file_name(name)) ids_.push_back(*id);
    if (!is_partial_snapshot(name)) continue;
    done = co_await remove_file(disk_, path_in(directory_, name));
    if (!done) co_return done;
  }
  std::ranges::sort(ids_);
  // A rename of before a crash may not be durable yet, and the log below may be deleted soon.
  done = co_await disk_.sync_directory(directory_);
  co_return done;
}

std::optional<SnapshotId> SnapshotStore::latest() const {
  if (ids_.empty()) return std::nullopt;
  return ids_.back();
}

Task<Result<std::unique_ptr<SnapshotWriter>>> SnapshotStore::create(SnapshotId id) {
  if (std::ranges::binary_search(ids_, id)) co_return Errc::already_exists;
  const std::string path = path_in(directory_, part_name(id));
  Result<std::unique_ptr<File>> file = co_await disk_.open(path, OpenMode::create);
  if (!file) co_return file.error();
  const Result<void> emptied = co_await (*file)->truncate(0);
  if (!emptied) co_return emptied.error();
  co_return std::make_unique<SnapshotWriter>(disk_, directory_, id, std::move(*file));
}

Task<Result<void>> SnapshotStore::freeze(SnapshotWriter& writer) {
  const SnapshotId id = writer.id();
  Result<void> done = co_await writer.freeze();
  if (!done) co_return done;
  const auto at = std::ranges::lower_bound(ids_, id);
  if (at == ids_.end() || *at != id) ids_.insert(at, id);
  co_return done;
}

Task<SnapshotChunk> SnapshotStore::read(SnapshotId id, std::uint64_t position,
                                        std::size_t max_bytes) {
  SnapshotChunk chunk;
  if (!std::ranges::binary_search(ids_, id)) {
    chunk.error = ErrorCode::snapshot_not_found;
    co_return chunk;
  }
  Result<std::unique_ptr<File>> file = co_await disk_.open(path_of(id), OpenMode::existing);
  if (!file) {
    const bool gone = file.error() == Errc::not_found;
    chunk.error = gone ? ErrorCode::snapshot_not_found : ErrorCode::kafka_storage_error;
    co_return chunk;
  }
  chunk.size = (*file)->size();
  if (position >= chunk.size) {  // as Kafka: also at its very end
    chunk.error = ErrorCode::position_out_of_range;
    co_return chunk;
  }
  Result<Slice> bytes = co_await (*file)->read_at(position, std::min(max_bytes, kLargestChunk));
  if (bytes) {
    chunk.bytes = std::move(*bytes);
  } else {
    chunk.error = ErrorCode::kafka_storage_error;
  }
  co_return chunk;
}

Task<Result<std::uint64_t>> SnapshotStore::size(SnapshotId id) {
  Result<std::unique_ptr<File>> file = co_await disk_.open(path_of(id), OpenMode::existing);
  if (!file) co_return file.error();
  co_return (*file)->size();
}

Task<Result<void>> SnapshotStore::remove_before(Offset end_offset) {
  std::vector<SnapshotId> old;
  for (const SnapshotId& id : ids_) {
    if (id.end_offset < end_offset && id != ids_.back()) old.push_back(id);
  }
  for (const SnapshotId& id : old) {
    Result<void> done = co_await remove_file(disk_, path_of(id));
    if (!done) co_return done;
    std::erase(ids_, id);
  }
  if (old.empty()) co_return Result<void>{};
  Result<void> done = co_await disk_.sync_directory(directory_);
  co_return done;
}

Task<Result<void>> SnapshotStore::remove(SnapshotId id) {
  Result<void> done = co_await remove_file(disk_, path_of(id));
  if (!done) co_return done;
  std::erase(ids_, id);
  done = co_await disk_.sync_directory(directory_);
  co_return done;
}

}  // namespace weir
