// Tree: files and directories by path, and the changes of entries that are not durable yet.
//
// A change (create, remove, rename, make a directory) is one atomic step; it becomes durable when
// the directory of one of its paths is synced, and survives a power loss by chance otherwise. A
// synced entry whose own directory is not durable yet waits for that.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/content.h"

namespace weir::sim {

// One write or truncation that is not durable.
struct DirtyWrite {
  std::uint64_t at = 0;  // or the new size
  Slice bytes = {};
  bool truncation = false;
};

struct Inode {
  Content cache;
  Content durable;
  std::vector<DirtyWrite> dirty;   // in order
  std::uint64_t dirty_before = 0;  // how many became durable or were lost earlier
  struct Sync {
    std::int64_t done_at;
    std::uint64_t up_to;  // counts dirty writes since the file's beginning
  };
  std::vector<Sync> syncs;      // under way
  std::int64_t busy_until = 0;  // operations complete in order
};

struct Change {
  enum class Kind : std::uint8_t { create, remove, rename, make_directory };
  Kind kind;
  std::string from;  // remove and rename
  std::string to;
  std::shared_ptr<Inode> inode = {};  // null: a directory
  bool synced = false;
};

class Tree {
 public:
  // Null inode: a directory. The top "" always exists.
  [[nodiscard]] bool exists(const std::string& path) const { return entries_.contains(path); }
  [[nodiscard]] bool is_directory(const std::string& path) const;
  [[nodiscard]] std::shared_ptr<Inode> file(const std::string& path) const;
  [[nodiscard]] bool empty_directory(const std::string& path) const;
  [[nodiscard]] std::vector<std::string> list(const std::string& directory) const;
  // False where the directory that it needs is missing.
  bool apply(const Change&);

  [[nodiscard]] const std::map<std::string, std::shared_ptr<Inode>>& entries() const {
    return entries_;
  }

 private:
  void erase_below(const std::string& directory);

  std::map<std::string, std::shared_ptr<Inode>> entries_{{"", nullptr}};
};

// "a/b" of "a/b/c"; "" of "c".
[[nodiscard]] std::string parent_of(std::string_view path);

}  // namespace weir::sim
