// What looks like a breach online and is none (states that were committed but never told), and what
// is one at the moment when it happens: copies that the ISR promises, and that are not there.
#include <gtest/gtest.h>

#include "checkers/fact_checks.h"

namespace weir {
namespace {

// Facts of one partition, a millisecond apart.
class Told {
 public:
  void fact(const char* node, Fact f) {
    f.topic = "orders";
    f.partition = 0;
    at_.ns += 1'000'000;
    checks.on(node, at_, ++sequence_, f);
  }
  void append(std::int64_t offset, std::int32_t sequence) {
    fact("b1", {.kind = FactKind::log_appended,
                .producer_epoch = 0,
                .sequence = sequence,
                .old = offset,
                .value = offset,
                .producer = 7});
  }
  void partition(std::int64_t partition_epoch, std::int32_t leader_epoch, std::int64_t leader,
                 const char* record) {
    fact("k1", {.kind = FactKind::partition_changed,
                .epoch = leader_epoch,
                .old = partition_epoch,
                .value = leader,
                .record = record});
  }

  FactChecks checks;

 private:
  Instant at_{};
  std::int64_t sequence_ = 0;
};

TEST(SequencesOnline, AreNotJudgedOverABatchThatReachedTheDiskUntold) {
  Told told;
  told.append(0, 0);
  // The write of offset 1 failed after its bytes; the recovery cuts the torn batch behind it.
  told.fact("b1", {.kind = FactKind::log_truncated, .old = 2, .value = 2});
  told.fact("b1", {.kind = FactKind::log_opened, .value = 2});
  told.append(2, 2);
  EXPECT_EQ(told.checks.sequences.breaches, 0);
  told.append(3, 4);
  EXPECT_EQ(told.checks.sequences.breaches, 1);
}

TEST(ElectionsOnline, KnowThatOneDecisionMayElectAndTakeTheLeaderAwayAgain) {
  Told told;
  told.partition(1, 0, 1, "replicas=1,2,3 isr=1 elr=2");
  // Both were fenced at once: 2 led from the eligible replicas for a step that was never told.
  told.partition(3, 2, -1, "replicas=1,2,3 isr= elr=1,2");
  told.partition(4, 2, -1, "replicas=1,2,3 isr=");
  told.partition(5, 3, 2, "replicas=1,2,3 isr=2");
  EXPECT_EQ(told.checks.partitions.elections.breaches, 0);
}

TEST(ElectionsOnline, DoNotTakeJustAnybodyForTheLastLeader) {
  Told told;
  told.partition(1, 0, 1, "replicas=1,2,3 isr=1 elr=2");
  told.partition(3, 2, -1, "replicas=1,2,3 isr= elr=1,2");
  told.partition(4, 2, -1, "replicas=1,2,3 isr=");
  told.partition(5, 3, 3, "replicas=1,2,3 isr=3");
  EXPECT_EQ(told.checks.partitions.elections.breaches, 1);
  EXPECT_EQ(told.checks.partitions.elections.looked_at, 1);
}

// Three brokers that are registered and run; b1 leads orders-0 in epoch 4.
class InSync : public ::testing::Test {
 protected:
  InSync() {
    told.fact("k1", {.kind = FactKind::controller_activated, .epoch = 1});
    for (std::int32_t id = 1; id <= 3; ++id) {
      const std::string node = "b" + std::to_string(id);
      told.fact(node.c_str(), {.kind = FactKind::node_started});
      told.fact("k1",
                {.kind = FactKind::broker_registered, .sequence = id, .value = 5, .why = "first"});
      told.fact("k1", {.kind = FactKind::broker_unfenced, .sequence = id});
    }
    told.partition(0, 4, 1, "replicas=1,2,3 isr=1,2");
    told.fact("b1", {.kind = FactKind::replica_leads, .epoch = 4});
    for (const char* node : {"b1", "b2", "b3"}) {
      told.fact(node, {.kind = FactKind::log_opened, .value = 0});
    }
  }
  void append(const char* node, std::int64_t offset, std::int32_t epoch = 4) {
    told.fact(node,
              {.kind = FactKind::log_appended, .epoch = epoch, .old = offset, .value = offset});
  }
  // Dies, and comes back with a log that ends there.
  void restart(const char* node, std::int32_t id, std::int64_t log_end, std::int32_t epoch) {
    told.fact(node, {.kind = FactKind::node_failed});
    told.fact(node, {.kind = FactKind::node_started});
    told.fact(node, {.kind = FactKind::log_opened, .epoch = epoch, .value = log_end});
    told.fact("k1", {.kind = FactKind::broker_registered,
                     .sequence = id,
                     .old = 5,
                     .value = 9,
                     .why = "unclean"});
    told.fact("k1", {.kind = FactKind::broker_unfenced, .sequence = id});
  }
  void show(std::int64_t to) {
    told.fact("b1", {.kind = FactKind::hw_advanced, .epoch = 4, .value = to});
  }

