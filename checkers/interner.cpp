// Interner: open addressing over hashes of the content, bytes in blocks.
#include "checkers/interner.h"

#include <algorithm>
#include <cstring>

#include "broker/base/hash.h"
#include "broker/base/same_text.h"

namespace weir {
namespace {

constexpr std::size_t kBlock = 1 << 16;

}  // namespace

std::uint32_t Interner::intern(std::string_view text) {
  return intern(text.substr(0, 1), text.substr(std::min<std::size_t>(1, text.size())));
}

std::uint32_t Interner::intern(std::string_view head, std::string_view rest) {
  if ((texts_.size() + 1) * 2 > slots_.size()) grow();
  const std::uint32_t tag = tag_of(head, rest);
  Slot& slot = slots_[slot_of(head, rest, tag)];
  if (slot.id != kUnknown) return slot.id;
  slot = {size(), tag};
  texts_.push_back(store(head, rest));
  return slot.id;
}

std::uint32_t Interner::find(std::string_view text) const {
  if (slots_.empty()) return kUnknown;
  const std::string_view head = text.substr(0, 1);
  const std::string_view rest = text.substr(head.size());
  return slots_[slot_of(head, rest, tag_of(head, rest))].id;
}

// The head has one letter, or none where all of the text is empty.
std::uint32_t Interner::tag_of(std::string_view head, std::string_view rest) {
  const std::uint64_t seed = head.empty() ? 0 : static_cast<unsigned char>(head.front()) + 1u;
  return static_cast<std::uint32_t>(hash_text(rest, seed));
}

std::size_t Interner::slot_of(std::string_view head, std::string_view rest,
                              std::uint32_t tag) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = tag & mask;
  while (slots_[slot].id != kUnknown) {
    if (slots_[slot].tag == tag) {
      const std::string_view text = texts_[slots_[slot].id];
      const bool begins_so =
          text.size() >= head.size() && (head.empty() || text.front() == head.front());
      if (begins_so && same_text(text.substr(head.size()), rest)) break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::string_view Interner::store(std::string_view head, std::string_view rest) {
  const std::size_t length = head.size() + rest.size();
  if (length > room_) {
    const std::size_t size = std::max(kBlock, length);
    blocks_.push_back(std::make_unique<char[]>(size));
    next_ = blocks_.back().get();
    room_ = size;
  }
  if (!head.empty()) next_[0] = head.front();
  if (!rest.empty()) std::memcpy(next_ + head.size(), rest.data(), rest.size());
  const std::string_view stored(next_, length);
  next_ += length;
  room_ -= length;
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
