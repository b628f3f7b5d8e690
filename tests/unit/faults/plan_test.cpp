// Drawing plans: pure, local in its choices, and inside what is promised.
#include "faults/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

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
  EXPECT_EQ(seen.size(), survivable_weights(kShape).size());
}

ClusterShape cluster() {
  ClusterShape shape;
  shape.brokers = {"b1", "b2", "b3"};
  shape.controllers = {"k1", "k2", "k3"};
  shape.clients = {"P1", "C1"};
  shape.partitions = {"orders-0", "orders-1"};
  shape.min_insync_replicas = {{"orders", 2}};
  return shape;
}

TEST(Plan, EveryFaultHasWhatItsKindNeedsAndNothingElse) {
  RandomFaults random = some(3'000);
  for (const FaultTraits& traits : fault_catalogue()) random.weights.push_back({traits.kind, 1});
  std::set<FaultKind> seen;
  for (const Fault& fault : plan(7, random, cluster()).faults) {
    const FaultTraits& traits = traits_of(fault.kind);
    seen.insert(fault.kind);
    EXPECT_EQ(fault.by != Duration(0), traits.is(FaultTraits::kBy)) << to_text(fault);
    EXPECT_EQ(fault.rate_ppm != 0, traits.is(FaultTraits::kRate)) << to_text(fault);
    EXPECT_EQ(fault.factor > 1, traits.is(FaultTraits::kFactor)) << to_text(fault);
    EXPECT_EQ(fault.bytes_per_second > 0, traits.is(FaultTraits::kRateBytes)) << to_text(fault);
  }
  EXPECT_EQ(seen.size(), fault_catalogue().size());
}

TEST(Plan, AimsAtRolesAndServersInACluster) {
  std::map<std::string, int> nodes;
  std::map<std::string, int> sides;
  for (const Fault& fault : plan(3, some(2000), cluster()).faults) {
    ++nodes[fault.node];
    for (const auto* side : {&fault.from, &fault.to}) {
      for (const std::string& node : *side) ++sides[node];
    }
  }
  for (const char* node : {"leader:orders-0", "follower:orders-1", "controller:active", "k2", "b3",
                           "event:node", "P1"}) {
    EXPECT_GT(nodes[node], 0) << node;
  }
  for (const char* node : {"leader:orders-0", "controllers", "brokers", "clients", "k1"}) {
    EXPECT_GT(sides[node], 0) << node;
  }
}

TEST(Plan, CrashesWhileWritesAreInFlight) {
  RandomFaults crashes = some(200);
  crashes.weights = {{FaultKind::kill, 1}, {FaultKind::power_loss, 1}};
  int in_flight = 0;
  for (const Fault& fault : plan(3, crashes, cluster()).faults) {
    const auto* trigger = std::get_if<Trigger>(&fault.when);
    if (trigger == nullptr || trigger->event != FactKind::log_appended) continue;
    EXPECT_EQ(fault.node, "event:node");
    ++in_flight;
  }
  EXPECT_GT(in_flight, 40) << "half of those that are not aimed at a moment with others";
  EXPECT_LT(in_flight, 100);
}

TEST(Plan, CrashesALoneBrokerWhileItWritesOrRolls) {
  ClusterShape alone = kShape;
  alone.partitions = {"orders-0", "orders-1"};
  RandomFaults crashes = some(200);
  crashes.weights = {{FaultKind::kill, 1}, {FaultKind::power_loss, 1}};
  std::map<FactKind, int> moments;
  for (const Fault& fault : plan(3, crashes, alone).faults) {
    const auto* trigger = std::get_if<Trigger>(&fault.when);
    if (trigger == nullptr) continue;
    EXPECT_EQ(fault.node, "b1");
    EXPECT_TRUE(trigger->tp == "orders-0" || trigger->tp == "orders-1") << trigger->tp;
    ++moments[trigger->event];
  }
  EXPECT_EQ(moments.size(), 2u);
  EXPECT_GT(moments[FactKind::log_appended], 40);
  EXPECT_GT(moments[FactKind::log_rolled], 10);
  EXPECT_LT(moments[FactKind::log_appended] + moments[FactKind::log_rolled], 150);
}

TEST(Plan, AimsAtMomentsOfAClusterAndAtThoseWhoHaveAPartInThem) {
  std::map<FactKind, int> moments;
  std::map<std::string, int> parts;
  int aimed = 0;
  for (const Fault& fault : plan(3, some(2000), cluster()).faults) {
    const auto* trigger = std::get_if<Trigger>(&fault.when);
    const bool response = traits_of(fault.kind).target == FaultTarget::response;
    if (trigger == nullptr || response || trigger->event == FactKind::log_appended) continue;
    ++aimed;
    ++moments[trigger->event];
    ++parts[fault.node];
    for (const auto* side : {&fault.from, &fault.to}) {
      for (const std::string& node : *side) ++parts[node];
    }
    if (fault.node == "event:joiner") {
      EXPECT_EQ(trigger->event, FactKind::isr_proposed);
    }
    EXPECT_NE(fault.from, fault.to.empty() ? std::vector<NodeRef>{"nobody"} : fault.to);
  }
  EXPECT_GT(aimed, 500);
  EXPECT_LT(aimed, 1500);
  for (const FactKind event : {FactKind::isr_proposed, FactKind::replica_leads,
                               FactKind::controller_activated, FactKind::log_rolled}) {
    EXPECT_GT(moments[event], 0) << name_of(event);
  }
  for (const char* part : {"event:node", "event:joiner", "event:leader", "controllers"}) {
    EXPECT_GT(parts[part], 0) << part;
  }
}

TEST(Plan, SomeFaultsThatFollowEachOtherStrikeAtOneMoment) {
  const std::vector<Fault> faults = plan(3, some(600), cluster()).faults;
  int together = 0;
  for (std::size_t i = 0; i + 1 < faults.size(); ++i) {
    const auto* one = std::get_if<Trigger>(&faults[i].when);
    const auto* other = std::get_if<Trigger>(&faults[i + 1].when);
    if (one == nullptr || other == nullptr || one->event != other->event) continue;
    together += one->nth == other->nth && one->since == other->since;
  }
  EXPECT_GT(together, 80);
  EXPECT_LT(together, 250);
}

TEST(Plan, AtOneMomentANodeIsStruckAndALink) {
  const std::vector<Fault> faults = plan(3, some(600), cluster()).faults;
  int pairs = 0;
  for (std::size_t i = 0; i + 1 < faults.size(); i += 3) {
    const auto* node = std::get_if<Trigger>(&faults[i].when);
    const auto* link = std::get_if<Trigger>(&faults[i + 1].when);
    const bool together = node != nullptr && link != nullptr && node->event == link->event &&
                          node->since == link->since;
    if (!together) continue;
    ++pairs;
    EXPECT_EQ(traits_of(faults[i].kind).target, FaultTarget::node);
    EXPECT_EQ(traits_of(faults[i + 1].kind).target, FaultTarget::sides);
    EXPECT_GE(faults[i + 1].lasts.value_or(ms(20)), ms(20)) << "while the node comes back";
  }
  EXPECT_GT(pairs, 100);
}

TEST(Plan, AimsAtNoMomentWhereASingleBrokerRuns) {
  for (const Fault& fault : plan(3, some(1000)).faults) {
    const bool response = traits_of(fault.kind).target == FaultTarget::response;
    EXPECT_EQ(std::holds_alternative<Trigger>(fault.when), response) << to_text(fault);
  }
}

TEST(Plan, StaysInsideTheBudgetOfACluster) {
  RandomFaults losses = some(300);
  losses.weights = {{FaultKind::kill, 1},      {FaultKind::power_loss, 1}, {FaultKind::wipe, 1},
                    {FaultKind::fail_sync, 1}, {FaultKind::bit_rot, 1},    {FaultKind::stop, 1},
                    {FaultKind::isolate, 1},   {FaultKind::pause, 1}};
  for (const Fault& fault : plan(3, losses, cluster()).faults) {
    EXPECT_EQ(fault.guard, Guard::replicated) << to_text(fault);
  }
  RandomFaults harmless = some(100);
  harmless.weights = {{FaultKind::partition, 1}, {FaultKind::ring, 1}, {FaultKind::clock_step, 1}};
  for (const Fault& fault : plan(3, harmless, cluster()).faults) {
    EXPECT_EQ(fault.guard, Guard::none) << to_text(fault);
  }
}

TEST(Plan, KindsOfAClusterAreNotDrawnUnaskedForASingleBroker) {
  for (const Fault& fault : plan(3, some(1000)).faults) {
    EXPECT_FALSE(traits_of(fault.kind).is(FaultTraits::kCluster)) << to_text(fault);
  }
}

TEST(Plan, ASwarmDrawsForEachSeedWhichKindsAreOnAtAll) {
  RandomFaults swarm = some(200);
  swarm.swarm = true;
  const std::size_t all = survivable_weights(cluster()).size();
  std::map<FaultKind, int> seeds_with;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::map<FaultKind, int> seen;
    for (const Fault& fault : plan(seed, swarm, cluster()).faults) ++seen[fault.kind];
    EXPECT_GT(seen.size(), 0u);
    EXPECT_LT(seen.size(), all);
    for (const auto& [kind, count] : seen) ++seeds_with[kind];
  }
  EXPECT_EQ(seeds_with.size(), all);
  swarm.weights = {{FaultKind::kill, 1}};
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(plan(seed, swarm, cluster()).faults.size(), 200u);
  }
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
