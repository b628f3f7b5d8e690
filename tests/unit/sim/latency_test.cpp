// Distributions: their shape, and that they are the same numbers everywhere.
#include "sim/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "broker/base/assertion.h"
#include "broker/base/hash.h"

namespace weir {
namespace {

constexpr Duration us(std::int64_t n) { return std::chrono::microseconds(n); }

std::vector<std::int64_t> sorted_samples(const Latency& latency, std::size_t n = 100'000) {
  Random random(42);
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < n; ++i) all.push_back(latency.sample(random));
  std::sort(all.begin(), all.end());
  return all;
}

void expect_near(std::int64_t value, std::int64_t wanted, std::int64_t percent) {
  EXPECT_GE(value, wanted - wanted * percent / 100);
  EXPECT_LE(value, wanted + wanted * percent / 100);
}

TEST(Latency, ConstantDrawsNothing) {
  Random random(1);
  EXPECT_EQ(Latency::constant(us(7)).sample(random), 7000);
  EXPECT_EQ(random.draws(), 0u);
}

TEST(Latency, UniformStaysBetweenItsEnds) {
  const auto all = sorted_samples(Latency::uniform(us(10), us(20)));
  EXPECT_GE(all.front(), 10'000);
  EXPECT_LE(all.back(), 20'000);
  expect_near(all[all.size() / 2], 15'000, 1);
}

TEST(Latency, ExponentialHasItsMeanBeyondTheLeast) {
  const auto all = sorted_samples(Latency::exponential(us(100), us(50)));
  std::int64_t sum = 0;
  for (const std::int64_t sample : all) sum += sample;
  expect_near(sum / static_cast<std::int64_t>(all.size()), 150'000, 1);
  expect_near(all[all.size() / 2] - 100'000, 34'657, 2);  // ln 2
  EXPECT_GE(all.front(), 100'000);
}

TEST(Latency, LognormalHasItsMedianAndTail) {
  const auto all = sorted_samples(Latency::lognormal(us(200), us(2000)));
  expect_near(all[all.size() / 2], 200'000, 2);
  expect_near(all[all.size() * 99 / 100], 2'000'000, 5);
  expect_near(all[all.size() / 100], 20'000, 5);
  expect_near(all[all.size() * 8413 / 10'000], 538'000, 3);  // one standard deviation
}

TEST(Latency, IsTheSameNumbersOnEveryCompiler) {
  std::uint64_t hash = 0;
  for (const Latency& latency :
       {Latency::uniform(us(1), us(900)), Latency::exponential(us(3), us(77)),
        Latency::lognormal(us(10), us(5000)), Latency::lognormal(us(5), us(5))}) {
    Random random(9);
    for (int i = 0; i < 10'000; ++i) {
      hash = fold(hash, static_cast<std::uint64_t>(latency.sample(random)));
    }
  }
  EXPECT_EQ(hash, 7165888040795638059u);
}

TEST(Latency, RefusesNonsense) {
  EXPECT_THROW(static_cast<void>(Latency::uniform(us(2), us(1))), AssertionFailure);
  EXPECT_THROW(static_cast<void>(Latency::constant(us(-1))), AssertionFailure);
  EXPECT_THROW(static_cast<void>(Latency::lognormal(us(0), us(1))), AssertionFailure);
}

}  // namespace
}  // namespace weir
