// hw.monotonic and the ghost: what watermarks, log starts and new leaders may not say.
#include "telling.h"

namespace weir::test {
namespace {

// b1 leads orders-0 in epoch 1; it and the replicas named hold ten records.
void ten_records(Telling& t, std::initializer_list<const char*> others = {}) {
  t.opens("b1", 0);
  t.leads("b1", 1);
  t.appends("b1", 0, 6, 1);
  t.appends("b1", 7, 9, 1);
  for (const char* node : others) {
    t.follows(node, 1, 1);
    t.appends(node, 0, 6, 1);
    t.appends(node, 7, 9, 1);
  }
}

TEST(Watermark, GoesNotBackInOneTermOfOffice) {
  Telling t;
  ten_records(t);
  t.shows("b1", 8, 1);
  const std::int64_t back = t.shows("b1", 7, 1);
  expect_one(t.checks.watermarks.steps, "orders-0@7", -1, back,
             "the high watermark of b1 went back from 8 to 7");
}

TEST(Watermark, BeginsAnewWithAnotherTermLifeOrRole) {
  for (const int how : {0, 1, 2}) {
    Telling t;
    ten_records(t, {"b2"});
    t.shows("b1", 8, 1);
    if (how == 0) t.leads("b1", 2, 10);
    if (how == 1) {
      t.dies("b1");
      t.starts("b1");
      t.opens("b1", 10);
      t.leads("b1", 2, 10);
    }
    if (how == 2) t.follows("b1", 2, 2);
    t.shows("b1", 6, 2);
    EXPECT_EQ(t.breaches(), Lines{}) << how;
  }
}

TEST(Watermark, StaysWithinItsLog) {
  Telling t;
  ten_records(t);
  const std::int64_t beyond = t.shows("b1", 11, 1);
  ASSERT_EQ(t.checks.watermarks.steps.breaches, 1);
  EXPECT_EQ(t.checks.watermarks.steps.kept[0].about,
            "the high watermark of b1 went to 11, beyond its log end 10");
  EXPECT_EQ(t.checks.watermarks.steps.kept[0].broken, beyond);
  // Where the end is not known, nothing is.
  Telling unknown;
  unknown.shows("b1", 11, 1);
  EXPECT_EQ(unknown.breaches(), Lines{});
}

TEST(Watermark, ItsLeaderCutsNothingOffItsLog) {
  Telling t;
  ten_records(t);
  t.cuts("b1", 10, 6);
  EXPECT_EQ(t.breaches(), (Lines{"orders-0@6: b1 leads in epoch 1 and cut its own log from 10 to "
                                 "6"}));
  // A follower may, and an opening finds what it finds.
  Telling fine;
  ten_records(fine, {"b2"});
  fine.cuts("b2", 10, 6);
  fine.dies("b1");
  fine.starts("b1");
  fine.cuts("b1", 10, 6);
  fine.opens("b1", 6);
  EXPECT_EQ(fine.breaches(), Lines{});
}

TEST(Watermark, IsNotPassedByTheLogStartOfItsLeader) {
  Telling t;
  ten_records(t, {"b2"});
  t.shows("b1", 6, 1);
  t.start_moves("b1", 6);
  t.start_moves("b2", 9);  // a follower that begins anew
  EXPECT_EQ(t.breaches(), Lines{});
  t.start_moves("b1", 7);
  EXPECT_EQ(t.breaches(), (Lines{"orders-0@7: the log start of b1 went to 7, beyond its high "
                                 "watermark 6"}));
}

TEST(LogStart, GoesNotBackInALife) {
  Telling t;
  ten_records(t);
  t.start_moves("b1", 6);
  t.start_moves("b1", 6);
  t.start_moves("b1", 4);
  EXPECT_EQ(t.breaches(), (Lines{"orders-0@4: the log start of b1 went back from 6 to 4"}));
  // Its checkpoint may be older after a crash.
  Telling reopened;
  ten_records(reopened);
  reopened.start_moves("b1", 6);
  reopened.dies("b1");
  reopened.opens("b1", 10, 2);
  reopened.start_moves("b1", 4);
  EXPECT_EQ(reopened.breaches(), Lines{});
}

TEST(Copies, AreCountedWhenTheWatermarkMoves) {
  Telling t;
  t.changes("c1", 0, 1, 1, "replicas=1,2,3 isr=1");
  ten_records(t, {"b2"});
  const std::int64_t two = t.shows("b1", 10, 1);
  t.appends("b1", 10, 10, 1);
  const std::int64_t one = t.shows("b1", 11, 1);
  const CountedEvents& counted = t.checks.watermarks.moved_with_copies.at("orders");
  EXPECT_EQ(counted.first[2], two);
  EXPECT_EQ(counted.first[1], one);
  EXPECT_EQ(counted.first[0], -1);
  EXPECT_EQ(counted.about[1],
            "the high watermark of orders-0 went to 11 on b1 while 1 log reached that far");
  // That becomes a breach with min.insync.replicas alone.
  EXPECT_EQ(t.checks.watermarks.steps.breaches, 0);
}

TEST(Copies, CountWhatAFormerLifeHadAndNotWhatWasCutOff) {
  Telling t;
  t.changes("c1", 0, 1, 1, "replicas=1,2 isr=1,2");
  ten_records(t, {"b2"});
  t.dies("b2");
  t.opens("b2", 4);  // its leader still counts what it fetched before
  t.shows("b1", 10, 1);
  EXPECT_FALSE(t.checks.watermarks.moved_with_copies.contains("orders"));
  EXPECT_EQ(t.breaches(), Lines{});
  Telling cut;
  cut.changes("c1", 0, 1, 1, "replicas=1,2 isr=1");
  ten_records(cut, {"b2"});
  cut.cuts("b2", 10, 4);
  const std::int64_t moved = cut.shows("b1", 10, 1);
  EXPECT_EQ(cut.checks.watermarks.moved_with_copies.at("orders").first[1], moved);
}

// A4: the ISR that the present controller told of this very leader epoch.
TEST(IsrMember, IsWaitedForByItsLeader) {
  Telling t;
  t.takes_office("c1", 4);
  const std::int64_t told = t.changes("c1", 0, 1, 1, "replicas=1,2,3 isr=1,2,3");
  ten_records(t, {"b2"});
  t.follows("b3", 1, 1);
  t.appends("b3", 0, 6, 1);
  t.shows("b1", 7, 1);
  EXPECT_EQ(t.breaches(), Lines{});
  const std::int64_t moved = t.shows("b1", 10, 1);
  expect_one(t.checks.watermarks.steps, "orders-0@10", told, moved,
             "the high watermark of b1 went to 10, but the log of b3, a member of the ISR, never "
             "reached beyond 7");
}

// KIP-320: what a replica has counts once it has heard of the leader's office.
TEST(IsrMember, CountsOnceItFollowsTheLeaderOfThisEpoch) {
  Telling t;
  t.takes_office("c1", 4);
  ten_records(t, {"b2"});
  t.leads("b1", 2, 10);  // again, unbroken: it need not hear of that
  t.changes("c1", 1, 2, 1, "replicas=1,2 isr=1,2");
  t.appends("b1", 10, 10, 2);
  t.appends("b2", 10, 10, 2);
  t.shows("b1", 11, 2);
  EXPECT_EQ(t.breaches(), Lines{});
  t.follows("b1", 3, 2);
  const std::int64_t told = t.changes("c1", 2, 4, 1, "replicas=1,2 isr=1,2");
  t.leads("b1", 4, 11);
  t.appends("b1", 11, 11, 4);
  t.appends("b2", 11, 11, 3);
  const std::int64_t moved = t.shows("b1", 12, 4);
  expect_one(t.checks.watermarks.steps, "orders-0@12", told, moved,
             "the high watermark of b1 went to 12, but b2, a member of the ISR, has not followed "
             "it since it leads (epoch 4), and may cut off what it has");
  t.follows("b2", 4, 1);
  t.shows("b1", 12, 4);
  EXPECT_EQ(t.checks.watermarks.steps.breaches, 1);
}

TEST(IsrMember, IsNotWaitedForWhereTheNewestIsrMayNotHaveBeenTold) {
  for (const int how : {0, 1, 2, 3, 4}) {
    Telling t;
    if (how != 0) t.takes_office("c1", 4);
    t.changes("c1", 0, 1, 1, "replicas=1,2,3 isr=1,2,3");
    ten_records(t, {"b2"});
    t.follows("b3", 1, 1);
    t.appends("b3", 0, 6, 1);
    if (how == 1) t.dies("c1");             // it may have committed what it did not tell
    if (how == 2) t.takes_office("c2", 5);  // or the next one did
    if (how == 3) t.changes("c1", 1, 1, 1, "replicas=1,2,3 isr=1,2");
    if (how == 4) t.changes("c1", 1, 2, 2, "replicas=1,2,3 isr=2,3");  // b1 is a zombie
    t.shows("b1", 10, 1);
    EXPECT_EQ(t.checks.watermarks.steps.breaches, 0) << how;
  }
}

TEST(Ghost, IsWhatLeadersShowed) {
  Telling t;
  ten_records(t, {"b2"});
  t.shows("b2", 4, 1);  // a follower repeats
  EXPECT_EQ(t.checks.watermarks.ghost("orders", 0), 0);
  t.shows("b1", 8, 1);
  EXPECT_EQ(t.checks.watermarks.ghost("orders", 0), 8);
  EXPECT_EQ(t.checks.watermarks.ghost("orders", 1), 0);
  Telling alone;
  alone.opens("b1", 3);
  alone.shows("b1", 3, 0);
  EXPECT_EQ(alone.checks.watermarks.ghost("orders", 0), 3) << "where nobody has roles";
}

TEST(Ghost, IsHeldByEveryNewLeader) {
  Telling t;
  ten_records(t, {"b2"});
  const std::int64_t shown = t.shows("b1", 8, 1);
  const std::int64_t leads = t.leads("b2", 2, 7);
  expect_one(t.checks.watermarks.elections, "orders-0@7", shown, leads,
             "b2 leads from epoch 2 on with a log that ends at 7, but b1 had shown a high "
             "watermark of 8");
  EXPECT_EQ(t.checks.watermarks.elections.of_topic.at("orders"), 1);
  t.leads("b2", 3, 7);
  EXPECT_EQ(t.checks.watermarks.elections.breaches, 1) << "told once";
}

TEST(Ghost, IsNoMatterOfZombiesOrOfAnotherTopic) {
  Telling t;
  ten_records(t, {"b2"});
  t.shows("b1", 8, 1);
  t.leads("b2", 2, 9);
  t.leads("b3", 1, 0);  // late, with an old epoch
  EXPECT_EQ(t.breaches(), Lines{"orders-0: b3 leads in epoch 1, as b1 did before"});
  Telling deleted;
  ten_records(deleted);
  deleted.shows("b1", 8, 1);
  deleted.deletes_topic("c1");
  deleted.leads("b2", 2, 0);
  EXPECT_EQ(deleted.breaches(), Lines{});
  Telling again;
  again.changes("c1", 0, 0, 1, "replicas=1,2 isr=1,2");
  ten_records(again);
  again.shows("b1", 8, 1);
  again.changes("c1", 4, 1, 1, "replicas=1,2 isr=1,2");
  again.changes("c1", 0, 0, 2, "replicas=1,2 isr=1,2");
  again.leads("b2", 0, 0);
  EXPECT_EQ(again.breaches(), Lines{});
}

class MetadataWatermark : public ::testing::Test {
 protected:
  MetadataWatermark() {
    t.topic = "__cluster_metadata";
    for (const char* node : {"c1", "c2", "c3"}) t.votes(node, 1, 101);
    t.opens("c1", 0);
    t.moves("c1", 1, candidate, leader, "101");
    t.appends("c1", 0, 9, 1);
  }
  Telling t;
};

TEST_F(MetadataWatermark, WantsAMajorityOfTheVoters) {
  const std::int64_t moved = t.shows("c1", 10, 1);
  ASSERT_EQ(t.checks.watermarks.steps.breaches, 1);
  EXPECT_EQ(t.checks.watermarks.steps.kept[0].broken, moved);
  EXPECT_EQ(t.checks.watermarks.steps.kept[0].about,
            "the high watermark of __cluster_metadata-0 went to 10 on c1 while 1 log reached that "
            "far");
}

TEST_F(MetadataWatermark, IsNotHeldByBrokers) {
  t.about_broker("c1", FactKind::broker_registered, 1, "first");
  t.appends("b1", 0, 9, 1);
  t.shows("c1", 10, 1);
  EXPECT_EQ(t.checks.watermarks.steps.breaches, 1);
  // Unless they are voters, too.
  Telling combined;
  combined.topic = "__cluster_metadata";
  for (const char* node : {"b1", "b2", "b3"}) combined.votes(node, 1, 1);
  combined.about_broker("b1", FactKind::broker_registered, 1, "first");
  combined.about_broker("b1", FactKind::broker_registered, 2, "first");
  combined.appends("b1", 0, 9, 1);
  combined.appends("b2", 0, 9, 1);
  combined.shows("b1", 10, 1);
  EXPECT_EQ(combined.breaches(), Lines{});
}

TEST(CombinedMetadataWatermark, IsHeldByAVoterThatHasOnlyFollowed) {
  Telling t;
  t.topic = "__cluster_metadata";
  for (const char* node : {"b1", "b2"}) t.votes(node, 1, 1);
  for (const std::int32_t id : {1, 2, 3}) {
    t.about_broker("b1", FactKind::broker_registered, id, "first");
  }
  t.appends("b1", 0, 4, 1);
  t.appends("b1", 5, 9, 1);
  t.appends("b3", 0, 4, 1);
  t.shows("b1", 5, 1);
  EXPECT_EQ(t.breaches(), Lines{});
  t.shows("b1", 10, 1);
  EXPECT_EQ(t.checks.watermarks.steps.breaches, 1);
}

TEST(CombinedMetadataWatermark, IsHeldByWhomeverRegisteredBeforeTheVotersDid) {
  Telling t;
  t.topic = "__cluster_metadata";
  for (const char* node : {"b2", "b3"}) t.votes(node, 1, 3);
  t.appends("b3", 0, 4, 1);
  t.appends("b1", 0, 4, 1);
  t.about_broker("b3", FactKind::broker_registered, 1, "first");
  t.shows("b3", 5, 1);
  t.shows("b1", 5, 1);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST_F(MetadataWatermark, IsFineOnTwoOfThreeOrWhileTheVotersChange) {
  t.appends("c2", 0, 9, 1);
  t.shows("c1", 10, 1);
  t.shows("c2", 4, 1);
  t.shows("c2", 2, 2);  // learned anew from a later leader
  EXPECT_EQ(t.breaches(), Lines{});
  t.tell("c1", {.kind = FactKind::request_received, .api = 80});
  t.appends("c1", 10, 10, 1);
  t.shows("c1", 11, 1);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST_F(MetadataWatermark, OfALeaderBeginsBehindTheStartOfItsEpoch) {
  t.appends("c2", 0, 9, 1);
  t.moves("c1", 2, leader, follower, "102");
  t.moves("c2", 2, prospective, candidate);
  t.moves("c2", 2, candidate, leader, "102");
  t.shows("c1", 10, 2);  // no leader: it learns
  EXPECT_EQ(t.breaches(), Lines{});
  const std::int64_t moved = t.shows("c2", 10, 2);
  expect_one(t.checks.watermarks.steps, "__cluster_metadata-0@10", -1, moved,
             "c2 leads the quorum and committed up to 10, no further than its epoch's beginning "
             "at 10");
  t.appends("c2", 10, 10, 2);
  t.appends("c1", 10, 10, 2);
  t.shows("c2", 11, 2);
  EXPECT_EQ(t.checks.watermarks.steps.breaches, 1);
}

TEST_F(MetadataWatermark, IsHeldByEveryNewLeader) {
  t.appends("c2", 0, 9, 1);
  const std::int64_t shown = t.shows("c1", 10, 1);
  t.appends("c3", 0, 4, 1);
  const std::int64_t leads = t.moves("c3", 2, candidate, leader, "103");
  expect_one(t.checks.watermarks.elections, "__cluster_metadata-0@5", shown, leads,
             "c3 leads the quorum from epoch 2 on with a log that ends at 5, but c1 had shown a "
             "high watermark of 10");
}

TEST_F(MetadataWatermark, IsNotHeldByALeaderOfAnEarlierEpochWhoseVotesCameLate) {
  t.appends("c2", 0, 9, 1);
  t.appends("c3", 0, 4, 1);
  t.shows("c1", 10, 3);
  t.moves("c3", 2, candidate, leader, "103");
  EXPECT_EQ(t.checks.watermarks.elections.breaches, 0);
}

TEST_F(MetadataWatermark, BoundsSnapshotsAndImages) {
  t.appends("c2", 0, 9, 1);
  const std::int64_t shown = t.shows("c1", 8, 1);
  t.tell("c1", {.kind = FactKind::metadata_applied, .value = 8});
  t.says("c1", FactKind::snapshot_taken, 8);
  EXPECT_EQ(t.breaches(), Lines{});
  t.tell("c1", {.kind = FactKind::metadata_applied, .value = 10});
  EXPECT_EQ(t.breaches(), Lines{}) << "two hold it: it may be committed and about to be told";
  t.appends("c1", 10, 11, 1);
  const std::int64_t taken = t.says("c1", FactKind::snapshot_taken, 11);
  expect_one(t.checks.watermarks.steps, "__cluster_metadata-0@11", shown, taken,
             "c1 took a snapshot up to 11, beyond every high watermark that was shown (8)");
  t.tell("b1", {.kind = FactKind::metadata_applied, .value = 12});
  ASSERT_EQ(t.checks.watermarks.steps.breaches, 2);
  EXPECT_EQ(t.checks.watermarks.steps.kept[1].about,
            "b1 applied the metadata up to 12, beyond every high watermark that was shown (8)");
}

TEST(Compaction, StaysBelowTheWatermark) {
  Telling t;
  ten_records(t);
  t.shows("b1", 8, 1);
  t.says("b1", FactKind::log_compacted, 8);
  EXPECT_EQ(t.breaches(), Lines{});
  t.says("b1", FactKind::log_compacted, 9);
  EXPECT_EQ(t.breaches(), (Lines{"orders-0@9: b1 compacted its log up to 9, beyond every high "
                                 "watermark that was shown (8)"}));
}

}  // namespace
}  // namespace weir::test
