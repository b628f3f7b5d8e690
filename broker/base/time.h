// Virtual or monotonic time in integer nanoseconds, and wall time in integer milliseconds.
//
// The two do not convert into each other: deadlines and timeouts are made of Instants, record
// timestamps are WallTimes (Kafka writes milliseconds since 1970).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace weir {

using Duration = std::chrono::nanoseconds;

// A moment of a monotonic clock, in nanoseconds since that clock began.
struct Instant {
  std::int64_t ns = 0;

  static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }

  friend constexpr auto operator<=>(Instant, Instant) = default;
  // Saturates at never(), so that "now + a very long timeout" stays a deadline.
  friend constexpr Instant operator+(Instant t, Duration d) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(t.ns, d.count(), &sum)) return never();
    return {sum};
  }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.ns - b.ns); }
};

// A moment of the wall clock, in milliseconds since 1970-01-01 UTC, as records carry it.
struct WallTime {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(WallTime, WallTime) = default;
};

}  // namespace weir
