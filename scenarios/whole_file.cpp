// NAME.new, then rename.
#include "scenarios/whole_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace weir {

std::string write_whole_file(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  errno = 0;
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(fresh, path, failed);
  if (out && !failed) return {};
  const std::string why = failed ? failed.message() : std::strerror(errno);
  std::filesystem::remove(fresh, failed);
  return path + ": " + why + "; nothing that was there before is lost";
}

}  // namespace weir
