// Small files that are replaced as a whole: after a crash there is the old text or the new, never a
// mixture (write aside, sync, rename, sync the directory).
//
// The last line is a checksum of what precedes it, so that a file edited or damaged is noticed.
#pragma once

#include <string>

#include "broker/base/result.h"
#include "broker/ports/disk.h"

namespace weir {

inline constexpr std::size_t kMaxSmallFileBytes = 64u << 20;

// Durable when it returns without error. `path` lies in the top directory.
[[nodiscard]] Task<Result<void>> replace_small_file(Disk& disk, std::string path, std::string text);

// Errors: not_found, corrupt, too_large and those of the disk.
[[nodiscard]] Task<Result<std::string>> read_small_file(Disk& disk, std::string path);

}  // namespace weir
