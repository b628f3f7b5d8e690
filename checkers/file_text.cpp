// A file's bytes at once: histories have hundreds of megabytes, and a stream's iterators take as
// long for them as the checks.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "checkers/history_json.h"

namespace weir {

std::optional<std::string> read_text(const std::string& path) {
  constexpr std::size_t kChunk = std::size_t{1} << 16;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::error_code error;
  const bool sized = std::filesystem::is_regular_file(path, error) && !error;
  const std::uintmax_t size = sized ? std::filesystem::file_size(path, error) : 0;
  std::string text;
  std::size_t length = 0;
  // What is no regular file (a pipe) has no size, and a file may have grown meanwhile.
  std::size_t wanted = error ? kChunk : std::max(static_cast<std::size_t>(size) + 1, kChunk);
  while (file) {
    text.resize(length + wanted);
    file.read(text.data() + length, static_cast<std::streamsize>(wanted));
    length += static_cast<std::size_t>(file.gcount());
    wanted = std::max(kChunk, length / 2);
  }
  if (file.bad() || !file.eof()) return std::nullopt;
  text.resize(length);
  return text;
}

}  // namespace weir
