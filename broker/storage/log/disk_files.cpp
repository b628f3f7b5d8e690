// Small files on the Disk port; the order write, sync, rename is what makes a replacement safe.
#include "broker/storage/log/disk_files.h"

#include <memory>
#include <utility>

#include "broker/storage/file_names.h"

namespace weir {

std::string path_in(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty()) path += '/';
  path += name;
  return path;
}

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash));
}

Task<Result<Slice>> read_file(Disk& disk, std::string path) {
  Result<std::unique_ptr<File>> file = co_await disk.open(std::move(path), OpenMode::existing);
  if (!file) co_return file.error();
  const std::uint64_t size = (*file)->size();
  if (size > kSmallFileBytes) co_return Errc::too_large;
  Result<Slice> content = co_await (*file)->read_at(0, static_cast<std::size_t>(size));
  co_return content;
}

Task<Result<void>> write_file(Disk& disk, std::string path, Slice content) {
  Result<std::unique_ptr<File>> file = co_await disk.open(std::move(path), OpenMode::create);
  if (!file) co_return file.error();
  Result<void> done = co_await (*file)->truncate(0);
  if (!done) co_return done;
  if (!content.empty()) {
    done = co_await (*file)->write_at(0, content);
    if (!done) co_return done;
  }
  done = co_await (*file)->sync();
  co_return done;
}

Task<Result<void>> replace_file(Disk& disk, std::string path, Slice content) {
  std::string temporary = path;
  temporary += kTemporarySuffix;
  Result<void> done = co_await write_file(disk, temporary, std::move(content));
  if (!done) co_return done;
  done = co_await disk.rename(std::move(temporary), std::move(path));
  co_return done;
}

Task<Result<void>> remove_file(Disk& disk, std::string path) {
  Result<void> done = co_await disk.remove(std::move(path));
  if (!done && done.error() == Errc::not_found) co_return Result<void>{};
  co_return done;
}

}  // namespace weir
