// log.agreement: equal offset and leader epoch is an equal batch; what was synced is still there.
#include "telling.h"

namespace weir::test {
namespace {

TEST(Agreement, IsBrokenByAnotherBatchAtTheSameOffsetOfTheSameEpoch) {
  Telling t;
  const std::int64_t first = t.appends("b1", 0, 4, 3, 1);
  const std::int64_t other = t.appends("b2", 0, 4, 3, 2);
  expect_one(t.checks.agreement.batches, "orders-0@0", first, other,
             "b2 appended, in leader epoch 3, another batch than b1 has at offset 0");
  EXPECT_EQ(t.checks.agreement.batches.of_topic.at("orders"), 1);
}

TEST(Agreement, IsBrokenByABatchOfOtherBounds) {
  Telling t;
  t.appends("b1", 0, 4, 3);
  t.appends("b1", 5, 9, 3);
  t.appends("b2", 0, 2, 3);
  EXPECT_EQ(t.breaches(),
            (Lines{"orders-0@0: b2 appended, in leader epoch 3, a batch of other bounds than b1 "
                   "has at offset 0"}));
}

TEST(Agreement, ComparesWithEveryReplicaWhereverItStands) {
  Telling t;
  t.appends("b1", 0, 0, 1);
  t.appends("b1", 1, 1, 1);
  t.appends("b2", 0, 0, 1);
  t.appends("b3", 0, 0, 1);
  t.appends("b3", 1, 1, 1, 9);
  EXPECT_EQ(t.checks.agreement.batches.looked_at, 4);
  EXPECT_EQ(t.checks.agreement.batches.breaches, 1);
}

TEST(Agreement, LetsLogsPartInDifferentEpochsUntilOneIsCut) {
  Telling t;
  t.appends("b1", 0, 4, 3, 1);
  t.appends("b2", 0, 4, 4, 2);
  t.cuts("b1", 5, 0);
  t.appends("b1", 0, 4, 4, 2);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Agreement, ForgetsWhatWasCutOffOrDeletedOrRetired) {
  Telling t;
  t.appends("b1", 0, 4, 3, 1);
  t.cuts("b1", 5, 2);  // the batch of offset 2 goes as a whole
  t.appends("b2", 0, 4, 3, 2);
  EXPECT_EQ(t.breaches(), Lines{});
  t.start_moves("b2", 5);
  t.appends("b3", 0, 4, 3, 3);
  EXPECT_EQ(t.breaches(), Lines{});
  t.deletes_topic("c1");
  t.appends("b1", 0, 4, 3, 4);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Agreement, KnowsThatAnotherTopicMayHaveTheOldName) {
  Telling created;
  created.changes("c1", 0, 0, 1, "replicas=1,2 isr=1,2");
  created.appends("b1", 0, 4, 0, 1);
  created.changes("c1", 1, 0, 1, "replicas=1,2 isr=1");
  created.changes("c1", 0, 0, 1, "replicas=1,2 isr=1,2");
  created.appends("b1", 0, 4, 0, 2);
  EXPECT_EQ(created.breaches(), Lines{}) << "told by its creation";
  Telling opened;
  opened.appends("b1", 0, 4, 0, 1);
  opened.appends("b2", 0, 4, 0, 1);
  opened.opens("b1", 0);
  opened.appends("b1", 0, 4, 0, 2);
  EXPECT_EQ(opened.breaches(), Lines{}) << "seen from a log that begins anew";
}

TEST(Agreement, TheFirstTellingOfACreationComesAfterTheFirstRecords) {
  Telling t;
  t.appends("b1", 0, 4, 0, 1);
  t.changes("c1", 0, 0, 1, "replicas=1,2 isr=1,2");
  t.appends("b2", 0, 4, 0, 2);
  EXPECT_EQ(t.checks.agreement.batches.breaches, 1);
}

TEST(Agreement, KnowsThatReplicasCompactOnTheirOwn) {
  Telling t;
  t.appends("b1", 0, 4, 3);
  t.shows("b1", 5, 3);
  t.says("b1", FactKind::log_compacted, 5);
  t.appends("b2", 2, 4, 3, 9);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Agreement, OfOneLogWantsOffsetsAndEpochsToGrow) {
  Telling t;
  t.appends("b1", 0, 4, 3);
  const std::int64_t again = t.appends("b1", 3, 6, 3);
  expect_one(t.checks.agreement.batches, "orders-0@3", 1, again,
             "b1 appended offset 3 behind offset 4");
  Telling epochs;
  epochs.appends("b1", 0, 4, 3);
  epochs.appends("b1", 5, 6, 2);
  EXPECT_EQ(epochs.breaches(), (Lines{"orders-0@5: b1 appended a batch of leader epoch 2 behind "
                                      "one of 3"}));
}

// A kill between the batch and its fact leaves a gap; what the log lost while its node was down
// shows when it is opened.
TEST(Agreement, BearsGapsAndLossesOfALifeThatEnded) {
  Telling t;
  t.follows("b1", 3, 2);
  t.appends("b1", 0, 4, 3);
  t.dies("b1");
  t.starts("b1");
  t.opens("b1", 7);
  t.appends("b1", 7, 8, 4);
  t.dies("b1");
  t.starts("b1");
  t.opens("b1", 5);
  t.appends("b1", 5, 6, 5);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Agreement, TheMetadataLogIsALogLikeAnyOther) {
  Telling t;
  t.topic = "__cluster_metadata";
  t.appends("c1", 0, 4, 3, 1);
  t.appends("c2", 0, 4, 3, 2);
  EXPECT_EQ(t.checks.agreement.batches.breaches, 1);
  EXPECT_EQ(t.checks.agreement.batches.kept[0].record, "__cluster_metadata-0@0");
}

// Of a leader, or of a broker that stands alone.
TEST(Openings, FindWhatWasSyncedAndIsNotThere) {
  for (const bool has_roles : {true, false}) {
    Telling t;
    t.opens("b1", 0);
    if (has_roles) t.leads("b1", 1);
    t.appends("b1", 0, 4, 1);
    t.appends("b1", 5, 9, 1);
    const std::int64_t synced = t.synced("b1", 10);
    t.dies("b1");
    t.starts("b1");
    t.cuts("b1", 10, 5);  // by recovery
    const std::int64_t opened = t.opens("b1", 5);
    expect_one(t.checks.agreement.openings, "orders-0@5", synced, opened,
               "the log of b1 ends at 5 when it is opened, but it was synced up to 10");
  }
}

TEST(Openings, MayLoseWhatWasNotSyncedAndFindWhatWasNotTold) {
  for (const std::int64_t end : {5, 7, 10, 12}) {
    Telling t;
    t.leads("b1", 1);
    t.appends("b1", 0, 4, 1);
    t.synced("b1", 5);
    t.appends("b1", 5, 9, 1);
    t.dies("b1");
    t.starts("b1");
    t.opens("b1", end);
    EXPECT_EQ(t.breaches(), Lines{}) << end;
    EXPECT_EQ(t.checks.agreement.openings.looked_at, 1);
  }
}

TEST(Openings, OfAFollowerProveNothingSinceItMayHaveDiedInTheMiddleOfACut) {
  Telling t;
  t.opens("b1", 0);
  t.follows("b1", 1, 2);
  t.appends("b1", 0, 9, 1);
  t.synced("b1", 10);
  t.dies("b1");
  t.opens("b1", 5);
  EXPECT_EQ(t.breaches(), Lines{});
  // Nor does a life that had not learned its role.
  t.dies("b1");
  t.opens("b1", 3);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Openings, OfAnEmptyDiskOrAnotherTopicAreNoLoss) {
  Telling wiped;
  wiped.leads("b1", 1);
  wiped.appends("b1", 0, 9, 1);
  wiped.synced("b1", 10);
  wiped.dies("b1");
  wiped.opens("b1", 0);
  EXPECT_EQ(wiped.breaches(), Lines{});
  Telling deleted;
  deleted.leads("b1", 1);
  deleted.appends("b1", 0, 9, 1);
  deleted.synced("b1", 10);
  deleted.deletes_topic("c1");
  deleted.opens("b1", 2);
  EXPECT_EQ(deleted.breaches(), Lines{});
}

}  // namespace
}  // namespace weir::test
