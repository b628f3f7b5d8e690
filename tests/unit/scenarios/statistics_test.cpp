// Intervals and bounds against published values.
#include "scenarios/statistics.h"

#include <gtest/gtest.h>

#include <limits>

namespace weir {
namespace {

// R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
// Medicine 17 (1998), table I, method 3: the score interval without correction.
TEST(Wilson, GivesThePublishedIntervals) {
  struct Published {
    std::uint64_t hits, runs;
    double low, high;
  };
  for (const Published& p : {Published{81, 263, 0.2553, 0.3662}, Published{15, 148, 0.0624, 0.1605},
                             Published{0, 20, 0.0000, 0.1611}, Published{1, 29, 0.0061, 0.1718}}) {
    const Interval interval = wilson(p.hits, p.runs);
    EXPECT_NEAR(interval.low, p.low, 5e-5) << p.hits << " of " << p.runs;
    EXPECT_NEAR(interval.high, p.high, 5e-5) << p.hits << " of " << p.runs;
  }
}

TEST(Wilson, IsExactAtItsEndsAndSaysNothingOfNoRuns) {
  EXPECT_EQ(wilson(0, 7).low, 0.0);
  EXPECT_EQ(wilson(7, 7).high, 1.0);
  EXPECT_EQ(wilson(0, 0).low, 0.0);
  EXPECT_EQ(wilson(0, 0).high, 1.0);
}

TEST(Wilson, MirrorsItself) {
  for (std::uint64_t hits = 0; hits <= 30; ++hits) {
    EXPECT_NEAR(wilson(hits, 30).low, 1 - wilson(30 - hits, 30).high, 1e-12);
  }
}

TEST(RuleOfThree, BoundsTheRateOfACleanSweep) {
  EXPECT_EQ(rule_of_three(10'000), 3'333u);
  EXPECT_EQ(rule_of_three(2), 0u);
}

TEST(CleanSeedsNeeded, AnswersWhetherItIsGone) {
  EXPECT_EQ(clean_seeds_needed(0.0041), 730u);
  EXPECT_EQ(clean_seeds_needed(wilson(41, 10'000).low), 990u);
  EXPECT_EQ(clean_seeds_needed(0.5), 5u);  // 1/32 < 5 %
  EXPECT_EQ(clean_seeds_needed(1), 1u);
  EXPECT_EQ(clean_seeds_needed(0), std::numeric_limits<std::uint64_t>::max());
}

TEST(RateText, IsAsPeopleWriteIt) {
  EXPECT_EQ(rate_text(41, 10'000), "0.41 %, 95 % CI 0.30-0.56");
  EXPECT_EQ(rate_text(3, 3), "100.00 %, 95 % CI 43.85-100.00");
  EXPECT_EQ(percent_text(0), "0.00");
  EXPECT_EQ(percent_text(1e-6), "0.0001");  // not 0.00: it happened
}

}  // namespace
}  // namespace weir
