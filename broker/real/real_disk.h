// Disk and File over POSIX files below one data directory.
//
// Reads and writes go to the page cache and happen at once, on the loop's thread; only syncs wait
// for the disk, on a thread of their own. Operations thus take effect in the order in which they
// were started. Paths that would leave the data directory are refused as malformed.
#pragma once

#include <memory>

#include "broker/ports/disk.h"
#include "broker/real/descriptor.h"
#include "broker/real/real_loop.h"

namespace weir {

inline constexpr std::string_view kLockFileName = ".lock";

class RealDisk final : public Disk {
 public:
  RealDisk(RealLoop& loop, Descriptor root) : loop_(loop), root_(std::move(root)) {}

 private:
  void start_open(const std::string& path, OpenMode, Once<Result<std::unique_ptr<File>>>) override;
  void start_change(Change, const std::string& from, const std::string& to,
                    Once<Result<void>>) override;
  void start_list(const std::string& path, Once<Result<std::vector<std::string>>>) override;

  Result<std::unique_ptr<File>> open_file(const std::string& path, OpenMode mode);
  Result<void> change_now(Change what, const std::string& from, const std::string& to);
  Result<void> remove_entry(const std::string& path);
  Result<void> make_directories(const std::string& path);
  Result<std::vector<std::string>> list_now(const std::string& path);

  RealLoop& loop_;
  Descriptor root_;
};

}  // namespace weir
