// The chunk into which all sockets of one loop receive, handed over as slices without a copy.
//
// Connections share it, so that an idle one holds no buffer at all. What is large is a view into
// the chunk; what is small is copied out, since a few small slices that live long (a record kept in
// a cache) would otherwise hold a whole chunk each.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "broker/base/bytes.h"

namespace weir {

class ReceiveChunk {
 public:
  static constexpr std::size_t kChunkBytes = 256 * 1024;
  static constexpr std::size_t kLeastRoomBytes = 64 * 1024;  // offered to each receive call
  static constexpr std::size_t kCopyBelowBytes = 8 * 1024;

  // Where the next receive call may write; at least kLeastRoomBytes.
  [[nodiscard]] std::span<std::byte> room() {
    if (whole_.size() - used_ < kLeastRoomBytes) renew();
    return {memory_ + used_, whole_.size() - used_};
  }

  // The first n bytes of room(), which were just received.
  [[nodiscard]] Slice take(std::size_t n) {
    if (n < kCopyBelowBytes) return Slice::copy_of(Bytes(memory_ + used_, n));
    Slice taken = whole_.subslice(used_, n);
    used_ += n;
    return taken;
  }

 private:
  void renew() {
    Buffer fresh(kChunkBytes);
    memory_ = fresh.extend(kChunkBytes);
    whole_ = std::move(fresh).share();
    used_ = 0;
  }

  // The slice keeps the memory alive; bytes before used_ are frozen, bytes behind it are ours.
  std::byte* memory_ = nullptr;
  Slice whole_;
  std::size_t used_ = 0;
};

}  // namespace weir
