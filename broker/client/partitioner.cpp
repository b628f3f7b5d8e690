// murmur2, and the sticky partition.
#include "broker/client/partitioner.h"

#include <algorithm>

namespace weir {

std::int32_t murmur2(Bytes data) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(data[i]); };
  std::uint32_t h = 0x9747b28cu ^ static_cast<std::uint32_t>(data.size());
  std::size_t i = 0;
  for (; i + 4 <= data.size(); i += 4) {
    std::uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= kMultiplier;
    k ^= k >> kShift;
    k *= kMultiplier;
    h = (h * kMultiplier) ^ k;
  }
  const std::size_t rest = data.size() - i;
  if (rest > 0) {
    if (rest == 3) h ^= byte(i + 2) << 16;
    if (rest >= 2) h ^= byte(i + 1) << 8;
    h = (h ^ byte(i)) * kMultiplier;
  }
  h ^= h >> 13;
  h *= kMultiplier;
  h ^= h >> 15;
  return static_cast<std::int32_t>(h);
}

std::int32_t Partitioner::choose(const std::string& topic, const std::optional<Slice>& key,
                                 std::int32_t count, std::span<const std::int32_t> available,
                                 Random& random) {
  if (key && kind_ == PartitionerKind::sticky) {
    return (murmur2(key->bytes()) & 0x7fffffff) % count;
  }
  const auto candidate = [&](std::uint64_t n) {
    return available.empty() ? static_cast<std::int32_t>(n % static_cast<std::uint64_t>(count))
                             : available[n % available.size()];
  };
  Sticky& sticky = sticky_of(topic);
  if (kind_ == PartitionerKind::round_robin) return candidate(sticky.next++);
  const bool usable =
      sticky.partition >= 0 && sticky.partition < count &&
      (available.empty() || std::ranges::find(available, sticky.partition) != available.end());
  if (usable && sticky.bytes < batch_size_) return sticky.partition;
  sticky.bytes = 0;
  sticky.partition = candidate(
      random.below(available.empty() ? static_cast<std::uint64_t>(count) : available.size()));
  return sticky.partition;
}

// Most producers send to one topic, so the one that was found last is remembered.
Partitioner::Sticky& Partitioner::sticky_of(const std::string& topic) {
  if (last_ == nullptr || last_->first != topic) last_ = &*topics_.try_emplace(topic).first;
  return last_->second;
}

void Partitioner::appended(const std::string& topic, std::int64_t bytes) {
  sticky_of(topic).bytes += bytes;
}

}  // namespace weir
