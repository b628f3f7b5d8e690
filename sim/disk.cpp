// The harness's calls, handed to the store.
#include "sim/disk.h"

#include <array>

#include "sim/store.h"

namespace weir {

std::string_view name_of(DiskOperation operation) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(DiskOperation::count_)> kNames = {
      "open",   "read",   "write",          "truncate",       "sync",
      "rename", "remove", "make_directory", "sync_directory", "list"};
  const auto i = static_cast<std::size_t>(operation);
  return i < kNames.size() ? kNames[i] : std::string_view("unknown");
}

void DiskModel::fail(const DiskFault& fault) { store_.fail(fault); }
void DiskModel::clear_faults() { store_.clear_faults(); }
void DiskModel::set_capacity(std::uint64_t bytes) { store_.set_capacity(bytes); }
void DiskModel::set_slow(std::uint32_t factor) { store_.set_slow(factor); }
void DiskModel::set_stuck(bool stuck) { store_.set_stuck(stuck); }
bool DiskModel::rot(const std::string& path, std::uint64_t offset, std::uint8_t mask) {
  return store_.rot(path, offset, mask);
}

std::uint64_t DiskModel::operations(DiskOperation operation) const {
  return store_.operations(operation);
}
std::uint64_t DiskModel::operations() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(DiskOperation::count_); ++i) {
    sum += store_.operations(static_cast<DiskOperation>(i));
  }
  return sum;
}

std::vector<std::string> DiskModel::files(DiskView view) const { return store_.files(view); }
std::optional<Slice> DiskModel::read(const std::string& path, DiskView view) const {
  return store_.contents(path, view);
}
std::uint64_t DiskModel::unsynced_bytes() const { return store_.unsynced_bytes(); }
std::uint64_t DiskModel::used_bytes() const { return store_.used_bytes(); }

}  // namespace weir
