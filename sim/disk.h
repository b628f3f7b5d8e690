// The simulated disk of one node as the harness sees it: errors, losses, inspection.
//
// A file has two contents: what the page cache shows and what is durable. A kill keeps the page
// cache; a power loss leaves the durable content plus, by keyed chance, whole or torn writes and
// directory changes that were not synced (512-byte sectors).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "sim/options.h"

namespace weir {

namespace sim {
class Store;
}

enum class DiskOperation : std::uint8_t {
  open,
  read,
  write,
  truncate,
  sync,
  rename,
  remove,
  make_directory,
  sync_directory,
  list,
  count_,  // not an operation
};
[[nodiscard]] std::string_view name_of(DiskOperation);

// "The nth operation of this kind whose path contains this text fails", counted from the call of
// fail(). A failed write leaves a prefix of random length, a failed sync drops the dirty pages of
// the file; every other operation has no effect.
struct DiskFault {
  std::optional<DiskOperation> operation = {};  // any
  std::string path_contains = {};               // any
  std::uint64_t nth = 1;
  std::uint64_t times = 1;  // how many in a row fail
  Errc error = Errc::io_error;
  // Instead of failing, a write succeeds and lands some sectors away in its file, as far as that
  // reaches; what it should have replaced stays (zeros, where the file grew). Counts writes only.
  bool misdirected = false;
};

enum class DiskView { cache, durable };

class DiskModel {
 public:
  explicit DiskModel(sim::Store& store) : store_(store) {}

  void fail(const DiskFault&);
  void clear_faults();
  void set_capacity(std::uint64_t bytes);  // 0 = unlimited; less than what is used = full
  void set_slow(std::uint32_t factor);     // every delay times this; 1 = normal
  void set_stuck(bool stuck);              // nothing completes until released
  // Flips the bits of `mask` in one byte, in both views. False where there is no such byte.
  bool rot(const std::string& path, std::uint64_t offset, std::uint8_t mask = 0x01);

  // Since the world began, over all lives.
  [[nodiscard]] std::uint64_t operations(DiskOperation) const;
  [[nodiscard]] std::uint64_t operations() const;

  // Paths of all files (not directories), sorted by byte value.
  [[nodiscard]] std::vector<std::string> files(DiskView = DiskView::cache) const;
  // Empty where there is no such file in that view.
  [[nodiscard]] std::optional<Slice> read(const std::string& path,
                                          DiskView = DiskView::cache) const;
  [[nodiscard]] std::uint64_t unsynced_bytes() const;
  [[nodiscard]] std::uint64_t used_bytes() const;

 private:
  sim::Store& store_;
};

}  // namespace weir
