// What looks like a breach online and is none: states that were committed but never told.
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

}  // namespace
}  // namespace weir
