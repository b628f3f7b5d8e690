// Which paths a Disk accepts: relative, without empty parts, "." and "..", so that none leads out
// of the node's data directory. One rule for both worlds; what breaks it is refused as malformed.
#pragma once

#include <string_view>

namespace weir {

// The top directory, "", is a path for listing and syncing only.
[[nodiscard]] inline bool is_disk_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace weir
