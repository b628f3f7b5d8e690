// What a file holds: as one text, or the history in it, read as its pieces come.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "checkers/file_pieces.h"
#include "checkers/history_json.h"

namespace weir {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

// 0 for what is no regular file (a pipe); and a file may have grown meanwhile.
std::size_t size_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) || error) return 0;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::size_t>(size);
}

}  // namespace

// A stream's iterators would take as long as the checks.
void Pieces::read() {
  const std::size_t before = held_.size();
  const std::size_t bytes = std::max(piece_, before);
  held_.resize(before + bytes);
  from_->read(held_.data() + before, static_cast<std::streamsize>(bytes));
  held_.resize(before + static_cast<std::size_t>(from_->gcount()));
  ended_ = !*from_;
}

bool Pieces::more(std::size_t taken) {
  if (ended_) return false;
  held_.erase(0, taken);
  read();
  return true;
}

void Pieces::rest() {
  if (ended_) return;
  held_.reserve(size_ + piece_);
  while (more(0)) {
  }
}

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  Pieces pieces(file, kPiece, size_of(path));
  pieces.rest();
  if (pieces.failed()) return std::nullopt;
  return pieces.take();
}

std::optional<std::variant<History, HistoryError>> read_history_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  Pieces pieces(file, kPiece, size_of(path));
  auto read = read_history_so_far(pieces, path);
  if (pieces.failed()) return std::nullopt;
  return read;
}

}  // namespace weir
