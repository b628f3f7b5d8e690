// Floating point is for the reader alone; every text rounds to few digits, so that it is the same
// wherever it is computed.
#include "scenarios/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace weir {
namespace {

constexpr double kZ = 1.959964;  // of the normal distribution, two-sided 95 %
constexpr double kDoubt = 0.05;

}  // namespace

Interval wilson(std::uint64_t hits, std::uint64_t runs) {
  if (runs == 0) return {};
  const auto n = static_cast<double>(runs);
  const double p = static_cast<double>(hits) / n;
  const double centre = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / (1 + kZ * kZ / n);
  // At the ends the bound is exact, and rounding must not say otherwise.
  return {hits == 0 ? 0.0 : std::max(0.0, centre - half),
          hits == runs ? 1.0 : std::min(1.0, centre + half)};
}

std::uint64_t rule_of_three(std::uint64_t clean_runs) { return clean_runs / 3; }

std::uint64_t clean_seeds_needed(double rate) {
  if (rate <= 0) return std::numeric_limits<std::uint64_t>::max();
  if (rate >= 1) return 1;
  return static_cast<std::uint64_t>(std::ceil(std::log(kDoubt) / std::log1p(-rate)));
}

std::string percent_text(double share) {
  const double percent = 100 * share;
  int decimals = 2;
  for (double least = 0.005; percent > 0 && percent < least && decimals < 6; least /= 10)
    ++decimals;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, percent);
  return text;
}

std::string rate_text(std::uint64_t hits, std::uint64_t runs) {
  const Interval interval = wilson(hits, runs);
  const double rate = runs == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(runs);
  return percent_text(rate) + " %, 95 % CI " + percent_text(interval.low) + "-" +
         percent_text(interval.high);
}

}  // namespace weir
