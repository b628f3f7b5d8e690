// SnapshotStore: the snapshot files of the metadata log's directory: written, read in chunks,
// listed, deleted.
//
// A snapshot is written under `.part`, synced, renamed, and its directory synced; only then it is
// listed (KAFKA-15312). What its bytes mean is the quorum's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/ports/disk.h"
#include "broker/ports/task.h"
#include "broker/storage/snapshot_id.h"
#include "broker/wire/error_code.h"

namespace weir {

struct SnapshotChunk {
  ErrorCode error = ErrorCode::none;  // snapshot_not_found, position_out_of_range,
                                      // kafka_storage_error
  std::uint64_t size = 0;             // of the whole snapshot
  Slice bytes;
};

// A snapshot in the making. Without freeze() nothing of it stays after the next open.
class SnapshotWriter {
 public:
  SnapshotWriter(Disk& disk, std::string directory, SnapshotId id, std::unique_ptr<File> file)
      : disk_(disk), directory_(std::move(directory)), id_(id), file_(std::move(file)) {}

  [[nodiscard]] const SnapshotId& id() const { return id_; }
  // How much was appended: where a FetchSnapshot goes on.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  // After an error the writer is of no more use.
  [[nodiscard]] Task<Result<void>> append(Slice bytes);
  // Whole and durable under its own name when it yields success; nothing may follow.
  [[nodiscard]] Task<Result<void>> freeze();
  [[nodiscard]] Task<Result<void>> abandon();

 private:
  [[nodiscard]] std::string part_path() const;

  Disk& disk_;
  std::string directory_;
  SnapshotId id_;
  std::unique_ptr<File> file_;
  std::uint64_t position_ = 0;
  bool broken_ = false;
};

class SnapshotStore {
 public:
  SnapshotStore(Disk& disk, std::string directory)
      : disk_(disk), directory_(std::move(directory)) {}

  // Makes the directory where there is none, removes unfinished snapshots, learns the others.
  [[nodiscard]] Task<Result<void>> open();

  // Ascending; also those that were frozen since.
  [[nodiscard]] const std::vector<SnapshotId>& list() const { return ids_; }
  [[nodiscard]] std::optional<SnapshotId> latest() const;

  // Begins anew where one of that id was being written. already_exists: it is there.
  [[nodiscard]] Task<Result<std::unique_ptr<SnapshotWriter>>> create(SnapshotId id);
  // Freezes the writer's snapshot and lists it.
  [[nodiscard]] Task<Result<void>> freeze(SnapshotWriter& writer);

  // At most max_bytes from `position` on. position_out_of_range from the end of the snapshot on.
  [[nodiscard]] Task<SnapshotChunk> read(SnapshotId id, std::uint64_t position,
                                         std::size_t max_bytes);
  [[nodiscard]] Task<Result<std::uint64_t>> size(SnapshotId id);

  // Deletes those whose end offset is below; never the latest.
  [[nodiscard]] Task<Result<void>> remove_before(Offset end_offset);
  // One whose bytes turned out to be of no use.
  [[nodiscard]] Task<Result<void>> remove(SnapshotId id);

 private:
  [[nodiscard]] std::string path_of(const SnapshotId& id) const;

  Disk& disk_;
  std::string directory_;
  std::vector<SnapshotId> ids_;
};

}  // namespace weir