  Told told;
};

TEST_F(InSync, AWatermarkStaysWithinEveryReplicaInSync) {
  append("b1", 0);
  append("b2", 0);
  show(1);
  EXPECT_EQ(told.checks.in_sync.steps.breaches, 0);
  append("b1", 1);
  append("b3", 0);
  append("b3", 1);
  show(2);
  EXPECT_EQ(told.checks.in_sync.steps.breaches, 1);
}

TEST_F(InSync, ARecordOfAnotherEpochIsNoCopy) {
  append("b1", 0);
  append("b2", 0, 3);
  show(1);
  EXPECT_EQ(told.checks.in_sync.steps.breaches, 1);
}

// b2 died after it had cut its log and taken the leader's records, before it could say so.
TEST_F(InSync, WhatALogHoldsBeyondTheLastWordMayBeOfAnyEpoch) {
  append("b1", 0);
  append("b2", 0, 3);
  told.fact("b2", {.kind = FactKind::log_truncated, .old = 1, .value = 0});
  restart("b2", 2, 1, 4);
  show(1);
  EXPECT_EQ(told.checks.in_sync.steps.breaches, 0);
}

TEST_F(InSync, WhatALogHeldBeforeStaysOfItsEpoch) {
  append("b1", 0);
  append("b2", 0, 3);
  restart("b2", 2, 2, 3);
  show(1);
  EXPECT_EQ(told.checks.in_sync.steps.breaches, 1);
}

TEST_F(InSync, OfABrokerThatIsDownNothingIsAsked) {
  append("b1", 0);
  told.fact("b2", {.kind = FactKind::node_power_lost});
  show(1);
  EXPECT_EQ(told.checks.in_sync.steps.breaches, 0);
}

TEST_F(InSync, WhoJoinsHasWhatWasShown) {
  append("b1", 0);
  append("b2", 0);
  show(1);
  told.partition(1, 4, 1, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(told.checks.in_sync.joins.breaches, 1);
  told.partition(2, 4, 1, "replicas=1,2,3 isr=1,2");
  append("b3", 0);
  told.partition(3, 4, 1, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(told.checks.in_sync.joins.breaches, 1);
  EXPECT_EQ(told.checks.in_sync.joins.looked_at, 2);
}

TEST_F(InSync, NobodyJoinsByWhatItsLeaderSawOfItsFormerLife) {
  told.fact("b1", {.kind = FactKind::isr_proposed, .epoch = 4, .record = "isr=1,2,3"});
  told.fact("b3", {.kind = FactKind::node_killed});
  told.fact("b3", {.kind = FactKind::node_started});
  told.fact(
      "k1",
      {.kind = FactKind::broker_registered, .sequence = 3, .old = 5, .value = 9, .why = "unclean"});
  told.fact("k1", {.kind = FactKind::broker_unfenced, .sequence = 3});
  told.partition(1, 4, 1, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(told.checks.in_sync.joins.breaches, 1);
}

TEST_F(InSync, ANewControllerRepeatsRegistrations) {
  told.fact("b1", {.kind = FactKind::isr_proposed, .epoch = 4, .record = "isr=1,2,3"});
  told.fact("k1", {.kind = FactKind::broker_registered,
                   .sequence = 3,
                   .old = 5,
                   .value = 5,
                   .why = "failover"});
  told.fact("k1", {.kind = FactKind::broker_unfenced, .sequence = 3});
  told.partition(1, 4, 1, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(told.checks.in_sync.joins.breaches, 0);
}

TEST_F(InSync, AControllerDoesNotKeepWhomItFenced) {
  told.fact("k1", {.kind = FactKind::broker_fenced, .sequence = 3});
  told.partition(1, 4, 1, "replicas=1,2,3 isr=1,2");
  EXPECT_EQ(told.checks.partitions.states.breaches, 0);
  told.partition(2, 4, 1, "replicas=1,2,3 isr=1,2,3");
  EXPECT_EQ(told.checks.partitions.states.breaches, 1);
}

}  // namespace
}  // namespace weir
