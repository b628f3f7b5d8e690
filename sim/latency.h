// Latency: a distribution of delays, sampled with integers alone.
//
// Exponential and lognormal samples come from fixed-point logarithms and a table of normal
// quantiles, so that a sample is the same on every compiler and processor (log, exp and pow of the
// C library are not).
#pragma once

#include <cstdint>

#include "broker/base/random.h"
#include "broker/base/time.h"

namespace weir {

class Latency {
 public:
  enum class Shape : std::uint8_t { constant, uniform, exponential, lognormal };

  // Always the same; zero is allowed.
  [[nodiscard]] static Latency constant(Duration value);
  // Both ends included.
  [[nodiscard]] static Latency uniform(Duration low, Duration high);
  // `least` plus an exponential part whose mean is `mean_beyond`.
  [[nodiscard]] static Latency exponential(Duration least, Duration mean_beyond);
  // Half of the samples are below `median`, one in a hundred above `p99`.
  [[nodiscard]] static Latency lognormal(Duration median, Duration p99);

  Latency() = default;  // constant zero

  // Between 0 and kLongestLatency; a constant draws nothing from `random`.
  [[nodiscard]] std::int64_t sample(Random& random) const {
    return shape_ == Shape::constant ? low_ : draw(random);
  }

  [[nodiscard]] Shape shape() const { return shape_; }
  [[nodiscard]] Duration first() const { return Duration(low_); }
  [[nodiscard]] Duration second() const { return Duration(high_); }

  friend bool operator==(const Latency&, const Latency&) = default;

 private:
  Latency(Shape shape, Duration first, Duration second);
  [[nodiscard]] std::int64_t draw(Random&) const;

  Shape shape_ = Shape::constant;
  std::int64_t low_ = 0;    // constant, low, least or median, in nanoseconds
  std::int64_t high_ = 0;   // high, mean beyond or p99
  std::int64_t sigma_ = 0;  // lognormal: log2 of the growth for one standard deviation, Q32
};

inline constexpr Duration kLongestLatency = std::chrono::hours(1);

}  // namespace weir
