// Reads Kafka's primitive types out of received bytes, and never past their end.
//
// The input may come in several slices, as the network delivered it; bytes that lie within one
// slice are handed out as a view of it, without a copy. The first error sticks: from then on every
// read gives zero or empty, so a decoder may read on and look at ok() once. No read allocates more
// than the bytes that are there justify (section "Protocol Primitive Types" of Kafka's protocol
// guide; strings are limited to 32767 bytes as in Kafka).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/result.h"
#include "broker/wire/uuid.h"

namespace weir {

inline constexpr std::size_t kMaxStringBytes = 0x7fff;
// Elements of all arrays of one message together: bounds the memory behind a request of a legal
// size that consists of tiny elements.
inline constexpr std::size_t kMaxElementsPerMessage = 1'000'000;

class Reader {
 public:
  Reader() = default;
  explicit Reader(Slice input);
  explicit Reader(std::vector<Slice> input);

  [[nodiscard]] bool ok() const { return error_ == Errc::ok; }
  [[nodiscard]] Errc error() const { return error_; }
  // Bytes consumed so far; after an error, where it was found.
  [[nodiscard]] std::size_t position() const { return consumed_; }
  [[nodiscard]] std::size_t remaining() const { return left_; }
  void fail(Errc);
  // Takes over the error of a section, and where it was found.
  void fail_as(const Reader& section) {
    const std::size_t where = section.consumed_;
    fail(section.error_);
    consumed_ = where;
  }

  std::int8_t int8() { return static_cast<std::int8_t>(fixed<std::uint8_t>()); }
  std::int16_t int16() { return static_cast<std::int16_t>(fixed<std::uint16_t>()); }
  std::int32_t int32() { return static_cast<std::int32_t>(fixed<std::uint32_t>()); }
  std::int64_t int64() { return static_cast<std::int64_t>(fixed<std::uint64_t>()); }
  std::uint16_t uint16() { return fixed<std::uint16_t>(); }
  std::uint32_t uint32() { return fixed<std::uint32_t>(); }
  bool boolean() { return fixed<std::uint8_t>() != 0; }
  Uuid uuid();

  // What int32() would read, where all of it lies in the present slice.
  [[nodiscard]] std::optional<std::int32_t> peek_int32() const {
    if (static_cast<std::size_t>(end_ - at_) < sizeof(std::int32_t)) return std::nullopt;
    return static_cast<std::int32_t>(load<std::uint32_t>(at_));
  }
  // Reads it where all of it lies in the present slice; else nothing happens.
  template <class T>
  [[nodiscard]] bool try_read(T& value) {
    constexpr std::size_t kSize = std::is_same_v<T, Uuid> ? 16 : sizeof(T);
    if (static_cast<std::size_t>(end_ - at_) < kSize) return false;
    if constexpr (std::is_same_v<T, Uuid>) {
      value = {load<std::uint64_t>(at_), load<std::uint64_t>(at_ + 8)};
    } else if constexpr (std::is_same_v<T, bool>) {
      value = load<std::uint8_t>(at_) != 0;
    } else {
      value = static_cast<T>(load<std::make_unsigned_t<T>>(at_));
    }
    advance(kSize);
    return true;
  }

  std::uint32_t unsigned_varint() {
    if (at_ == end_ || static_cast<std::uint8_t>(*at_) >= 0x80) return long_unsigned_varint();
    const auto value = static_cast<std::uint32_t>(*at_);
    advance(1);
    return value;
  }
  std::uint64_t unsigned_varlong();
  std::int32_t varint();   // zigzag
  std::int64_t varlong();  // zigzag

  // Lengths and counts as they stand before strings, bytes and arrays; nothing for null. Compact
  // ones are length + 1 as an unsigned varint.
  std::optional<std::size_t> string_length(bool compact);
  std::optional<std::size_t> length(bool compact);

  // The next n bytes..
  std::string text(std::size_t n);
  Slice slice(std::size_t n);
  void skip(std::size_t n);
  // A reader of the next n bytes, which this one skips.
  Reader section(std::size_t n);

 private:
  template <class Unsigned>
  Unsigned fixed() {
    Unsigned value = 0;
    if (static_cast<std::size_t>(end_ - at_) >= sizeof(Unsigned)) {
      std::memcpy(&value, at_, sizeof(Unsigned));
      advance(sizeof(Unsigned));
    } else {
      gather(&value, sizeof(Unsigned));
    }
    return from_big_endian(value);
  }
  template <class Unsigned>
  static Unsigned load(const std::byte* from) {
    Unsigned value = 0;
    std::memcpy(&value, from, sizeof(Unsigned));
    return from_big_endian(value);
  }
  template <class Unsigned>
  static Unsigned from_big_endian(Unsigned v) {
    static_assert(std::endian::native == std::endian::little);
    if constexpr (sizeof(v) == 1) return v;
    if constexpr (sizeof(v) == 2) return __builtin_bswap16(v);
    if constexpr (sizeof(v) == 4) return __builtin_bswap32(v);
    if constexpr (sizeof(v) == 8) return __builtin_bswap64(v);
  }
  void advance(std::size_t n) {
    at_ += n;
    consumed_ += n;
    left_ -= n;
  }
  bool take(std::size_t n);                  // fails with truncated where fewer are left
  bool gather(void* target, std::size_t n);  // copies across slices
  void next_slice();
  std::uint32_t long_unsigned_varint();

  Slice current_;                  // where at_ points into
  const std::byte* at_ = nullptr;  // within the part of current_ that this reader may read
  const std::byte* end_ = nullptr;
  std::size_t consumed_ = 0;
  std::size_t left_ = 0;
  std::vector<Slice> later_;  // slices after current_, the next one at later_[next_]
  std::size_t next_ = 0;
  Errc error_ = Errc::ok;
};

}  // namespace weir
