// Files and directories of one node. Only sync promises durability.
//
// What was written but not synced survives the death of the process and may be kept, dropped or
// torn by a power loss; a new, renamed or removed directory entry is durable only after
// sync_directory of its directory. Paths are relative to the node's own data directory, separated
// by '/', without "." and "..".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "broker/ports/task.h"

namespace weir {

// Several operations on a file may be under way; they take effect in the order in which they were
// started. Every operation may yield io_error or no_space; after a failed sync nothing is known
// about unsynced bytes (fsync gate).
class File {
 public:
  virtual ~File() = default;

  // Up to `length` bytes from `offset`; shorter only at the end of the file, empty beyond it.
  [[nodiscard]] auto read_at(std::uint64_t offset, std::size_t length) {
    return operation<Result<Slice>>([this, offset, length](Once<Result<Slice>> done) {
      start_read(offset, length, std::move(done));
    });
  }

  // Writes all slices one after the other, all or an error (then a prefix may be there). Writing
  // beyond the end leaves zeros.
  [[nodiscard]] auto write_at(std::uint64_t offset, std::span<const Slice> slices) {
    return operation<Result<void>>([this, offset, slices](Once<Result<void>> done) {
      start_write(offset, slices, std::move(done));
    });
  }
  [[nodiscard]] auto write_at(std::uint64_t offset, const Slice& slice) {
    return write_at(offset, std::span(&slice, 1));
  }

  [[nodiscard]] auto truncate(std::uint64_t size) {
    return operation<Result<void>>(
        [this, size](Once<Result<void>> done) { start_truncate(size, std::move(done)); });
  }

  // Makes content and size durable.
  [[nodiscard]] auto sync() {
    return operation<Result<void>>(
        [this](Once<Result<void>> done) { start_sync(std::move(done)); });
  }

  // The size after the operations that completed.
  [[nodiscard]] virtual std::uint64_t size() const = 0;

 private:
  virtual void start_read(std::uint64_t, std::size_t, Once<Result<Slice>>) = 0;
  virtual void start_write(std::uint64_t, std::span<const Slice>, Once<Result<void>>) = 0;
  virtual void start_truncate(std::uint64_t, Once<Result<void>>) = 0;
  virtual void start_sync(Once<Result<void>>) = 0;
};

enum class OpenMode {
  existing,   // not_found where there is none
  create,     // opens or creates
  exclusive,  // already_exists where there is one
};

class Disk {
 protected:
  enum class Change { rename, remove, make_directory, sync_directory };

 private:
  [[nodiscard]] auto change(Change what, std::string from, std::string to) {
    return operation<Result<void>>(
        [this, what, from = std::move(from), to = std::move(to)](Once<Result<void>> done) {
          start_change(what, from, to, std::move(done));
        });
  }

 public:
  virtual ~Disk() = default;

  [[nodiscard]] auto open(std::string path, OpenMode mode) {
    return operation<Result<std::unique_ptr<File>>>(
        [this, path = std::move(path), mode](Once<Result<std::unique_ptr<File>>> done) {
          start_open(path, mode, std::move(done));
        });
  }
  // Replaces `to` where it exists, atomically.
  [[nodiscard]] auto rename(std::string from, std::string to) {
    return change(Change::rename, std::move(from), std::move(to));
  }
  // A file, or an empty directory. Open files stay usable.
  [[nodiscard]] auto remove(std::string path) {
    return change(Change::remove, std::move(path), {});
  }
  // With all missing parents; fine where it exists already.
  [[nodiscard]] auto make_directory(std::string path) {
    return change(Change::make_directory, std::move(path), {});
  }
  [[nodiscard]] auto sync_directory(std::string path) {
    return change(Change::sync_directory, std::move(path), {});
  }
  // Names (not paths) of the entries, sorted by byte value; directories end in '/'. The top is "".
  [[nodiscard]] auto list(std::string path) {
    return operation<Result<std::vector<std::string>>>(
        [this, path = std::move(path)](Once<Result<std::vector<std::string>>> done) {
          start_list(path, std::move(done));
        });
  }

 private:
  virtual void start_open(const std::string& path, OpenMode,
                          Once<Result<std::unique_ptr<File>>>) = 0;
  virtual void start_change(Change, const std::string& from, const std::string& to,
                            Once<Result<void>>) = 0;
  virtual void start_list(const std::string& path, Once<Result<std::vector<std::string>>>) = 0;
};

}  // namespace weir
