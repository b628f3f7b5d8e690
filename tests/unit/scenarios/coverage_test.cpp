// The fold of facts into coverage, told fact by fact.
#include "scenarios/coverage.h"

#include <gtest/gtest.h>

#include <chrono>

#include "broker/base/random.h"
#include "broker/raft/raft_types.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using enum ProtocolState;

ClusterShape three_and_three() {
  return {.brokers = {"b1", "b2", "b3"}, .clients = {"P1"}, .controllers = {"k1", "k2", "k3"}};
}

// Tells facts at times, in milliseconds.
class Telling {
 public:
  explicit Telling(const ClusterShape& shape = three_and_three()) : fold_(shape) {}

  void at(int ms, std::string_view node, const Fact& fact, std::uint32_t life = 1) {
    fold_.on({++sequence_, Instant{} + milliseconds(ms), NodeId{}, node, life, 0, fact});
  }
  void strikes(int ms, std::string_view what) {
    at(ms, "world", {.kind = FactKind::fault_injected, .why = what});
  }
  void heals(int ms, std::string_view what) {
    at(ms, "world", {.kind = FactKind::fault_healed, .why = what});
  }
  void partition(int ms, std::int64_t leader, std::int32_t epoch, std::int64_t version,
                 std::string_view state) {
    at(ms, "k1",
       {.kind = FactKind::partition_changed,
        .partition = 0,
        .epoch = epoch,
        .topic = "orders",
        .old = version,
        .value = leader,
        .record = state});
  }
  void leads(int ms, std::string_view node, std::int32_t epoch) {
    at(ms, node,
       {.kind = FactKind::replica_leads, .partition = 0, .epoch = epoch, .topic = "orders"});
  }
  void watermark(int ms, std::string_view node) {
    at(ms, node, {.kind = FactKind::hw_advanced, .partition = 0, .topic = "orders"});
  }
  void settled(int ms) {
    partition(ms, 1, 0, 0, "replicas=1,2,3 isr=1,2,3");
    leads(ms, "b1", 0);
    watermark(ms, "b1");
  }
  [[nodiscard]] bool met(FaultKind kind, ProtocolState state) const {
    return fold_.coverage().has(kind, state);
  }
  [[nodiscard]] const Coverage& coverage() const { return fold_.coverage(); }

 private:
  CoverageFold fold_;
  std::uint64_t sequence_ = 0;
};

TEST(Coverage, AFaultInQuietMeetsTheCalmAlone) {
  Telling told;
  told.settled(0);
  told.strikes(100, "pause b1");
  EXPECT_EQ(told.coverage().met[static_cast<std::size_t>(FaultKind::pause)].bits,
            StateSet::bit(calm));
}

TEST(Coverage, AFaultMeetsTheStatesThatLast) {
  Telling told;
  told.settled(0);
  told.at(50, "b1", {.kind = FactKind::node_killed});
  told.strikes(100, "kill b2");
  EXPECT_TRUE(told.met(FaultKind::kill, leaderless));
  EXPECT_TRUE(told.met(FaultKind::kill, node_down));
  EXPECT_FALSE(told.met(FaultKind::kill, calm));
  EXPECT_FALSE(told.met(FaultKind::kill, leader_new));
}

TEST(Coverage, AStateThatBeginsMeetsTheFaultsInForce) {
  Telling told;
  told.settled(0);
  told.strikes(10, "partition b1 | b2 b3");
  told.partition(200, 1, 0, 1, "replicas=1,2,3 isr=1");
  EXPECT_TRUE(told.met(FaultKind::partition, isr_shrunk));
  EXPECT_TRUE(told.met(FaultKind::partition, isr_alone));
  told.heals(300, "partition b1 | b2 b3");
  told.at(305, "P1", {.kind = FactKind::send_attempted, .value = 2});
  EXPECT_TRUE(told.met(FaultKind::partition, retrying));  // it has just been healed
  told.at(400, "b3", {.kind = FactKind::log_truncated, .topic = "orders"});
  EXPECT_FALSE(told.met(FaultKind::partition, truncating));
}

