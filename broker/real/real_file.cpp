// Reading and writing at positions, with short counts and interruptions made good.
#include "broker/real/real_file.h"

#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "broker/real/asio_types.h"
#include "broker/real/errors.h"

namespace weir {
namespace {

constexpr std::size_t kSlicesPerFileWrite = 64;
constexpr std::uint64_t kOffsetMax = std::numeric_limits<off_t>::max();

class RealFile final : public File {
 public:
  RealFile(RealLoop& loop, Descriptor descriptor)
      : loop_(loop), descriptor_(std::make_shared<const Descriptor>(std::move(descriptor))) {}

  std::uint64_t size() const override {
    struct stat about{};
    if (::fstat(fd(), &about) != 0) return 0;
    return static_cast<std::uint64_t>(about.st_size);
  }

 private:
  int fd() const { return descriptor_->get(); }

  void start_read(std::uint64_t offset, std::size_t length, Once<Result<Slice>> done) override {
    complete(loop_.context().get_executor(), std::move(done), read_now(offset, length));
  }
  void start_write(std::uint64_t offset, std::span<const Slice> slices,
                   Once<Result<void>> done) override {
    complete(loop_.context().get_executor(), std::move(done), write_now(offset, slices));
  }
  void start_truncate(std::uint64_t size, Once<Result<void>> done) override {
    complete(loop_.context().get_executor(), std::move(done), truncate_now(size));
  }
  void start_sync(Once<Result<void>> done) override {
    loop_.sync_worker().sync(descriptor_, SyncKind::file, std::move(done));
  }

  Result<Slice> read_now(std::uint64_t offset, std::size_t length) {
    const std::uint64_t end = size();
    if (offset >= end) return Slice();
    length = static_cast<std::size_t>(std::min<std::uint64_t>(length, end - offset));
    Buffer buffer(length);
    std::byte* target = buffer.extend(length);
    std::size_t got = 0;
    while (got < length) {
      const ssize_t n = ::pread(fd(), target + got, length - got, static_cast<off_t>(offset + got));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return disk_error(errno);
      if (n == 0) break;  // truncated since we asked for the size
      got += static_cast<std::size_t>(n);
    }
    buffer.shrink_to(got);
    return std::move(buffer).share();
  }

  Result<void> write_now(std::uint64_t offset, std::span<const Slice> slices) {
    std::size_t first = 0;
    std::size_t skip = 0;
    for (;;) {
      std::array<iovec, kSlicesPerFileWrite> parts;
      std::size_t count = 0;
      for (std::size_t i = first; i < slices.size() && count < parts.size(); ++i) {
        const std::size_t from = i == first ? skip : 0;
        if (slices[i].size() == from) continue;
        // The kernel only reads through this pointer; iovec serves both directions.
        parts[count++] = {const_cast<std::byte*>(slices[i].data()) + from, slices[i].size() - from};
      }
      if (count == 0) return {};
      if (offset > kOffsetMax) return Errc::too_large;
      const ssize_t n =
          ::pwritev(fd(), parts.data(), static_cast<int>(count), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return disk_error(errno);
      if (n == 0) return Errc::io_error;
      offset += static_cast<std::uint64_t>(n);
      auto left = static_cast<std::size_t>(n);
      while (first < slices.size() && left >= slices[first].size() - skip) {
        left -= slices[first].size() - skip;
        skip = 0;
        ++first;
      }
      skip += left;
    }
  }

  Result<void> truncate_now(std::uint64_t size) {
    if (size > kOffsetMax) return Errc::too_large;
    int result = 0;
    do {
      result = ::ftruncate(fd(), static_cast<off_t>(size));
    } while (result != 0 && errno == EINTR);
    if (result != 0) return disk_error(errno);
    return {};
  }

  RealLoop& loop_;
  std::shared_ptr<const Descriptor> descriptor_;  // shared with a sync under way
};

}  // namespace

std::unique_ptr<File> make_real_file(RealLoop& loop, Descriptor descriptor) {
  return std::make_unique<RealFile>(loop, std::move(descriptor));
}

}  // namespace weir
