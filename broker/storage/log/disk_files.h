// Whole small files and paths, in terms of the Disk port: what the log does with all its files but
// the segments.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "broker/ports/disk.h"
#include "broker/ports/task.h"

namespace weir {

[[nodiscard]] std::string path_in(std::string_view directory, std::string_view name);
// "a/b" -> "a", "a" -> "" (the top).
[[nodiscard]] std::string parent_of(std::string_view path);

// The whole file. Errors: not_found, too_large (more than kSmallFileBytes), those of the disk.
inline constexpr std::uint64_t kSmallFileBytes = 64 * 1024 * 1024;
[[nodiscard]] Task<Result<Slice>> read_file(Disk& disk, std::string path);

// Creates or overwrites in place, and syncs. A crash in the middle leaves anything: for files that
// nobody believes before a later step vouches for them.
[[nodiscard]] Task<Result<void>> write_file(Disk& disk, std::string path, Slice content);

// Creates or replaces such that after a crash either the old or the whole new content is there;
// which of them is decided by the next sync_directory, which is left to the caller.
[[nodiscard]] Task<Result<void>> replace_file(Disk& disk, std::string path, Slice content);

// Removes; fine where there is no such file.
[[nodiscard]] Task<Result<void>> remove_file(Disk& disk, std::string path);

}  // namespace weir
