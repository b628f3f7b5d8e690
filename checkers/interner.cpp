// Interner: open addressing over hashes of the content, bytes in blocks.
#include "checkers/interner.h"

#include <algorithm>
#include <cstring>

#include "broker/base/hash.h"

namespace weir {
namespace {

constexpr std::size_t kBlock = 1 << 16;

}  // namespace

std::uint32_t Interner::intern(std::string_view text) {
  if ((texts_.size() + 1) * 2 > slots_.size()) grow();
  const std::uint64_t hash = hash_text(text);
  const std::size_t slot = slot_of(text, hash);
  if (slots_[slot] != kUnknown) return slots_[slot];
  const std::uint32_t id = size();
  texts_.push_back(store(text));
  hashes_.push_back(hash);
  slots_[slot] = id;
  return id;
}

std::uint32_t Interner::find(std::string_view text) const {
  if (slots_.empty()) return kUnknown;
  return slots_[slot_of(text, hash_text(text))];
}

std::size_t Interner::slot_of(std::string_view text, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot] != kUnknown) {
    const std::uint32_t id = slots_[slot];
    if (hashes_[id] == hash && texts_[id] == text) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::string_view Interner::store(std::string_view text) {
  if (text.size() > room_) {
    const std::size_t size = std::max(kBlock, text.size());
    blocks_.push_back(std::make_unique<char[]>(size));
    next_ = blocks_.back().get();
    room_ = size;
  }
  if (!text.empty()) std::memcpy(next_, text.data(), text.size());
  const std::string_view stored(next_, text.size());
  next_ += text.size();
  room_ -= text.size();
  return stored;
}

void Interner::grow() {
  const std::size_t size = std::max<std::size_t>(64, slots_.size() * 2);
  slots_.assign(size, kUnknown);
  const std::size_t mask = size - 1;
  for (std::uint32_t id = 0; id < texts_.size(); ++id) {
    std::size_t slot = hashes_[id] & mask;
    while (slots_[slot] != kUnknown) slot = (slot + 1) & mask;
    slots_[slot] = id;
  }
}

}  // namespace weir
