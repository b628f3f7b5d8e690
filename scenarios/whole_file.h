// Files that are whole: written under a temporary name and renamed, so that no half-written one is
// ever taken for it, and what was there before stays until then.
#pragma once

#include <string>

namespace weir {

// Puts the content there; what went wrong, with the name of the file, or nothing.
[[nodiscard]] std::string write_whole_file(const std::string& path, const std::string& content);

}  // namespace weir
