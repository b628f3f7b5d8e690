// Directory operations, all relative to the descriptor of the data directory.
#include "broker/real/real_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "broker/ports/disk_path.h"
#include "broker/real/asio_types.h"
#include "broker/real/errors.h"
#include "broker/real/real_file.h"

namespace weir {
namespace {

enum class TopAllowed { no, yes };

// The lock file is not the node's to touch.
bool acceptable(std::string_view path, TopAllowed top) {
  if (path.empty()) return top == TopAllowed::yes;
  return path != kLockFileName && is_disk_path(path);
}

const char* below_root(const std::string& path) { return path.empty() ? "." : path.c_str(); }

int open_directory(int root, const std::string& path) {
  return ::openat(root, below_root(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

}  // namespace

void RealDisk::start_open(const std::string& path, OpenMode mode,
                          Once<Result<std::unique_ptr<File>>> done) {
  complete(loop_.context().get_executor(), std::move(done), open_file(path, mode));
}

Result<std::unique_ptr<File>> RealDisk::open_file(const std::string& path, OpenMode mode) {
  if (!acceptable(path, TopAllowed::no)) return Errc::malformed;
  int flags = O_RDWR | O_CLOEXEC;
  switch (mode) {
    case OpenMode::existing: break;
    case OpenMode::create: flags |= O_CREAT; break;
    case OpenMode::exclusive: flags |= O_CREAT | O_EXCL; break;
  }
  Descriptor file(::openat(root_.get(), path.c_str(), flags, 0644));
  if (!file.open()) return disk_error(errno);
  return make_real_file(loop_, std::move(file));
}

void RealDisk::start_change(Change what, const std::string& from, const std::string& to,
                            Once<Result<void>> done) {
  if (what != Change::sync_directory || !acceptable(from, TopAllowed::yes)) {
    return complete(loop_.context().get_executor(), std::move(done), change_now(what, from, to));
  }
  Descriptor directory(open_directory(root_.get(), from));
  if (!directory.open()) {
    return complete(loop_.context().get_executor(), std::move(done),
                    Result<void>(disk_error(errno)));
  }
  loop_.sync_worker().sync(std::make_shared<const Descriptor>(std::move(directory)),
                           SyncKind::directory, std::move(done));
}

Result<void> RealDisk::change_now(Change what, const std::string& from, const std::string& to) {
  switch (what) {
    case Change::rename:
      if (!acceptable(from, TopAllowed::no) || !acceptable(to, TopAllowed::no)) break;
      if (::renameat(root_.get(), from.c_str(), root_.get(), to.c_str()) == 0) return {};
      // A directory does not replace a file; that a parent is a file is another matter.
      if (errno == ENOTDIR && ::faccessat(root_.get(), to.c_str(), F_OK, 0) == 0 &&
          ::faccessat(root_.get(), from.c_str(), F_OK, 0) == 0) {
        return Errc::already_exists;
      }
      return disk_error(errno);
    case Change::remove:
      if (!acceptable(from, TopAllowed::no)) break;
      return remove_entry(from);
    case Change::make_directory:
      if (!acceptable(from, TopAllowed::yes)) break;
      return make_directories(from);
    case Change::sync_directory: break;  // only paths that are refused come here
  }
  return Errc::malformed;
}

Result<void> RealDisk::remove_entry(const std::string& path) {
  if (::unlinkat(root_.get(), path.c_str(), 0) == 0) return {};
  if (errno != EISDIR && errno != EPERM) return disk_error(errno);
  if (::unlinkat(root_.get(), path.c_str(), AT_REMOVEDIR) == 0) return {};
  return disk_error(errno);
}

Result<void> RealDisk::make_directories(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos && !path.empty();) {
    end = path.find('/', end + 1);
    const std::string parent = path.substr(0, end);
    if (::mkdirat(root_.get(), parent.c_str(), 0755) == 0 || errno == EEXIST) continue;
    return disk_error(errno);
  }
  // What existed already may have been a file.
  const Descriptor made(open_directory(root_.get(), path));
  if (!made.open()) return errno == ENOTDIR ? Errc::already_exists : disk_error(errno);
  return {};
}

void RealDisk::start_list(const std::string& path, Once<Result<std::vector<std::string>>> done) {
  complete(loop_.context().get_executor(), std::move(done), list_now(path));
}

Result<std::vector<std::string>> RealDisk::list_now(const std::string& path) {
  if (!acceptable(path, TopAllowed::yes)) return Errc::malformed;
  const int fd = open_directory(root_.get(), path);
  if (fd < 0) return disk_error(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd), &::closedir);
  if (directory == nullptr) {
    const int error = errno;
    ::close(fd);
    return disk_error(error);
  }
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name == "." || name == ".." || (path.empty() && name == kLockFileName)) continue;
    struct stat about{};
    if (::fstatat(fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) continue;  // just removed
    if (S_ISDIR(about.st_mode)) name += '/';
    names.push_back(std::move(name));
  }
  if (errno != 0) return disk_error(errno);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace weir
