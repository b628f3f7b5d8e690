// What a leader serves and commits, and when it gives up.
#include <gtest/gtest.h>

#include "tests/unit/raft/one_node.h"

namespace weir::raft::test {
namespace {

TEST(Leader, CommitsWhatAMajorityHasDurable) {
  OneNode node;
  node.lead();  // records 0 to 2 begin the epoch
  EXPECT_EQ(node.quorum.high_watermark(), Offset{0});
  node.ask(node.fetch_of(2, 2, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{2});
  node.append(3);
  ASSERT_GE(node.place<StartFlush>(), 0);
  node.ask(node.fetch_of(2, 6, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{3}) << "what it has not flushed is not its own";
  node.flush();
  EXPECT_EQ(node.quorum.high_watermark(), Offset{6});
}

TEST(Leader, CommitsWithoutItsOwnFlushWhereAMajorityHasIt) {
  OneNode node;
  node.lead();
  node.append(2);
  node.ask(node.fetch_of(2, 5, 1));
  node.ask(node.fetch_of(3, 5, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{5});
}

TEST(Leader, CommitsNothingOfEarlierEpochsByCountingAlone) {
  OneNode node;
  for (int i = 0; i < 4; ++i) node.log.append({LeaderEpoch{1}, 1, true, {}});
  node.file = QuorumStateData{LeaderEpoch{1}, kNoNode, {}};
  node.lead();
  ASSERT_EQ(node.quorum.leader_state()->epoch_start(), Offset{4});
  node.ask(node.fetch_of(2, 4, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{0});
  node.ask(node.fetch_of(2, 5, 2));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{5});
}

TEST(Leader, AnObserverCountsForNothing) {
  OneNode node;
  node.lead();
  node.ask(node.fetch_of(8, 3, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{0});
  FetchRequest other_disk = node.fetch_of(2, 3, 1);
  other_disk.replica.directory = Uuid{9, 9};
  node.ask(other_disk);
  EXPECT_EQ(node.quorum.high_watermark(), Offset{0});
}

TEST(Leader, AVoterMayFallBackAndTheHighWatermarkDoesNot) {
  OneNode node;
  node.lead();
  node.ask(node.fetch_of(2, 3, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{3});
  node.ask(node.fetch_of(2, 0, 0));
  EXPECT_EQ(node.effect<ReplyFetch>()->response.error, ErrorCode::none);
  EXPECT_EQ(node.quorum.high_watermark(), Offset{3});
  EXPECT_EQ(node.quorum.leader_state()->progress(key(2))->end, Offset{0});
}

TEST(Leader, AnswersAtOnceWhatIsThereAndParksTheRest) {
  OneNode node;
  node.lead();
  node.ask(node.fetch_of(3, 0, 0));
  ASSERT_TRUE(node.effect<ReplyFetch>());
  EXPECT_EQ(node.effect<ReplyFetch>()->from, Offset{0});
  EXPECT_EQ(node.effect<ReplyFetch>()->up_to, Offset{3});
  node.ask(node.fetch_of(3, 3, 1));
  EXPECT_FALSE(node.effect<ReplyFetch>() && node.effect<ReplyFetch>()->token == node.token);
  const ReplyToken waiting = node.token;
  node.append(1);
  ASSERT_TRUE(node.effect<ReplyFetch>());
  EXPECT_EQ(node.effect<ReplyFetch>()->token, waiting);
  EXPECT_EQ(node.effect<ReplyFetch>()->up_to, Offset{4});
}

TEST(Leader, AnswersAParkedFetchInItsTimeOrWhenTheHighWatermarkMoves) {
  OneNode node;
  node.lead();
  node.ask(node.fetch_of(3, 3, 1));  // commits up to 3: this asker did not say what it knows
  EXPECT_FALSE(node.effect<ReplyFetch>());
  node.wait(500ms);
  ASSERT_TRUE(node.effect<ReplyFetch>());
  EXPECT_EQ(node.effect<ReplyFetch>()->from, node.effect<ReplyFetch>()->up_to);
  OneNode other;
  other.lead();
  FetchRequest r = other.fetch_of(8, 3, 1);
  r.high_watermark = Offset{0};
  other.ask(r);
  EXPECT_FALSE(other.effect<ReplyFetch>());
  other.ask(other.fetch_of(2, 3, 1));
  ASSERT_TRUE(other.effect<ReplyFetch>());
  EXPECT_EQ(other.effect<ReplyFetch>()->response.high_watermark, Offset{3});
}

TEST(Leader, AnswersParkedFetchesWhenItResigns) {
  OneNode node;
  node.lead();
  node.ask(node.fetch_of(3, 3, 1));
  const ReplyToken waiting = node.token;
  node.last = node.quorum.resign(LeaderEpoch{1}, node.log.view(), node.now, node.random);
  EXPECT_EQ(node.quorum.role(), QuorumRole::resigned);
  ASSERT_TRUE(node.effect<ReplyFetch>());
  EXPECT_EQ(node.effect<ReplyFetch>()->token, waiting);
  EXPECT_EQ(node.effect<ReplyFetch>()->response.error, ErrorCode::not_leader_or_follower);
  ASSERT_TRUE(node.effect<LostLeadership>());
  const auto told = node.sent<EndQuorumEpochRequest>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].second.preferred_candidates, (std::vector<ReplicaKey>{key(3), key(2)}));
}

TEST(Leader, RefusesFetchesByTheirEpoch) {
  OneNode node;
  node.lead();
  const auto error_of = [&](auto change) {
    FetchRequest r = node.fetch_of(2, 0, 0);
    change(r);
    node.ask(r);
    return node.effect<ReplyFetch>()->response.error;
  };
  EXPECT_EQ(error_of([](auto& r) { r.current_leader_epoch = LeaderEpoch{0}; }),
            ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(error_of([](auto& r) { r.current_leader_epoch = LeaderEpoch{2}; }),
            ErrorCode::unknown_leader_epoch);
  EXPECT_EQ(error_of([](auto& r) { r.cluster_id = "x"; }), ErrorCode::inconsistent_cluster_id);
  EXPECT_EQ(error_of([](auto& r) { r.fetch_offset = Offset{-4}; }), ErrorCode::invalid_request);
  EXPECT_EQ(error_of([](auto& r) { r.last_fetched_epoch = LeaderEpoch{-1}; }),
            ErrorCode::invalid_request);
  EXPECT_EQ(error_of([](auto& r) { r.replica = key(1); }), ErrorCode::invalid_request);
  OneNode follower;
  follower.follow();
  follower.ask(follower.fetch_of(3, 0, 0));
  EXPECT_EQ(follower.effect<ReplyFetch>()->response.error, ErrorCode::not_leader_or_follower);
  EXPECT_EQ(follower.effect<ReplyFetch>()->response.leader_id, BrokerId{2});
  EXPECT_EQ(follower.effect<ReplyFetch>()->response.leader_endpoint->port, 9002);
}

TEST(Leader, TellsADivergingFollowerWhereAndCountsNothing) {
  OneNode node;
  for (int i = 0; i < 4; ++i) node.log.append({LeaderEpoch{1}, 1, true, {}});
  node.file = QuorumStateData{LeaderEpoch{2}, kNoNode, {}};
  node.lead();
  node.ask(node.fetch_of(2, 9, 2));
  ASSERT_TRUE(node.effect<ReplyFetch>()->response.diverging_epoch);
  EXPECT_EQ(*node.effect<ReplyFetch>()->response.diverging_epoch,
            (Divergence{LeaderEpoch{1}, Offset{4}}));
  EXPECT_EQ(node.quorum.leader_state()->progress(key(2))->end, Offset{-1});
}

TEST(Leader, SendsThoseBeforeItsLogToTheLatestSnapshot) {
  OneNode node;
  for (int i = 0; i < 4; ++i) node.log.append({LeaderEpoch{1}, 1, true, {}});
  node.log.flush();
  const SnapshotId id{Offset{3}, LeaderEpoch{1}};
  node.log.add_snapshot(id, {0, voters_of({1, 2, 3})});
  node.log.start_at(id);
  node.lead();
  node.ask(node.fetch_of(2, 0, 0));
  EXPECT_EQ(node.effect<ReplyFetch>()->response.snapshot_id, id);
  FetchSnapshotRequest r{"c", key(2), node.quorum.epoch(), id, 10, 100};
  node.ask(r);
  ASSERT_TRUE(node.effect<ReplySnapshotChunk>());
  EXPECT_EQ(node.effect<ReplySnapshotChunk>()->position, 10);
  r.position = -1;
  node.ask(r);
  EXPECT_EQ(node.replied<FetchSnapshotResponse>()->error, ErrorCode::position_out_of_range);
}

TEST(Leader, ResignsWithoutItsMajority) {
  OneNode node;
  node.lead();
  node.wait(2999ms);
  ASSERT_EQ(node.quorum.role(), QuorumRole::leader);
  node.ask(node.fetch_of(2, 0, 0));
  node.wait(2999ms);
  EXPECT_EQ(node.quorum.role(), QuorumRole::leader) << "one of two others is enough";
  node.wait(1ms);
  EXPECT_EQ(node.quorum.role(), QuorumRole::resigned);
  EXPECT_EQ(node.sent<EndQuorumEpochRequest>().size(), 2u);
}

TEST(Leader, ObserversKeepNobodyInOffice) {
  OneNode node;
  node.lead();
  for (int i = 0; i < 30; ++i) {
    node.ask(node.fetch_of(8, 3, 1));
    node.wait(100ms);
  }
  EXPECT_EQ(node.quorum.role(), QuorumRole::resigned);
}

TEST(Leader, AloneItNeedsNobody) {
  OneNode node(voters_of({1}));
  node.lead();
  node.wait(1h);
  EXPECT_EQ(node.quorum.role(), QuorumRole::leader);
  EXPECT_EQ(node.quorum.next_deadline(), Instant::never());
}

TEST(Leader, RemindsThoseWhoDoNotFetch) {
  OneNode node;
  node.start();
  node.lead_from_prospective();
  auto told = node.sent<BeginQuorumEpochRequest>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].second.voter, key(2));
  for (const auto& [send, request] : told) {
    node.answer(send.id, BeginQuorumEpochResponse{ErrorCode::none, BrokerId{1}, LeaderEpoch{1}});
  }
  node.wait(500ms);
  node.ask(node.fetch_of(2, 0, 0));
  node.wait(500ms);
  told = node.sent<BeginQuorumEpochRequest>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].second.voter, key(3));
}

TEST(Leader, StepsDownForALaterEpochAndSaysSo) {
  OneNode node;
  node.lead();
  node.ask(BeginQuorumEpochRequest{"c", key(1), BrokerId{3}, LeaderEpoch{4}, {}});
  EXPECT_EQ(node.quorum.role(), QuorumRole::follower);
  EXPECT_EQ(node.effect<LostLeadership>()->epoch, LeaderEpoch{1});
  EXPECT_EQ(node.file->epoch, LeaderEpoch{4});
  EXPECT_EQ(node.file->leader, BrokerId{3});
}

TEST(Leader, DescribesItsQuorum) {
  OneNode node;
  node.lead();
  node.ask(node.fetch_of(2, 3, 1));
  node.wait(10ms);
  node.ask(node.fetch_of(8, 1, 1));
  const auto d = node.quorum.describe(node.log.view(), node.now);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->high_watermark, Offset{3});
  ASSERT_EQ(d->voters.size(), 3u);
  EXPECT_EQ(d->voters[0].log_end, Offset{3});
  EXPECT_EQ(d->voters[1].log_end, Offset{3});
  EXPECT_EQ(d->voters[1].last_caught_up, node.now + Duration(-10ms));
  EXPECT_EQ(d->voters[2].log_end, Offset{-1});
  EXPECT_FALSE(d->voters[2].last_fetch);
  ASSERT_EQ(d->observers.size(), 1u);
  EXPECT_EQ(d->observers[0].key, key(8));
  OneNode follower;
  follower.follow();
  EXPECT_FALSE(follower.quorum.describe(follower.log.view(), follower.now));
}

TEST(Leader, IsShutDownWhenTheOthersKnow) {
  OneNode node;
  node.lead();
  node.last = node.quorum.shut_down(node.log.view(), node.now, node.random);
  EXPECT_FALSE(node.quorum.is_shut_down());
  const auto told = node.sent<EndQuorumEpochRequest>();
  ASSERT_EQ(told.size(), 2u);
  for (const auto& [send, request] : told) {
    node.answer(send.id, EndQuorumEpochResponse{ErrorCode::none, BrokerId{1}, LeaderEpoch{1}});
  }
  EXPECT_TRUE(node.quorum.is_shut_down());
  for (int i = 0; i < 20; ++i) node.wait(1s);
  EXPECT_EQ(node.quorum.role(), QuorumRole::unattached) << "it stands no more";
}

TEST(Leader, DoesNotWaitInItsShutdownForWhomItCannotReach) {
  OneNode node;
  node.lead();
  node.last = node.quorum.shut_down(node.log.view(), node.now, node.random);
  const auto told = node.sent<EndQuorumEpochRequest>();
  ASSERT_EQ(told.size(), 2u);
  for (const auto& [send, request] : told) {
    EXPECT_FALSE(node.quorum.is_shut_down());
    node.last = node.quorum.request_failed(send.id, node.log.view(), node.now, node.random);
  }
  EXPECT_TRUE(node.quorum.is_shut_down());
}

}  // namespace
}  // namespace weir::raft::test