TEST(Coverage, WhatIsOverAtOnceIsThereForAMoment) {
  Telling told;
  told.settled(0);
  told.at(100, "b2", {.kind = FactKind::log_rolled, .topic = "orders"});
  told.strikes(109, "reset b1 | b2");
  EXPECT_TRUE(told.met(FaultKind::reset, rolling));
  told.at(118, "b2", {.kind = FactKind::log_truncated, .topic = "orders"});
  EXPECT_TRUE(told.met(FaultKind::reset, truncating));
  told.strikes(150, "clock_step b1");
  EXPECT_FALSE(told.met(FaultKind::clock_step, rolling));
  EXPECT_TRUE(told.met(FaultKind::clock_step, calm));
}

TEST(Coverage, TheMetadataLogHasStatesOfItsOwn) {
  Telling told;
  told.strikes(10, "pause k1");
  told.at(20, "k2", {.kind = FactKind::log_truncated, .topic = "__cluster_metadata"});
  told.at(20, "k2", {.kind = FactKind::log_rolled, .topic = "__cluster_metadata"});
  EXPECT_TRUE(told.met(FaultKind::pause, metadata_truncating));
  EXPECT_FALSE(told.met(FaultKind::pause, truncating));
  EXPECT_FALSE(told.met(FaultKind::pause, rolling));
}

TEST(Coverage, ALeaderIsNewUntilItsOwnWatermarkMoves) {
  Telling told;
  told.settled(0);
  told.partition(50, 2, 1, 1, "replicas=1,2,3 isr=2,3");
  told.leads(60, "b2", 1);
  told.watermark(70, "b1");  // the one before
  told.strikes(80, "kill b2");
  EXPECT_TRUE(told.met(FaultKind::kill, leader_new));
  told.watermark(90, "b2");
  told.strikes(200, "stop b2");
  EXPECT_FALSE(told.met(FaultKind::stop, leader_new));
  EXPECT_FALSE(told.met(FaultKind::stop, leaderless));
}

TEST(Coverage, AnElectionIsUncleanWhereTheLeaderWasNeitherInSyncNorEligible) {
  Telling clean;
  clean.settled(0);
  clean.partition(10, 1, 0, 1, "replicas=1,2,3 isr=1 elr=2");
  clean.partition(20, 2, 1, 2, "replicas=1,2,3 isr=2");
  EXPECT_FALSE(clean.coverage().seen().has(unclean));
  Telling not_clean;
  not_clean.settled(0);
  not_clean.partition(10, 1, 0, 1, "replicas=1,2,3 isr=1 elr=2");
  not_clean.partition(20, 3, 1, 2, "replicas=1,2,3 isr=3");
  EXPECT_TRUE(not_clean.coverage().seen().has(unclean));
}

TEST(Coverage, AProposedInSyncSetChangesUntilANewerStateIsCommitted) {
  Telling told;
  told.settled(0);
  told.at(10, "b1",
          {.kind = FactKind::isr_proposed,
           .partition = 0,
           .topic = "orders",
           .old = 0,
           .record = "isr=1,2"});
  told.strikes(20, "pause b1");
  EXPECT_TRUE(told.met(FaultKind::pause, isr_changing));
  told.partition(30, 1, 0, 1, "replicas=1,2,3 isr=1,2");
  told.strikes(100, "stop b2");
  EXPECT_FALSE(told.met(FaultKind::stop, isr_changing));
  EXPECT_TRUE(told.met(FaultKind::stop, isr_shrunk));
}

