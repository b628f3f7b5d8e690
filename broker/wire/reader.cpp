// The slow paths of reading: across slices, variable lengths, and the first error.
#include "broker/wire/reader.h"

#include <algorithm>
#include <utility>

namespace weir {

Reader::Reader(Slice input) : current_(std::move(input)) {
  at_ = current_.data();
  end_ = at_ + current_.size();
  left_ = current_.size();
}

Reader::Reader(std::vector<Slice> input) : later_(std::move(input)) {
  for (const Slice& s : later_) left_ += s.size();
  next_slice();
}

void Reader::fail(Errc e) {
  if (error_ == Errc::ok) error_ = e;
  at_ = end_ = nullptr;
  left_ = 0;
  current_ = Slice();
  later_.clear();
  next_ = 0;
}

bool Reader::take(std::size_t n) {
  if (!ok()) return false;
  if (n > left_) {
    fail(Errc::truncated);
    return false;
  }
  return true;
}

void Reader::next_slice() {
  if (next_ == later_.size()) return;
  current_ = std::move(later_[next_++]);
  at_ = current_.data();
  end_ = at_ + current_.size();
}

bool Reader::gather(void* target, std::size_t n) {
  if (!take(n)) return false;
  auto* to = static_cast<std::byte*>(target);
  while (n > 0) {
    if (at_ == end_) {
      next_slice();
      continue;
    }
    const std::size_t here = std::min(n, static_cast<std::size_t>(end_ - at_));
    std::memcpy(to, at_, here);
    advance(here);
    to += here;
    n -= here;
  }
  return true;
}

Uuid Reader::uuid() {
  Uuid id;
  id.high = fixed<std::uint64_t>();
  id.low = fixed<std::uint64_t>();
  return id;
}

std::uint32_t Reader::long_unsigned_varint() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const std::uint8_t byte = fixed<std::uint8_t>();
    if (shift == 28 && byte > 0x0f) break;  // more than 32 bits
    value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail(Errc::malformed);
  return 0;
}

std::uint64_t Reader::unsigned_varlong() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    const std::uint8_t byte = fixed<std::uint8_t>();
    if (shift == 63 && byte > 0x01) break;  // more than 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail(Errc::malformed);
  return 0;
}

std::int32_t Reader::varint() {
  const std::uint32_t v = unsigned_varint();
  return static_cast<std::int32_t>((v >> 1) ^ (0 - (v & 1)));
}

std::int64_t Reader::varlong() {
  const std::uint64_t v = unsigned_varlong();
  return static_cast<std::int64_t>((v >> 1) ^ (0 - (v & 1)));
}

std::optional<std::size_t> Reader::string_length(bool compact) {
  std::int64_t n = compact ? static_cast<std::int64_t>(unsigned_varint()) - 1 : int16();
  if (!ok() || n == -1) return std::nullopt;
  if (n < 0) {
    fail(Errc::malformed);
    return std::nullopt;
  }
  if (static_cast<std::size_t>(n) > kMaxStringBytes) {
    fail(Errc::too_large);
    return std::nullopt;
  }
  return static_cast<std::size_t>(n);
}

std::optional<std::size_t> Reader::length(bool compact) {
  const std::int64_t n = compact ? static_cast<std::int64_t>(unsigned_varint()) - 1 : int32();
  if (!ok() || n == -1) return std::nullopt;
  if (n < 0) {
    fail(Errc::malformed);
    return std::nullopt;
  }
  return static_cast<std::size_t>(n);
}

std::string Reader::text(std::size_t n) {
  std::string result;
  if (!take(n)) return result;
  result.resize(n);
  gather(result.data(), n);
  return result;
}

Slice Reader::slice(std::size_t n) {
  if (!take(n) || n == 0) return {};
  while (at_ == end_) next_slice();
  if (n <= static_cast<std::size_t>(end_ - at_)) {
    Slice view = current_.subslice(static_cast<std::size_t>(at_ - current_.data()), n);
    advance(n);
    return view;
  }
  Buffer copy(n);
  gather(copy.extend(n), n);
  return std::move(copy).share();
}

void Reader::skip(std::size_t n) {
  if (!take(n)) return;
  while (n > 0) {
    if (at_ == end_) {
      next_slice();
      continue;
    }
    const std::size_t here = std::min(n, static_cast<std::size_t>(end_ - at_));
    advance(here);
    n -= here;
  }
}

Reader Reader::section(std::size_t n) {
  const std::size_t from = consumed_;
  if (n > 0 && n <= static_cast<std::size_t>(end_ - at_)) {  // in one slice, as most are
    Reader inner(slice(n));
    inner.consumed_ = from;
    return inner;
  }
  std::vector<Slice> parts;
  if (take(n)) {
    while (n > 0) {
      if (at_ == end_) {
        next_slice();
        continue;
      }
      const std::size_t here = std::min(n, static_cast<std::size_t>(end_ - at_));
      parts.push_back(slice(here));
      n -= here;
    }
  }
  Reader inner(std::move(parts));
  inner.consumed_ = from;
  if (!ok()) inner.fail(error_);
  return inner;
}

}  // namespace weir
