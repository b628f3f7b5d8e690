// Replacing and reading small files.
#include "broker/node/small_file.h"

#include <array>
#include <string_view>

#include "broker/base/crc32c.h"

namespace weir {
namespace {

constexpr std::string_view kMark = "crc32c ";
constexpr std::size_t kMarkLineBytes = kMark.size() + 8 + 1;

std::string checksum_line(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::uint32_t crc = crc32c(as_bytes(text));
  std::string line(kMark);
  for (int shift = 28; shift >= 0; shift -= 4) line += kDigits[crc >> shift & 15];
  line += '\n';
  return line;
}

}  // namespace

Task<Result<void>> replace_small_file(Disk& disk, std::string path, std::string text) {
  text += checksum_line(text);
  const Slice content = Slice::copy_of(text);
  const std::string aside = path + ".new";
  Result<std::unique_ptr<File>> file = co_await disk.open(aside, OpenMode::create);
  if (!file) co_return file.error();
  Result<void> done = co_await (*file)->truncate(0);
  if (!done) co_return done;
  done = co_await (*file)->write_at(0, content);
  if (!done) co_return done;
  done = co_await (*file)->sync();
  if (!done) co_return done;
  file->reset();
  done = co_await disk.rename(aside, path);
  if (!done) co_return done;
  done = co_await disk.sync_directory("");
  co_return done;
}

Task<Result<std::string>> read_small_file(Disk& disk, std::string path) {
  Result<std::unique_ptr<File>> file = co_await disk.open(path, OpenMode::existing);
  if (!file) co_return file.error();
  const std::uint64_t size = (*file)->size();
  if (size > kMaxSmallFileBytes) co_return Errc::too_large;
  Result<Slice> content = co_await (*file)->read_at(0, static_cast<std::size_t>(size));
  if (!content) co_return content.error();
  const std::string_view all = content->text();
  if (all.size() < kMarkLineBytes) co_return Errc::corrupt;
  const std::string_view text = all.substr(0, all.size() - kMarkLineBytes);
  if (all.substr(text.size()) != checksum_line(text)) co_return Errc::corrupt;
  co_return std::string(text);
}

}  // namespace weir
