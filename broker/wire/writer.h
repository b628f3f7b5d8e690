// Writes Kafka's primitive types; records are handed over as slices of their own, never copied.
//
// Small fields go to one buffer; finish() cuts it at the places where records were put in between,
// and gives the list of slices that a stream writes one after the other.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/wire/uuid.h"

namespace weir {

[[nodiscard]] constexpr std::uint32_t zigzag(std::int32_t v) {
  return (static_cast<std::uint32_t>(v) << 1) ^ static_cast<std::uint32_t>(v >> 31);
}
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
// How many bytes the number takes as an unsigned varint.
[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t v) {
  std::size_t n = 1;
  for (; v >= 0x80; v >>= 7) ++n;
  return n;
}

inline void store_be16(std::byte* to, std::uint16_t v) {
  v = __builtin_bswap16(v);
  std::memcpy(to, &v, sizeof v);
}
inline void store_be32(std::byte* to, std::uint32_t v) {
  v = __builtin_bswap32(v);
  std::memcpy(to, &v, sizeof v);
}
inline void store_be64(std::byte* to, std::uint64_t v) {
  v = __builtin_bswap64(v);
  std::memcpy(to, &v, sizeof v);
}

class Writer {
 public:
  Writer() = default;

  void int8(std::int8_t v) { *buffer_.extend(1) = static_cast<std::byte>(v); }
  void int16(std::int16_t v) { store_be16(buffer_.extend(2), static_cast<std::uint16_t>(v)); }
  void int32(std::int32_t v) { store_be32(buffer_.extend(4), static_cast<std::uint32_t>(v)); }
  void int64(std::int64_t v) { store_be64(buffer_.extend(8), static_cast<std::uint64_t>(v)); }
  void uint16(std::uint16_t v) { store_be16(buffer_.extend(2), v); }
  void uint32(std::uint32_t v) { store_be32(buffer_.extend(4), v); }
  void boolean(bool v) { int8(v ? 1 : 0); }
  void uuid(const Uuid& id) {
    store_be64(buffer_.extend(8), id.high);
    store_be64(buffer_.extend(8), id.low);
  }
  void unsigned_varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) int8(static_cast<std::int8_t>(v | 0x80));
    int8(static_cast<std::int8_t>(v));
  }
  void varint(std::int32_t v) { unsigned_varint(zigzag(v)); }
  void varlong(std::int64_t v) { unsigned_varint(zigzag(v)); }
  void raw(Bytes bytes) { buffer_.append(bytes); }
  // These bytes become a slice of their own.
  void hand_over(const Slice&);

  // All bytes so far, those of handed-over slices included.
  [[nodiscard]] std::size_t size() const { return buffer_.size() + handed_over_bytes_; }
  // Overwrites four bytes of the own buffer, such as a frame's length, written before the first
  // hand_over().
  void set_int32(std::size_t at, std::int32_t v) {
    store_be32(buffer_.data() + at, static_cast<std::uint32_t>(v));
  }

  // The slices in order; none is empty. The writer is empty afterwards.
  [[nodiscard]] std::vector<Slice> finish() &&;

 private:
  struct Insert {
    std::size_t at;  // position in the own buffer
    Slice slice;
  };
  Buffer buffer_;
  std::vector<Insert> inserts_;
  std::size_t handed_over_bytes_ = 0;
};

// The slices as one: without a copy where there is only one.
[[nodiscard]] Slice join(std::span<const Slice>);

}  // namespace weir
