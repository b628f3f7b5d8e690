// The injector on small worlds: when faults strike, whom, and that everything heals.
#include "faults/injector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/faults/toy.h"

namespace weir {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

std::vector<int> numbers_missing(const Toy& toy) {
  std::vector<int> missing;
  for (int n = 0; n + 1 < toy.asked; ++n) {
    if (std::ranges::find(toy.heard, n) == toy.heard.end()) missing.push_back(n);
  }
  return missing;
}

TEST(Injector, KillsAtItsTimeAndRestartsAfterItsDuration) {
  ToyCluster toy(plan({fault(FaultKind::kill, ms(100), ms(50))}));
  toy.run_until(1000);
  EXPECT_THAT(toy.story(),
              ElementsAre("node.started b1", "node.started P1", "fault.injected b1 kill b1",
                          "node.killed b1", "fault.healed b1 kill b1", "node.started b1"));
  EXPECT_EQ(toy.world.life(toy.world.node("b1")), 2u);
  EXPECT_GT(toy.toy.last_heard_at, ms(900).count());
  ASSERT_EQ(toy.injector.strikes().size(), 1u);
  EXPECT_EQ(toy.injector.strikes()[0].struck, at_ms(100));
  EXPECT_EQ(toy.injector.strikes()[0].over, at_ms(150));
}

TEST(Injector, StrikesAtTheNthMatchOfEveryConditionOfATrigger) {
  Trigger trigger = on(FactKind::log_appended);
  trigger.tp = "orders-0";
  trigger.node = "leader";
  trigger.at_least = 5;
  trigger.nth = 3;  // values 5, 6, 7
  ToyCluster toy(plan({fault(FaultKind::kill, trigger)}));
  toy.run_until(1000);
  EXPECT_THAT(toy.story(), Contains("node.killed b1"));
  EXPECT_EQ(toy.lines.count("log.appended b1"), 8u);
}

TEST(Injector, IgnoresFactsOfOtherPartitionsNodesAndApis) {
  std::vector<Trigger> never(4, on(FactKind::response_sent));
  never[0].api = 1;
  never[1].peer = "b1";
  never[2].tp = "orders-1";
  never[3].node = "P1";
  for (const Trigger& trigger : never) {
    ToyCluster toy(plan({fault(FaultKind::kill, trigger)}));
    toy.run_until(1000);
    EXPECT_THAT(toy.story(), Not(Contains("node.killed b1")));
  }
}

TEST(Injector, CountsMatchesOnlySinceItsTimeAndWaitsItsDelay) {
  Trigger trigger = on(FactKind::response_sent);
  trigger.since = ms(300);
  trigger.delay = ms(100);
  ToyCluster toy(plan({fault(FaultKind::kill, trigger, ms(50))}));
  toy.run_until(1000);
  ASSERT_EQ(toy.injector.strikes().size(), 1u);
  EXPECT_GE(toy.injector.strikes()[0].struck, at_ms(400));
  EXPECT_LT(toy.injector.strikes()[0].struck, at_ms(420));
}

TEST(Injector, CountsEveryTimeFromTheBeginningOfTheScenario) {
  Trigger trigger = on(FactKind::response_sent);
  trigger.since = ms(200);
  ToyCluster toy(plan({fault(FaultKind::kill, ms(100), ms(50)),
                       fault(FaultKind::pause, on(FactKind::response_sent), ms(20)),
                       fault(FaultKind::slow_node, trigger)},
                      500),
                 1, 1, at_ms(1000));
  toy.run_until(999);
  EXPECT_TRUE(toy.injector.strikes().empty());
  toy.run_until(2000);
  ASSERT_EQ(toy.injector.strikes().size(), 3u);
  EXPECT_GE(toy.injector.strikes()[0].struck, at_ms(1000));  // the pause, by its trigger
  EXPECT_EQ(toy.injector.strikes()[1].struck, at_ms(1100));
  EXPECT_EQ(toy.injector.fired()[1].when, FaultTime(ms(100)));
  EXPECT_GE(toy.injector.strikes()[2].struck, at_ms(1200));
  EXPECT_EQ(toy.injector.strikes()[2].over, at_ms(1500));
}

TEST(Injector, RestartsControllersTooWhenEverythingHeals) {
  World world(ToyCluster::options(1));
  ClusterShape shape;
  shape.controllers = {"k1"};
  Plan nothing;
  nothing.heal_at = ms(100);
  Injector injector(world, nothing, shape);
  world.add_reader(injector);
  const NodeId k1 = add(world, "k1", [](Machine& m) { return toy_server(m); });
  injector.start();
  static_cast<void>(world.run_until(at_ms(200)));
  EXPECT_TRUE(world.alive(k1));
  world.remove_reader(injector);
}

TEST(Injector, FollowsAnotherFaultWhenThatIsOver) {
  std::vector<Fault> faults = {fault(FaultKind::pause, AfterFault{"first", ms(30)}, ms(10)),
                               fault(FaultKind::kill, ms(100), ms(50))};
  faults[1].label = "first";
  ToyCluster toy(plan(faults));
  toy.run_until(1000);
  ASSERT_EQ(toy.injector.strikes().size(), 2u);
  EXPECT_EQ(toy.injector.strikes()[1].fault.kind, FaultKind::pause);
  EXPECT_EQ(toy.injector.strikes()[1].struck, at_ms(180));
}

TEST(Injector, ResolvesRolesWhenTheFaultStrikes) {
  Trigger trigger = on(FactKind::response_sent);
  std::vector<Fault> faults = {fault(FaultKind::kill, trigger), fault(FaultKind::pause, trigger),
                               fault(FaultKind::isolate, ms(100), ms(10))};
  faults[0].node = "leader:orders-0";
  faults[1].node = "event:peer";
  faults[2].node = "client:P1";
  ToyCluster toy(plan(faults));
  toy.run_until(1000);
  EXPECT_THAT(toy.story(), Contains("fault.injected b1 kill b1"));
  EXPECT_THAT(toy.story(), Contains("fault.injected P1 pause P1"));
  EXPECT_THAT(toy.story(), Contains("fault.injected P1 isolate P1"));
}

TEST(Injector, KnowsWhoseThePartitionOfItsTriggerIs) {
  Trigger trigger = on(FactKind::log_appended);
  std::vector<Fault> faults = {fault(FaultKind::pause, trigger, ms(5)),
                               fault(FaultKind::pause, trigger, ms(5))};
  faults[0].node = "event:leader";
  faults[1].node = "event:joiner";
  ToyCluster toy(plan(faults));
  toy.run_until(1000);
  EXPECT_THAT(toy.story(), Contains("fault.injected b1 pause b1"));
  EXPECT_THAT(toy.story(), Contains(testing::HasSubstr("nobody is event:joiner")));
}

TEST(Injector, LosesExactlyTheResponseThatTriggeredIt) {
  Trigger trigger = on(FactKind::response_sent);
  trigger.api = 0;
  trigger.peer = "P1";
  trigger.nth = 3;
  ToyCluster toy(plan({fault(FaultKind::lose_response, trigger, ms(20))}));
  toy.run_until(1000);
  EXPECT_THAT(numbers_missing(toy.toy), ElementsAre(2));
  EXPECT_THAT(toy.story(), Contains("fault.injected world lose_response b1 > P1"));
  EXPECT_GT(toy.toy.last_heard_at, ms(900).count());
}

TEST(Injector, OverlappingFaultsOfOneThingEndWithTheLastOfThem) {
  ToyCluster toy(plan({fault(FaultKind::kill, ms(100), ms(300)),
                       fault(FaultKind::power_loss, ms(200), ms(100)),
                       fault(FaultKind::partition, ms(600), ms(300)),
                       fault(FaultKind::isolate, ms(700), ms(100))}));
  toy.run_until(399);
  EXPECT_FALSE(toy.world.alive(toy.world.node("b1")));
  toy.run_until(410);
  EXPECT_TRUE(toy.world.alive(toy.world.node("b1")));
  toy.run_until(899);
  const std::int64_t heard = toy.toy.last_heard_at;
  EXPECT_LT(heard, ms(601).count());
  toy.run_until(1900);
  EXPECT_GT(toy.toy.last_heard_at, ms(1800).count());
}

TEST(Injector, SkipsAndSaysWhyWhatCannotBeCarriedOut) {
  std::vector<Fault> faults = {fault(FaultKind::kill, ms(100)),
                               fault(FaultKind::kill, ms(150)),
                               fault(FaultKind::kill, ms(200)),
                               fault(FaultKind::kill, ms(3000)),
                               fault(FaultKind::kill, on(FactKind::disk_error)),
                               fault(FaultKind::kill, ms(250))};
  faults[2].node = "leader:payments-0";
  faults[5].node = "b2";
  faults[5].guard = Guard::others_up;
  ToyCluster toy(plan(faults, 1000), 2);
  toy.run_until(1500);
  EXPECT_THAT(toy.story(), Contains("fault.skipped b1 kill b1: b1 is down already"));
  EXPECT_THAT(toy.story(),
              Contains("fault.skipped world kill leader:payments-0: nobody is leader:payments-0"));
  EXPECT_THAT(toy.story(),
              Contains("fault.skipped b2 kill b2: guard others_up: another broker is down"));
  const std::string late =
      "fault.skipped b1 kill b1: its moment did not come before everything healed";
  EXPECT_EQ(toy.lines.count(late), 2u);
  EXPECT_EQ(toy.injector.fired().size(), 1u);
}

TEST(Injector, HealsEverythingAtItsTimeAndStrikesNoMore) {
  Trigger late = on(FactKind::response_sent);
  late.since = ms(1200);
  ToyCluster toy(plan({fault(FaultKind::kill, ms(100)), fault(FaultKind::clog, ms(100)),
                       fault(FaultKind::partition, ms(100)), fault(FaultKind::kill, late)},
                      1000));
  toy.run_until(999);
  EXPECT_LT(toy.toy.last_heard_at, ms(110).count());
  EXPECT_FALSE(toy.injector.healed());
  toy.run_until(2000);
  EXPECT_TRUE(toy.injector.healed());
  EXPECT_TRUE(toy.lines.saw("healed world"));
  EXPECT_TRUE(toy.world.alive(toy.world.node("b1")));
  EXPECT_GT(toy.toy.last_heard_at, ms(1900).count());
  for (const Strike& strike : toy.injector.strikes()) {
    if (strike.skipped.empty()) {
      EXPECT_EQ(strike.over, at_ms(1000));
    }
  }
}

TEST(Injector, RestartsABrokerThatHaltedItselfWhenEverythingHeals) {
  Fault failing = fault(FaultKind::fail_sync, ms(100));
  failing.nth = 2;
  ToyCluster toy(plan({failing}, 1000));
  toy.run_until(900);
  EXPECT_THAT(toy.story(), Contains("node.failed b1 disk"));
  EXPECT_FALSE(toy.world.alive(toy.world.node("b1")));
  toy.run_until(1500);
  EXPECT_GT(toy.toy.last_heard_at, ms(1400).count());
}

TEST(Injector, RestartsABrokerThatHaltsItselfForAnErrorOfBeforeEverythingHealed) {
  Fault failing = fault(FaultKind::fail_sync, ms(100));
  failing.nth = 2;
  ToyCluster first(plan({failing}, 1000));
  Instant halted = at_ms(100);
  while (!first.lines.saw("node.failed b1 disk")) {
    halted = halted + std::chrono::microseconds(10);
    static_cast<void>(first.world.run_until(halted));
  }
  ASSERT_LT(halted, at_ms(900));
  // The error is there already, and the node does not know yet.
  const Duration heal_at = halted - Instant{} - std::chrono::microseconds(50);
  ToyCluster toy(Plan{{failing}, heal_at});
  toy.run_until(1500);
  EXPECT_THAT(toy.story(),
              testing::ElementsAre("node.started b1", "node.started P1",
                                   "fault.injected b1 fail_sync b1, the 2nd", "healed world",
                                   "node.failed b1 disk", "node.started b1"));
  EXPECT_GT(toy.toy.last_heard_at, ms(1400).count());
}

TEST(Injector, EveryKindStrikesAndTheClusterWorksAgainWhenItHasHealed) {
  for (const FaultTraits& traits : fault_catalogue()) {
    for (const bool healed_early : {false, true}) {
      FaultTime when = Duration(ms(100));
      if (traits.target == FaultTarget::response) when = on(FactKind::response_sent);
      std::optional<Duration> lasts;
      if (traits.is(FaultTraits::kLasts) && !healed_early) lasts = ms(200);
      ToyCluster toy(plan({fault(traits.kind, when, lasts)}, 800), 5);
      toy.run_until(2000);
      ASSERT_EQ(toy.injector.strikes().size(), 1u) << traits.name;
      EXPECT_EQ(toy.injector.strikes()[0].skipped, "") << traits.name;
      EXPECT_GT(toy.toy.last_heard_at, ms(1900).count()) << traits.name << healed_early;
    }
  }
}

TEST(Injector, AStopThatOutlivesItsFaultIsFollowedByAStart) {
  ToyCluster toy(plan({fault(FaultKind::stop, ms(100), Duration(1000))}));
  toy.run_until(1000);
  EXPECT_TRUE(toy.world.alive(toy.world.node("b1")));
  EXPECT_EQ(toy.world.life(toy.world.node("b1")), 2u);
}

TEST(Injector, WhatFiredIsAPlanThatDoesTheSameAgain) {
  Trigger third = on(FactKind::response_sent);
  third.nth = 3;
  std::vector<Fault> faults = {fault(FaultKind::lose_response, third, ms(20)),
                               fault(FaultKind::kill, ms(300), ms(50)),
                               fault(FaultKind::kill, ms(310), ms(50)),  // skipped
                               fault(FaultKind::partition, AfterFault{"crash", ms(10)})};
  faults[1].label = "crash";
  ToyCluster first(plan(faults, 1000));
  first.run_until(2000);
  const std::vector<Fault> fired = first.injector.fired();
  ASSERT_EQ(fired.size(), 3u);
  ToyCluster again(plan(fired, 1000));
  again.run_until(2000);
  EXPECT_EQ(again.injector.fired(), fired);
  EXPECT_EQ(again.toy.heard, first.toy.heard);
}

TEST(Injector, TheSamePlanGivesTheSameFingerprint) {
  RandomFaults random;
  random.count = 10;
  random.from = ms(50);
  random.to = ms(1500);
  random.heal_by = ms(1800);
  const Plan drawn = make_plan(5, 0, {}, random, ToyCluster::shape(2), ms(1800));
  std::uint64_t fingerprints[2] = {};
  for (std::uint64_t& fingerprint : fingerprints) {
    ToyCluster toy(drawn, 2);
    toy.run_until(2500);
    fingerprint = toy.world.fingerprint();
  }
  EXPECT_EQ(fingerprints[0], fingerprints[1]);
}

}  // namespace
}  // namespace weir
