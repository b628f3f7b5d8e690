// Draws: the randomness of one thing that is drawn before a run, keyed and not consumed.
//
// Each purpose has a key of its own, so that a further draw moves no other. A choice among
// candidates is made by highest keyed hash (rendezvous hashing): a further candidate takes over
// some choices and moves no other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/hash.h"
#include "broker/base/random.h"
#include "broker/base/time.h"

namespace weir {

class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t branch, std::string_view thing, std::uint32_t n)
      : key_(Random::keyed(seed, branch, thing, std::to_string(n)).next()) {}

  [[nodiscard]] Random of(std::string_view purpose) const {
    return Random(mix(key_ ^ hash_text(purpose)));
  }

  [[nodiscard]] std::uint64_t rank(std::string_view purpose, std::string_view candidate) const {
    return hash_text(candidate, key_ ^ hash_text(purpose));
  }

  // Empty where there are no candidates.
  [[nodiscard]] std::string choose(std::string_view purpose,
                                   const std::vector<std::string>& candidates) const {
    std::string best;
    std::uint64_t best_rank = 0;
    for (const std::string& candidate : candidates) {
      const std::uint64_t at = rank(purpose, candidate);
      if (!best.empty() && at <= best_rank) continue;
      best = candidate;
      best_rank = at;
    }
    return best;
  }

 private:
  std::uint64_t key_;
};

inline constexpr std::int64_t kDrawnGrain = 1'000;  // times are drawn in whole microseconds

// Short, middle and long ones alike: the magnitude is drawn first. In [low, high], by the grain.
[[nodiscard]] inline Duration draw_length(Random random, Duration low, Duration high) {
  high = std::max(low, high);
  Duration from = low;
  std::int64_t decades = 1;
  while (from < high / 10) {
    from *= 10;
    ++decades;
  }
  from = low;
  for (auto skip = random.below(static_cast<std::uint64_t>(decades)); skip > 0; --skip) from *= 10;
  const std::int64_t to = (from < high / 10 ? from * 10 : high).count();
  return Duration(random.between(from.count() / kDrawnGrain, to / kDrawnGrain) * kDrawnGrain);
}

// In [from, to), by the grain; where no grain is in there, the first one behind `from`.
[[nodiscard]] inline Duration draw_time(Random random, Duration from, Duration to) {
  const std::int64_t first = from.count() / kDrawnGrain + (from.count() % kDrawnGrain > 0);
  const std::int64_t last = std::max(first, (to.count() - 1) / kDrawnGrain);
  return Duration(random.between(first, last) * kDrawnGrain);
}

}  // namespace weir
