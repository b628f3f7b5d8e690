// Extents: writing over, cutting off, gathering.
#include "sim/content.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::sim {

std::size_t Content::first_after(std::uint64_t at) const {
  const auto found = std::upper_bound(
      extents_.begin(), extents_.end(), at,
      [](std::uint64_t value, const Extent& extent) { return value < extent.end(); });
  return static_cast<std::size_t>(found - extents_.begin());
}

void Content::punch(std::uint64_t from, std::uint64_t to) {
  std::size_t i = first_after(from);
  while (i < extents_.size() && extents_[i].at < to) {
    Extent old = std::move(extents_[i]);
    const bool keeps_head = old.at < from;
    const bool keeps_tail = old.end() > to;
    const auto position = extents_.begin() + static_cast<std::ptrdiff_t>(i);
    if (!keeps_head && !keeps_tail) {
      extents_.erase(position);
      continue;
    }
    Extent tail{to, old.bytes.subslice(keeps_tail ? to - old.at : old.bytes.size())};
    if (keeps_head) {
      extents_[i] = {old.at, old.bytes.subslice(0, from - old.at)};
      ++i;
      if (keeps_tail) {
        extents_.insert(extents_.begin() + static_cast<std::ptrdiff_t>(i), std::move(tail));
      }
    } else {
      extents_[i] = std::move(tail);
    }
    if (keeps_tail) return;
  }
}

void Content::write(std::uint64_t at, Slice bytes) {
  if (bytes.empty()) return;
  const std::uint64_t end = at + bytes.size();
  if (at < size_) punch(at, end);
  const std::size_t i = at >= size_ ? extents_.size() : first_after(at);
  extents_.insert(extents_.begin() + static_cast<std::ptrdiff_t>(i), {at, std::move(bytes)});
  size_ = std::max(size_, end);
}

void Content::truncate(std::uint64_t size) {
  if (size < size_) punch(size, size_);
  size_ = size;
}

Slice Content::read(std::uint64_t at, std::size_t length) const {
  if (at >= size_ || length == 0) return {};
  const std::uint64_t end = length < size_ - at ? at + length : size_;
  const std::size_t first = first_after(at);
  if (first < extents_.size() && extents_[first].at <= at && extents_[first].end() >= end) {
    return extents_[first].bytes.subslice(at - extents_[first].at, end - at);
  }
  Buffer gathered(end - at);
  std::byte* target = gathered.extend(end - at);
  std::uint64_t filled = at;
  for (std::size_t i = first; i < extents_.size() && extents_[i].at < end; ++i) {
    const Extent& extent = extents_[i];
    const std::uint64_t from = std::max(at, extent.at);
    const std::uint64_t to = std::min(end, extent.end());
    if (from > filled) std::memset(target + (filled - at), 0, from - filled);
    std::memcpy(target + (from - at), extent.bytes.data() + (from - extent.at), to - from);
    filled = to;
  }
  if (end > filled) std::memset(target + (filled - at), 0, end - filled);
  return std::move(gathered).share();
}

bool Content::flip(std::uint64_t at, std::uint8_t mask) {
  const Slice old = read(at, 1);
  if (old.empty()) return false;
  const std::byte flipped = old.data()[0] ^ std::byte{mask};
  write(at, Slice::copy_of(Bytes(&flipped, 1)));
  return true;
}

}  // namespace weir::sim
