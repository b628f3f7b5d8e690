// Drawing plans: pure, local in its choices, and inside what is promised.
#include "faults/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace weir {
namespace {

using std::chrono::seconds;

const ClusterShape kShape = {{"b1"}, {"P1", "C1"}};

RandomFaults some(std::uint32_t count) {
  RandomFaults random;
  random.count = count;
  random.from = seconds(1);
  random.to = seconds(6);
  random.heal_by = seconds(7);
  return random;
}

Plan plan(std::uint64_t seed, const RandomFaults& random, const ClusterShape& shape = kShape) {
  return make_plan(seed, 0, {}, random, shape, Duration(seconds(10)));
}

TEST(Plan, IsAPureFunctionOfItsArguments) {
  EXPECT_EQ(plan(7, some(50)), plan(7, some(50)));
  EXPECT_NE(plan(7, some(50)), plan(8, some(50)));
  EXPECT_NE(make_plan(7, 1, {}, some(50), kShape, seconds(10)), plan(7, some(50)));
}

TEST(Plan, AFurtherFaultLeavesTheOthersAsTheyWere) {
  const Plan few = plan(7, some(20));
  const Plan more = plan(7, some(21));
  EXPECT_TRUE(std::equal(few.faults.begin(), few.faults.end(), more.faults.begin()));
}

TEST(Plan, AFurtherClientTakesOverSomeFaultsAndMovesNoOther) {
  const ClusterShape bigger = {{"b1"}, {"P1", "C1", "P2"}};
  const Plan before = plan(7, some(200));
  const Plan after = plan(7, some(200), bigger);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < before.faults.size(); ++i) {
    if (before.faults[i] == after.faults[i]) continue;
    const std::string text = to_text(after.faults[i]);
    EXPECT_NE(text.find("P2"), std::string::npos) << text;
    ++taken;
  }
  EXPECT_GT(taken, 0u);
  EXPECT_LT(taken, 100u);
}

TEST(Plan, RaisingOneWeightMovesFaultsOnlyTowardsThatKind) {
  RandomFaults random = some(200);
  random.weights = {{FaultKind::kill, 2}, {FaultKind::pause, 2}};
  const Plan before = plan(7, random);
  random.weights[1].weight = 3;
  const Plan after = plan(7, random);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.faults.size(); ++i) {
    if (before.faults[i] == after.faults[i]) continue;
    EXPECT_EQ(after.faults[i].kind, FaultKind::pause);
    ++moved;
  }
  EXPECT_GT(moved, 0u);
}

TEST(Plan, StaysInsideWhatIsPromisedUnlessTheWeightsLeaveIt) {
  for (const Fault& fault : plan(3, some(500)).faults) {
    EXPECT_TRUE(traits_of(fault.kind).is(FaultTraits::kSurvivable)) << to_text(fault);
  }
  RandomFaults asked = some(20);
  asked.weights = {{FaultKind::power_loss, 1}, {FaultKind::fail_sync, 1}};
  for (const Fault& fault : plan(3, asked).faults) {
    EXPECT_TRUE(fault.kind == FaultKind::power_loss || fault.kind == FaultKind::fail_sync);
  }
}

TEST(Plan, KillsNoClientAndGuardsTheOtherBrokers) {
  const ClusterShape three = {{"b1", "b2", "b3"}, {"P1"}};
  for (const Fault& fault : plan(3, some(500), three).faults) {
    if (fault.kind != FaultKind::kill) continue;
    EXPECT_EQ(fault.node.front(), 'b');
    EXPECT_EQ(fault.guard, Guard::others_up);
  }
}

TEST(Plan, EverySurvivableKindIsDrawnInTheEnd) {
  std::map<FaultKind, int> seen;
  for (const Fault& fault : plan(3, some(2000)).faults) ++seen[fault.kind];
  EXPECT_EQ(seen.size(), survivable_weights().size());
}

TEST(Plan, ScriptedFaultsComeFirstAndAsWritten) {
  Fault scripted;
  scripted.kind = FaultKind::kill;
  scripted.node = "b1";
  scripted.when = Duration(seconds(3));
  const Plan both = make_plan(7, 0, {scripted}, some(2), kShape, seconds(10));
  ASSERT_EQ(both.faults.size(), 3u);
  EXPECT_EQ(both.faults[0], scripted);
  EXPECT_EQ(both.faults[1].label, "random 1");
  EXPECT_EQ(both.heal_at, Duration(seconds(10)));
}

TEST(Plan, AnEmptyWindowOrHugeTimesDoNotTripIt) {
  RandomFaults odd = some(100);
  odd.from = odd.to = odd.heal_by = Duration(0);
  EXPECT_EQ(plan(1, odd).faults.size(), 100u);
  odd.to = odd.heal_by = Duration::max();
  EXPECT_EQ(plan(1, odd).faults.size(), 100u);
}

}  // namespace
}  // namespace weir
