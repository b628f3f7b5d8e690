// Cutting the writer's own buffer around the slices that were handed over.
#include "broker/wire/writer.h"

#include <span>
#include <utility>

namespace weir {

void Writer::hand_over(const Slice& slice) {
  if (slice.empty()) return;
  inserts_.push_back({buffer_.size(), slice});
  handed_over_bytes_ += slice.size();
}

std::vector<Slice> Writer::finish() && {
  std::vector<Slice> slices;
  slices.reserve(2 * inserts_.size() + 1);
  const Slice own = std::move(buffer_).share();
  std::size_t cut = 0;
  for (Insert& insert : inserts_) {
    if (insert.at > cut) slices.push_back(own.subslice(cut, insert.at - cut));
    slices.push_back(std::move(insert.slice));
    cut = insert.at;
  }
  if (own.size() > cut) slices.push_back(own.subslice(cut));
  inserts_.clear();
  handed_over_bytes_ = 0;
  return slices;
}

Slice join(std::span<const Slice> slices) {
  if (slices.empty()) return {};
  if (slices.size() == 1) return slices[0];
  std::size_t total = 0;
  for (const Slice& s : slices) total += s.size();
  Buffer all(total);
  for (const Slice& s : slices) all.append(s);
  return std::move(all).share();
}

}  // namespace weir
