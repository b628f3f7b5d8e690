// Content: the bytes of one file as a sorted list of shared slices; holes read as zeros.
//
// Appends dominate, so they only push an extent; a read within one extent shares its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "broker/base/bytes.h"

namespace weir::sim {

class Content {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  void write(std::uint64_t at, Slice bytes);
  void truncate(std::uint64_t size);
  // Clamped to the end.
  [[nodiscard]] Slice read(std::uint64_t at, std::size_t length) const;
  // Flips bits of one byte; false beyond the end.
  bool flip(std::uint64_t at, std::uint8_t mask);

 private:
  struct Extent {
    std::uint64_t at;
    Slice bytes;
    [[nodiscard]] std::uint64_t end() const { return at + bytes.size(); }
  };
  // Index of the first extent that ends after `at`.
  [[nodiscard]] std::size_t first_after(std::uint64_t at) const;
  // Removes what lies in [from, to).
  void punch(std::uint64_t from, std::uint64_t to);

  std::vector<Extent> extents_;  // not overlapping, none empty
  std::uint64_t size_ = 0;
};

}  // namespace weir::sim
