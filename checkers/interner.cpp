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
  const auto tag = static_cast<std::uint32_t>(hash_text(text));
  Slot& slot = slots_[slot_of(text, tag)];
  if (slot.id != kUnknown) return slot.id;
  slot = {size(), tag};
  texts_.push_back(store(text));
  return slot.id;
}

std::uint32_t Interner::find(std::string_view text) const {
  if (slots_.empty()) return kUnknown;
  return slots_[slot_of(text, static_cast<std::uint32_t>(hash_text(text)))].id;
}

std::size_t Interner::slot_of(std::string_view text, std::uint32_t tag) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = tag & mask;
  while (slots_[slot].id != kUnknown) {
    if (slots_[slot].tag == tag && texts_[slots_[slot].id] == text) break;
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
  std::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& taken : old) {
    if (taken.id == kUnknown) continue;
    std::size_t slot = taken.tag & mask;
    while (slots_[slot].id != kUnknown) slot = (slot + 1) & mask;
    slots_[slot] = taken;
  }
}

}  // namespace weir
