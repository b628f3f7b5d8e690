// Exponential backoff with jitter (KIP-580): base * 2^failures, spread by a fifth, at most `max`.
//
// The jitter keeps clients that failed together from coming back together. Integers only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "broker/base/random.h"
#include "broker/base/time.h"

namespace weir {

// `failures` counts from 0: the wait after the first failure is about `base`.
[[nodiscard]] inline Duration exponential_backoff(Duration base, Duration max, int failures,
                                                  Random& random) {
  constexpr int kMaxDoublings = 30;
  constexpr std::int64_t kJitterPermille = 200;
  if (base.count() <= 0) return Duration{0};
  std::int64_t wait = std::min(base, max).count();
  for (int i = 0; i < std::min(failures, kMaxDoublings) && wait < max.count(); ++i) wait *= 2;
  wait = wait / 1000 * random.between(1000 - kJitterPermille, 1000 + kJitterPermille);
  return Duration{std::min(wait, max.count())};
}

}  // namespace weir
