// Gathering: a message whose length is known, received into one buffer of that length.
//
// So the bytes of a large request come from the kernel to where they stay until the log has them.
// A peer that announces much and sends little holds addresses, not memory: pages that nothing was
// received into are not touched.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "broker/base/bytes.h"

namespace weir {

class Gathering {
 public:
  // What is longer comes in pieces.
  static constexpr std::size_t kLongestBytes = 4 * 1024 * 1024;

  void begin(Bytes begun, std::size_t size) {
    buffer_.reserve(size);
    buffer_.append(begun);
    missing_ = size - begun.size();
  }
  [[nodiscard]] std::size_t missing() const { return missing_; }
  [[nodiscard]] std::span<std::byte> room() { return {buffer_.data() + buffer_.size(), missing_}; }
  // The first n bytes of room(), which were just received.
  void received(std::size_t n) {
    buffer_.extend(n);
    missing_ -= n;
  }
  [[nodiscard]] Slice take() { return std::exchange(buffer_, Buffer()).share(); }

 private:
  Buffer buffer_;
  std::size_t missing_ = 0;  // 0: nothing is being gathered
};

}  // namespace weir
