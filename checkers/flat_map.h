// FlatMap: 64-bit keys to small numbers, by open addressing; for millions of entries looked up
// once.
//
// Never iterated, so the order of its slots decides nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "broker/base/hash.h"

namespace weir::analysis {

class FlatMap {
 public:
  static constexpr std::uint32_t kAbsent = 0xffffffffu;

  explicit FlatMap(std::size_t expected = 0) {
    std::size_t size = 64;
    while (size < expected * 2) size *= 2;
    slots_.resize(size);
  }

  // The value of a key; a key not seen before gets `fresh` (which is not kAbsent).
  std::uint32_t try_emplace(std::uint64_t key, std::uint32_t fresh) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = slots_[slot_of(key)];
    if (slot.value == kAbsent) {
      slot = {key, fresh};
      ++used_;
    }
    return slot.value;
  }

  void set(std::uint64_t key, std::uint32_t value) {
    try_emplace(key, value);
    slots_[slot_of(key)].value = value;
  }

  [[nodiscard]] std::uint32_t find(std::uint64_t key) const { return slots_[slot_of(key)].value; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t value = kAbsent;
  };

  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = mix(key) & mask;
    while (slots_[i].value != kAbsent && slots_[i].key != key) i = (i + 1) & mask;
    return i;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.value != kAbsent) slots_[slot_of(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

// Two 32-bit ids as one key.
[[nodiscard]] inline std::uint64_t pair_key(std::uint32_t high, std::uint32_t low) {
  return static_cast<std::uint64_t>(high) << 32 | low;
}

}  // namespace weir::analysis
