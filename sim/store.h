// Store: the disk of one machine. It outlives processes; what is not durable it loses with power.
//
// Effects on the page cache happen when an operation starts, in that order, and completions follow
// one after the other for each file; a sync takes effect when it completes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/random.h"
#include "broker/base/result.h"
#include "broker/ports/disk.h"
#include "sim/disk.h"
#include "sim/operations.h"
#include "sim/options.h"
#include "sim/tree.h"

namespace weir::sim {

class Core;
class Node;

// When an operation completes; kNever while the disk is stuck.
using CompletionTime = std::int64_t;
inline constexpr CompletionTime kNever = Instant::never().ns;
// What a disk writes as a whole or not at all.
inline constexpr std::uint64_t kSector = 512;

class Store {
 public:
  Store(Core& core, Node& node, const DiskOptions& options);

  // For the port. Each decides result and effect now, and says when it completes.
  Result<std::shared_ptr<Inode>> open(const std::string& path, OpenMode, CompletionTime&);
  Result<Slice> read(Inode&, const std::string& path, std::uint64_t at, std::size_t length,
                     CompletionTime&);
  Result<void> write(Inode&, const std::string& path, std::uint64_t at, std::span<const Slice>,
                     CompletionTime&);
  Result<void> truncate(Inode&, const std::string& path, std::uint64_t size, CompletionTime&);
  Result<void> sync(Inode&, const std::string& path, CompletionTime&);
  Result<void> change(DiskOperation, std::string from, std::string to, CompletionTime&);
  Result<std::vector<std::string>> list(const std::string& path, CompletionTime&);
  // An operation of the process of that life, whose result waits for the disk to come unstuck.
  void wait_unstuck(std::uint32_t life, OperationId operation);

  void lose_power();
  void wipe();

  // For DiskModel.
  void fail(const DiskFault& fault) { faults_.push_back({fault, 0}); }
  void clear_faults() { faults_.clear(); }
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  void set_slow(std::uint32_t factor) { slow_ = factor; }
  void set_stuck(bool stuck);
  bool rot(const std::string& path, std::uint64_t offset, std::uint8_t mask);
  [[nodiscard]] std::uint64_t operations(DiskOperation) const;
  [[nodiscard]] std::vector<std::string> files(DiskView);
  [[nodiscard]] std::optional<Slice> contents(const std::string& path, DiskView);
  [[nodiscard]] std::uint64_t unsynced_bytes();
  [[nodiscard]] std::uint64_t used_bytes() const;

 private:
  struct Armed {
    DiskFault fault;
    std::uint64_t seen;
  };
  struct DirectorySync {
    std::int64_t done_at;
    std::string directory;
    std::uint64_t up_to;  // counts changes since the disk's beginning
  };

  // Counts the operation; the error with which it fails, or ok.
  [[nodiscard]] Errc begin(DiskOperation, const std::string& path);
  Errc failed(DiskOperation, const std::string& path, Errc);
  // Whether a write to that file goes astray.
  [[nodiscard]] bool misdirects(const std::string& path);
  void put_elsewhere(Inode&, const std::string& path, std::uint64_t at, const Slice& bytes);
  [[nodiscard]] CompletionTime completion(const Latency&, std::int64_t& busy_until,
                                          std::uint64_t bytes = 0);
  void record(Change);
  Result<void> make_directories(const std::string& path);
  Result<void> remove(const std::string& path);
  Result<void> rename(const std::string& from, const std::string& to);
  void put(Inode&, std::uint64_t at, Slice);
  void drop_dirty_pages(Inode&);
  // Syncs that have completed by now take effect.
  void settle(Inode&) const;
  void settle_directories();
  void flush_changes(const std::string& directory, std::uint64_t up_to);
  static void follow(const Change& directory, std::vector<Change>& earlier);
  // After a power loss.
  void lose_changes();
  void lose_writes(const std::string& path, Inode&);
  [[nodiscard]] std::uint64_t keep_some(Inode&, const DirtyWrite&, bool& torn);
  void tell_lost(const std::string& path, std::uint64_t bytes, std::string_view why);

  Core& core_;
  Node& node_;
  DiskOptions options_;
  Random& latency_;
  Random& luck_;
  Tree cache_;
  Tree durable_;
  std::vector<Change> changes_;
  std::uint64_t changes_before_ = 0;
  std::vector<DirectorySync> directory_syncs_;
  std::int64_t busy_until_ = 0;
  std::int64_t transfer_until_ = 0;
  std::vector<Armed> faults_;
  std::array<std::uint64_t, static_cast<std::size_t>(DiskOperation::count_)> counts_{};
  std::uint64_t capacity_;
  std::uint32_t slow_ = 1;
  bool stuck_ = false;
  std::vector<std::pair<std::uint32_t, OperationId>> waiting_;
};

}  // namespace weir::sim
