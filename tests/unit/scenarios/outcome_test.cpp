// By what a failure is known: the way in which a guarantee was broken, and its shape.
#include "scenarios/outcome.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

std::string way(const char* argument) {
  Violation violation;
  violation.argument = {argument};
  return way_of(violation);
}

// Faults that struck at the events 10, 20, ... of a run whose guarantee broke at event 25.
RunOutcome failed_after(std::initializer_list<FaultKind> kinds, const char* argument) {
  RunOutcome outcome;
  for (const FaultKind kind : kinds) {
    Strike strike;
    strike.fault.kind = kind;
    strike.event = 10 * (outcome.strikes.size() + 1);
    outcome.strikes.push_back(strike);
  }
  Verdict verdict;
  verdict.id = "durability.acked";
  verdict.word = VerdictWord::violated;
  Violation violation;
  violation.broken = 25;
  violation.argument = {argument};
  verdict.violations = {violation};
  outcome.verdicts = {verdict};
  return outcome;
}

TEST(Outcome, AWayIsToldWithoutNamesNumbersAndDetails) {
  EXPECT_EQ(way("b3 served up to offset 3, beyond the high watermark 1, event #4,669"),
            "# served up to offset #");
  EXPECT_EQ(way("orders-0@3 (P1:2) was acknowledged at offset 3 (event #20,657), and at the end"),
            "# was acknowledged at offset #");
  EXPECT_EQ(way("P2: no ack within 3.430 s (limit 1.750 s)"), "# no ack within # s");
  EXPECT_EQ(way(""), "");
  EXPECT_EQ(way_of(Violation{}), "");
}

TEST(Outcome, FailuresAreAlikeWhereTheyShareAWay) {
  const auto lost = failure_of(failed_after({}, "b1 leads from epoch 7 on, and lacks it"));
  const auto again = failure_of(failed_after({}, "b2 leads from epoch 9 on"), "durability.acked");
  const auto other = failure_of(failed_after({}, "the log of b1 is damaged"));
  ASSERT_TRUE(lost && again && other);
  EXPECT_TRUE(lost->shares_a_way_with(*again));
  EXPECT_FALSE(lost->shares_a_way_with(*other));
  EXPECT_EQ(failure_of(failed_after({}, "x"), "order.partition"), std::nullopt);
  EXPECT_EQ(failure_of(RunOutcome{}), std::nullopt);
}

TEST(Outcome, AShapeIsOfTheSortsOfFaultsThatHadStruckByThen) {
  using enum FaultKind;
  const char* argument = "b1 leads from epoch 7 on, and lacks it";
  const std::string crashed = shape_of_failure(failed_after({kill}, argument));
  EXPECT_EQ(crashed.size(), 4u);
  EXPECT_EQ(shape_of_failure(failed_after({power_loss, kill}, argument)), crashed);
  EXPECT_EQ(shape_of_failure(failed_after({kill, kill, clock_step}, argument)), crashed);
  EXPECT_NE(shape_of_failure(failed_after({kill, clock_step}, argument)), crashed);
  EXPECT_NE(shape_of_failure(failed_after({kill}, "the log of b1 is damaged")), crashed);
  EXPECT_EQ(shape_of_failure(RunOutcome{}), "");
  EXPECT_EQ(fault_story(failed_after({power_loss, kill, clock_step}, argument)),
            "(kill, power_loss)");
}

}  // namespace
}  // namespace weir
