// A file's bytes at once, or line by line where it is a history of lines: they have hundreds of
// megabytes, a stream's iterators take as long for them as the checks, and a text that is held
// while it is read doubles what is needed.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "checkers/history_lines.h"

namespace weir {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

// 0 for what is no regular file (a pipe); and a file may have grown meanwhile.
std::size_t size_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) || error) return 0;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::size_t>(size);
}

// Appends up to so many bytes; whether there may be more.
bool read_more(std::ifstream& file, std::string& text, std::size_t bytes) {
  const std::size_t before = text.size();
  text.resize(before + bytes);
  file.read(text.data() + before, static_cast<std::streamsize>(bytes));
  text.resize(before + static_cast<std::size_t>(file.gcount()));
  return static_cast<bool>(file);
}

bool read_rest(std::ifstream& file, std::string& text, std::size_t size) {
  std::size_t wanted = std::max(size - std::min(size, text.size()) + 1, kChunk);
  while (file && read_more(file, text, wanted)) wanted = std::max(kChunk, text.size() / 2);
  return !file.bad() && file.eof();
}

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (!file || !read_rest(file, text, size_of(path))) return std::nullopt;
  return text;
}

std::optional<std::variant<History, HistoryError>> read_history_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const std::size_t size = size_of(path);
  std::string text;
  read_more(file, text, kChunk);
  if (text.find('\n') == std::string::npos || !looks_like_lines(text)) {
    if (!read_rest(file, text, size)) return std::nullopt;
    return read_history_so_far(text, path);
  }
  LineReader reader(path);
  std::size_t searched = 0, taken = 0;
  while (true) {
    std::size_t at = 0;
    for (std::size_t end; (end = text.find('\n', std::max(at, searched))) != std::string::npos;
         at = end + 1) {
      if (!reader.take(std::string_view(text).substr(at, end - at), false)) return reader.result();
    }
    if (taken == 0) reader.foresee(at, size);
    taken += at;
    text.erase(0, at);
    searched = text.size();
    if (!file) break;
    read_more(file, text, std::max(kChunk, text.size()));
  }
  if (file.bad() || !file.eof()) return std::nullopt;
  if (!text.empty()) static_cast<void>(reader.take(text, true));
  return reader.result();
}

}  // namespace weir