TEST(Coverage, ABrokerRecoversUntilItIsUnfencedAndAControllerUntilItKnowsItsLeader) {
  Telling told;
  told.settled(0);
  for (const char* node : {"b2", "k2"}) {
    told.at(10, node, {.kind = FactKind::node_killed});
    told.at(20, node, {.kind = FactKind::node_started}, 2);
  }
  told.strikes(30, "kill b1");
  EXPECT_TRUE(told.met(FaultKind::kill, recovering));
  EXPECT_FALSE(told.met(FaultKind::kill, node_down));
  told.at(40, "k1", {.kind = FactKind::broker_unfenced, .sequence = 2});
  told.strikes(50, "pause b1");
  EXPECT_TRUE(told.met(FaultKind::pause, recovering));  // k2, still
  told.at(60, "k2",
          {.kind = FactKind::quorum_state,
           .value = static_cast<std::int64_t>(raft::QuorumRole::follower)});
  told.strikes(70, "stop b1");
  EXPECT_FALSE(told.met(FaultKind::stop, recovering));
}

TEST(Coverage, TheActiveControllerIsMissedUntilAnotherOneIsActive) {
  Telling told;
  told.settled(0);
  told.at(5, "k1", {.kind = FactKind::controller_activated, .epoch = 1});
  told.at(10, "k1", {.kind = FactKind::node_killed});
  told.strikes(20, "kill k2");
  EXPECT_TRUE(told.met(FaultKind::kill, controller_absent));
  told.at(30, "k3", {.kind = FactKind::controller_activated, .epoch = 2});
  told.strikes(40, "pause k3");
  EXPECT_FALSE(told.met(FaultKind::pause, controller_absent));
}

TEST(Coverage, ATopicThatIsDeletedTakesItsStatesWithIt) {
  Telling told;
  told.partition(0, 1, 0, 0, "replicas=1,2,3 isr=1 adding=3");
  told.at(10, "k1", {.kind = FactKind::topic_deleted, .topic = "orders"});
  told.strikes(100, "pause b1");
  EXPECT_EQ(told.coverage().met[static_cast<std::size_t>(FaultKind::pause)].bits,
            StateSet::bit(calm));
}

TEST(Coverage, StatesThatBeginWhileOthersLastAreTransitions) {
  Telling told;
  told.settled(0);
  told.at(10, "b1", {.kind = FactKind::node_killed});
  told.at(500, "b3", {.kind = FactKind::log_truncated, .topic = "orders"});
  const Coverage& coverage = told.coverage();
  EXPECT_TRUE(coverage.during[static_cast<std::size_t>(leaderless)].has(truncating));
  EXPECT_FALSE(coverage.during[static_cast<std::size_t>(truncating)].has(leaderless));
}

TEST(Coverage, MergingCountsWhatIsNew) {
  Coverage all;
  Coverage one;
  one.met[0].add(calm);
  one.during[2].add(truncating);
  EXPECT_EQ(all.merge(one), 2u);
  EXPECT_EQ(all.merge(one), 0u);
  EXPECT_EQ(all, one);
}

TEST(Coverage, ReadsWhatItHasWritten) {
  Random random = Random::keyed(1, 0, "coverage", "test");
  for (int round = 0; round < 200; ++round) {
    Coverage coverage;
    const std::uint64_t mask = (std::uint64_t{1} << kProtocolStates) - 1;
    for (StateSet& states : coverage.met) states.bits = random.next() & random.next() & mask;
    for (StateSet& states : coverage.during) states.bits = random.next() & random.next() & mask;
    EXPECT_EQ(coverage_from(to_text(coverage)), coverage) << to_text(coverage);
  }
  EXPECT_EQ(coverage_from(to_text(Coverage())), Coverage());
}

TEST(Coverage, RefusesWhatItHasNotWritten) {
  for (const char* text :
       {"", "1=2", "x=1;", "1=;", "1=g;", "99=1;", "0=fffffffff;", ";99=1", "0=1 ;"}) {
    EXPECT_FALSE(coverage_from(text).has_value()) << text;
  }
}

TEST(Coverage, NamesEveryState) {
  EXPECT_EQ(protocol_state_names().size(), kProtocolStates);
  for (std::size_t s = 0; s < kProtocolStates; ++s) {
    const auto state = static_cast<ProtocolState>(s);
    EXPECT_EQ(protocol_state_named(name_of(state)), state);
    EXPECT_FALSE(about(state).empty());
  }
  EXPECT_FALSE(protocol_state_named("leading").has_value());
}

}  // namespace
}  // namespace weir
