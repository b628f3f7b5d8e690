// A leader's high watermark and what waiting requests are told.
#include "tests/unit/replica/leader_lab.h"

namespace weir {
namespace {

TEST(ReplicaLeader, NotesTheStartOfItsEpochWhenItTakesOffice) {
  const LeaderLab lab({});
  ASSERT_TRUE(lab.last.assign_epoch);
  EXPECT_EQ(*lab.last.assign_epoch, (EpochStart{LeaderEpoch{5}, Offset{10}}));
}

TEST(ReplicaLeader, AdvancesTheHighWatermarkOnlyWhenEveryInSyncReplicaHasFetched) {
  LeaderLab lab({});
  lab.appends(15, 1);
  lab.fetches(kTwo, 15, 2);
  EXPECT_EQ(lab.watermark(), 10);
  lab.fetches(kThree, 12, 3);
  EXPECT_EQ(lab.watermark(), 12);
  EXPECT_EQ(lab.last.watermark->before, Offset{10});
  lab.fetches(kThree, 15, 4);
  EXPECT_EQ(lab.watermark(), 15);
}

TEST(ReplicaLeader, AloneInItsIsrCommitsWithTheAppendItself) {
  LeaderLab lab({.isr = {kOne}});
  lab.appends(11, 1);
  EXPECT_EQ(lab.watermark(), 11);
}

TEST(ReplicaLeader, CountsItsOwnRecordsFromTheFlushWhereEveryMessageIsFlushed) {
  LeaderLab lab({.isr = {kOne}, .only_flushed = true});
  lab.appends(12, 1);
  EXPECT_EQ(lab.watermark(), 10);
  lab.note(lab.leader->on_flush(Offset{11}, at_ms(2)));
  EXPECT_EQ(lab.watermark(), 11);
}

TEST(ReplicaLeader, NeverLowersTheHighWatermark) {
  LeaderLab lab({});
  lab.fetches(kTwo, 4, 1);
  lab.fetches(kThree, 4, 1);
  EXPECT_EQ(lab.watermark(), 10);
}

TEST(ReplicaLeader, DoesNotMoveTheHighWatermarkBelowTheMinimalIsr) {
  LeaderLab lab({.isr = {kOne}, .min_isr = 2});
  lab.appends(12, 1);
  EXPECT_EQ(lab.watermark(), 10);
  lab.fetches(kTwo, 12, 2);
  EXPECT_EQ(lab.watermark(), 10) << "proposed is not yet committed";
  lab.outcome(ErrorCode::none, {kOne, kTwo}, 8, 3);
  EXPECT_EQ(lab.watermark(), 12);
}

TEST(ReplicaLeader, TakesNoMoreThanTheReplicasForTheMinimalIsr) {
  LeaderLab lab({.isr = {kOne}, .min_isr = 3});
  PartitionState alone = lab.state;
  alone.replicas = {kOne};
  alone.partition_epoch = PartitionEpoch{8};
  lab.updates(alone, 1);
  EXPECT_EQ(lab.leader->effective_min_isr(), 1);
}

TEST(ReplicaLeader, CountsAProposedMemberBeforeItIsConfirmed) {
  LeaderLab lab({.isr = {kOne, kTwo}});
  lab.fetches(kTwo, 10, 1);
  lab.fetches(kThree, 10, 1);
  EXPECT_EQ(lab.proposed(), "1 2 3");
  lab.appends(20, 2);
  lab.fetches(kTwo, 20, 3);
  lab.note(lab.leader->on_deadline(at_ms(60'000)));
  EXPECT_EQ(lab.watermark(), 10);
}

TEST(ReplicaLeader, WaitsForACaughtUpReplicaThatMayJoinAndNotForOneThatMayNot) {
  for (const bool eligible : {true, false}) {
    LeaderLab lab({.isr = {kOne, kTwo}, .high_watermark = Offset{9}});
    lab.stand(kThree, 3, !eligible);
    lab.appends(12, 1);
    lab.fetches(kThree, 11, 2);
    lab.fetches(kThree, 11, 3);
    lab.outcome(ErrorCode::operation_not_attempted, {}, 7, 4);
    lab.fetches(kTwo, 12, 5);
    EXPECT_EQ(lab.watermark(), 12) << "it was never caught up with anything";
    lab.fetches(kThree, 12, 6);
    lab.appends(14, 7);
    lab.fetches(kTwo, 14, 8);
    EXPECT_EQ(lab.watermark(), eligible ? 12 : 14);
  }
}

TEST(ReplicaLeader, MovesOnWhenAShrinkIsConfirmed) {
  LeaderLab lab({});
  lab.appends(12, 1);
  lab.fetches(kTwo, 12, 2);
  lab.note(lab.leader->on_deadline(at_ms(30'001)));
  EXPECT_EQ(lab.proposed(), "1 2");
  EXPECT_EQ(lab.watermark(), 10);
  lab.outcome(ErrorCode::none, {kOne, kTwo}, 8, 30'002);
  EXPECT_EQ(lab.watermark(), 12);
  EXPECT_TRUE(lab.last.reconsider);
}

TEST(ReplicaLeader, ClampsAHighWatermarkFromElsewhereIntoItsLog) {
  EXPECT_EQ(LeaderLab({.high_watermark = Offset{-1}, .log_start = Offset{4}}).watermark(), 4);
  EXPECT_EQ(LeaderLab({.high_watermark = Offset{99}}).watermark(), 10);
}

TEST(ReplicaLeader, RefusesAcksAllBelowTheMinimalIsrOnly) {
  const LeaderLab lab({.isr = {kOne}, .min_isr = 2});
  EXPECT_EQ(lab.leader->admit_append(-1), ErrorCode::not_enough_replicas);
  EXPECT_EQ(lab.leader->admit_append(1), ErrorCode::none);
}

TEST(ReplicaLeader, AnswersAProduceOnceItIsCommitted) {
  LeaderLab lab({});
  lab.appends(11, 1);
  const PendingAppend append{LeaderEpoch{5}, Offset{11}};
  lab.fetches(kTwo, 11, 2);
  EXPECT_EQ(lab.leader->produce_answer(append), std::nullopt);
  lab.fetches(kThree, 11, 3);
  EXPECT_EQ(lab.leader->produce_answer(append), ErrorCode::none);
  EXPECT_EQ(lab.leader->produce_answer({LeaderEpoch{4}, Offset{11}}),
            ErrorCode::not_leader_or_follower)
      << "appended in another office";
}

TEST(ReplicaLeader, SaysThatTheIsrBecameTooSmallAfterTheAppend) {
  LeaderLab lab({.min_isr = 2});
  lab.appends(11, 1);
  lab.fetches(kTwo, 11, 2);
  lab.fetches(kThree, 11, 2);
  PartitionState smaller = lab.state;
  smaller.isr = {kOne};
  smaller.partition_epoch = PartitionEpoch{8};
  lab.updates(smaller, 3);
  EXPECT_EQ(lab.leader->produce_answer({LeaderEpoch{5}, Offset{11}}),
            ErrorCode::not_enough_replicas_after_append);
}

TEST(ReplicaLeader, KeepsWaitingProducesAcrossAnEpochInWhichItGoesOnLeading) {
  LeaderLab lab({});
  lab.appends(11, 1);
  PartitionState newer = lab.state;
  newer.leader_epoch = LeaderEpoch{6};
  newer.partition_epoch = PartitionEpoch{8};
  lab.updates(newer, 2);
  EXPECT_EQ(lab.leader->produce_answer({LeaderEpoch{5}, Offset{11}}), std::nullopt);
  lab.fetches(kTwo, 11, 3);
  lab.fetches(kThree, 11, 3);
  EXPECT_EQ(lab.leader->produce_answer({LeaderEpoch{5}, Offset{11}}), ErrorCode::none);
}

TEST(ReplicaLeader, ShowsNoLatestOffsetBeforeTheHighWatermarkReachedItsEpoch) {
  LeaderLab lab({.high_watermark = Offset{8}});
  EXPECT_EQ(lab.leader->latest_offset().error, ErrorCode::offset_not_available);
  lab.fetches(kTwo, 10, 1);
  lab.fetches(kThree, 10, 1);
  EXPECT_EQ(lab.leader->latest_offset().error, ErrorCode::none);
  EXPECT_EQ(lab.leader->latest_offset().offset, Offset{10});
}

}  // namespace
}  // namespace weir
