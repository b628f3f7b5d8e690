// Fetching, truncating, downloading snapshots, finding the leader.
#include <gtest/gtest.h>

#include "tests/unit/raft/one_node.h"

namespace weir::raft::test {
namespace {

RequestId fetch_in_flight(const OneNode& node) {
  const auto sent = node.sent<FetchRequest>();
  WEIR_ASSERT(sent.size() == 1);
  return sent[0].first.id;
}

TEST(Follower, FlushesWhatItAppendedBeforeItFetchesOn) {
  OneNode node;
  node.follow();
  node.answer(fetch_in_flight(node), node.records_from_leader(4, 5, 2));
  EXPECT_EQ(node.log.end(), Offset{4});
  EXPECT_LT(node.place<AppendFetched>(), node.place<AdvanceHighWatermark>());
  EXPECT_LT(node.place<AppendFetched>(), node.place<FlushLog>());
  EXPECT_LT(node.place<FlushLog>(), node.place<Send>());
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.fetch_offset, Offset{4});
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.last_fetched_epoch, LeaderEpoch{5});
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.high_watermark, Offset{2});
}

TEST(Follower, AControllerThatIsNoVoterYetFlushesToo) {
  OneNode node(voters_of({2, 3, 4}));
  node.follow();
  node.answer(fetch_in_flight(node), node.records_from_leader(4, 5, 2));
  EXPECT_GE(node.place<FlushLog>(), 0);
  QuorumConfig broker = OneNode::config_of(key(1));
  broker.can_become_voter = false;
  OneNode other(voters_of({2, 3, 4}));
  other.quorum = Quorum(broker, voters_of({2, 3, 4}));
  other.follow();
  other.answer(fetch_in_flight(other), other.records_from_leader(4, 5, 2));
  EXPECT_EQ(other.place<FlushLog>(), -1);
}

TEST(Follower, ItsHighWatermarkNeverPassesItsLog) {
  OneNode node;
  node.follow();
  node.answer(fetch_in_flight(node), node.records_from_leader(2, 5, 100));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{2});
}

TEST(Follower, BelievesNoRecordsThatDoNotGoOn) {
  OneNode node;
  node.follow();
  const auto try_records = [&](auto change) {
    FetchResponse r = node.records_from_leader(2, 5, 2);
    change(*r.records);
    node.answer(fetch_in_flight(node), r);
    EXPECT_EQ(node.place<AppendFetched>(), -1);
    EXPECT_EQ(node.quorum.high_watermark(), Offset{0});
    node.wait(20ms);
  };
  try_records([](FetchedRecords& f) { f.base = Offset{1}; });
  try_records([](FetchedRecords& f) { f.next = Offset{-1}; });
  try_records([](FetchedRecords& f) { f.last_epoch = LeaderEpoch{6}; });
  try_records([](FetchedRecords& f) { f.first_epoch = LeaderEpoch{-1}; });
}

TEST(Follower, TruncatesToWhereTheLogsPartAndAsksAgain) {
  OneNode node;
  for (const int epoch : {1, 1, 3, 3}) node.log.append({LeaderEpoch{epoch}, 1, true, {}});
  node.follow();
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.last_fetched_epoch, LeaderEpoch{3});
  FetchResponse r = node.records_from_leader(0, 0, 9);
  r.diverging_epoch = Divergence{LeaderEpoch{2}, Offset{5}};
  node.answer(fetch_in_flight(node), r);
  EXPECT_EQ(node.effect<TruncateTo>()->end, Offset{2});
  EXPECT_EQ(node.place<AdvanceHighWatermark>(), -1) << "what parts there may part earlier, too";
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.fetch_offset, Offset{2});
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.last_fetched_epoch, LeaderEpoch{1});
}

TEST(Follower, HaltsRatherThanTruncateBelowItsHighWatermark) {
  OneNode node;
  node.follow();
  node.answer(fetch_in_flight(node), node.records_from_leader(4, 5, 3));
  ASSERT_EQ(node.quorum.high_watermark(), Offset{3});
  FetchResponse r = node.records_from_leader(0, 0, 3);
  r.diverging_epoch = Divergence{LeaderEpoch{5}, Offset{2}};
  node.answer(fetch_in_flight(node), r);
  ASSERT_TRUE(node.effect<Fatal>());
  EXPECT_TRUE(std::holds_alternative<Fatal>(node.last.back()));
  EXPECT_EQ(node.place<TruncateTo>(), -1);
}

TEST(Follower, ADivergenceThatLeadsNowhereIsNotFollowed) {
  OneNode node;
  node.log.append({LeaderEpoch{1}, 1, true, {}});
  node.follow();
  FetchResponse r = node.records_from_leader(0, 0, 0);
  r.diverging_epoch = Divergence{LeaderEpoch{4}, Offset{70}};
  node.answer(fetch_in_flight(node), r);
  EXPECT_EQ(node.place<TruncateTo>(), -1);
  EXPECT_EQ(node.place<Send>(), -1) << "not at once again";
}

TEST(Follower, TruncationBringsTheVotersBeforeBack) {
  OneNode node;
  node.follow();
  FetchResponse r = node.records_from_leader(3, 5, 0);
  r.records->voters = {{Offset{1}, voters_of({1, 2, 3, 4})}};
  node.answer(fetch_in_flight(node), r);
  EXPECT_EQ(node.quorum.voters(), voters_of({1, 2, 3, 4}));
  EXPECT_EQ(node.effect<VotersChanged>()->offset, Offset{1});
  FetchResponse d = node.records_from_leader(0, 0, 0);
  d.diverging_epoch = Divergence{LeaderEpoch{5}, Offset{1}};
  node.answer(fetch_in_flight(node), d);
  EXPECT_EQ(node.quorum.voters(), voters_of({1, 2, 3}));
  EXPECT_EQ(node.effect<VotersChanged>()->voters, voters_of({1, 2, 3}));
}

TEST(Follower, FetchesASnapshotPieceByPieceAndLoadsIt) {
  OneNode node;
  node.follow();
  const SnapshotId id{Offset{50}, LeaderEpoch{4}};
  FetchResponse r = node.records_from_leader(0, 0, 60);
  r.snapshot_id = id;
  node.answer(fetch_in_flight(node), r);
  EXPECT_LT(node.place<StartSnapshotDownload>(), node.place<Send>());
  FetchSnapshotResponse chunk{ErrorCode::none, BrokerId{2}, LeaderEpoch{5}, id, 25, 0, 10, {}};
  for (const std::int64_t position : {0, 10}) {
    const auto sent = node.sent<FetchSnapshotRequest>();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].second.position, position);
    chunk.position = position;
    node.answer(sent[0].first.id, chunk);
    EXPECT_EQ(node.effect<WriteSnapshotChunk>()->position, position);
  }
  EXPECT_EQ(node.quorum.download(), std::pair(id, std::int64_t{20}));
  chunk.position = 20;
  chunk.chunk_bytes = 5;
  node.answer(node.sent<FetchSnapshotRequest>()[0].first.id, chunk);
  ASSERT_TRUE(std::holds_alternative<LoadSnapshot>(node.last.back()));
  node.log.add_snapshot(id, {0, voters_of({1, 2, 4})});
  node.log.replace_by(id);
  node.last =
      node.quorum.snapshot_loaded(voters_of({1, 2, 4}), node.log.view(), node.now, node.random);
  EXPECT_EQ(node.quorum.high_watermark(), Offset{50});
  EXPECT_EQ(node.quorum.voters(), voters_of({1, 2, 4}));
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.fetch_offset, Offset{50});
  EXPECT_EQ(node.sent<FetchRequest>()[0].second.last_fetched_epoch, LeaderEpoch{4});
}

TEST(Follower, GivesUpADownloadThatDoesNotFitAndAsksAnew) {
  const SnapshotId id{Offset{50}, LeaderEpoch{4}};
  const FetchSnapshotResponse fine{ErrorCode::none, BrokerId{2}, LeaderEpoch{5}, id, 25, 0, 10, {}};
  const auto is_given_up = [&](auto change) {
    OneNode node;
    node.follow();
    FetchResponse r = node.records_from_leader(0, 0, 60);
    r.snapshot_id = id;
    node.answer(fetch_in_flight(node), r);
    FetchSnapshotResponse chunk = fine;
    change(chunk);
    node.answer(node.sent<FetchSnapshotRequest>()[0].first.id, chunk);
    EXPECT_EQ(node.place<WriteSnapshotChunk>(), -1);
    EXPECT_EQ(node.place<LoadSnapshot>(), -1);
    node.wait(20ms);
    return !node.quorum.download() && node.sent<FetchRequest>().size() == 1;
  };
  EXPECT_TRUE(is_given_up([](auto& c) { c.error = ErrorCode::snapshot_not_found; }));
  EXPECT_TRUE(is_given_up([](auto& c) { c.position = 5; }));
  EXPECT_TRUE(is_given_up([](auto& c) { c.chunk_bytes = 0; }));
  EXPECT_TRUE(is_given_up([](auto& c) { c.chunk_bytes = 26; }));
  EXPECT_TRUE(is_given_up([](auto& c) { c.size = kMaxSnapshotBytes + 1; }));
  EXPECT_TRUE(is_given_up([](auto& c) { c.snapshot_id.end_offset = Offset{51}; }));
}

TEST(Follower, ASnapshotOfWhatItHasIsNotFetched) {
  OneNode node;
  node.follow();
  node.answer(fetch_in_flight(node), node.records_from_leader(4, 5, 4));
  FetchResponse r = node.records_from_leader(0, 0, 4);
  r.snapshot_id = SnapshotId{Offset{4}, LeaderEpoch{5}};
  node.answer(fetch_in_flight(node), r);
  EXPECT_EQ(node.place<StartSnapshotDownload>(), -1);
}

TEST(Follower, AnswersOfAnEarlierRoleMeanNothing) {
  OneNode node;
  node.follow();
  const RequestId old = fetch_in_flight(node);
  const FetchResponse late = node.records_from_leader(3, 5, 3);
  node.ask(BeginQuorumEpochRequest{"c", key(1), BrokerId{3}, LeaderEpoch{6}, {}});
  node.answer(old, late);
  EXPECT_EQ(node.place<AppendFetched>(), -1);
  FetchResponse newer = late;
  newer.leader_epoch = LeaderEpoch{8};
  newer.leader_id = BrokerId{2};
  node.answer(old, newer);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{8}) << "but a later epoch is news";
  EXPECT_EQ(node.place<AppendFetched>(), -1);
}

TEST(Follower, AsksAgainAfterAPauseWhenTheLeaderIsNotReached) {
  OneNode node;
  node.follow();
  node.fail(fetch_in_flight(node));
  EXPECT_EQ(node.place<Send>(), -1);
  EXPECT_EQ(node.quorum.next_deadline(), node.now + Duration(20ms));
  node.wait_deadline();
  EXPECT_EQ(node.sent<FetchRequest>().size(), 1u);
}

TEST(Follower, AnObserverOfASilentLeaderAsksTheOthers) {
  OneNode node(voters_of({2, 3, 4}));
  node.follow();
  const RequestId first = fetch_in_flight(node);
  node.wait(2s);
  bool asked_another = false;
  for (const auto& [send, request] : node.sent<FetchRequest>()) {
    asked_another = asked_another || send.to != BrokerId{2};
  }
  EXPECT_TRUE(asked_another);
  node.answer(first, FetchResponse{});  // much too late, of no epoch
  EXPECT_EQ(node.quorum.role(), QuorumRole::follower);
}

TEST(Follower, WhoKnowsNobodyAsksTheBootstrapServers) {
  QuorumConfig config = OneNode::config_of(key(1));
  config.bootstrap_servers = 2;
  OneNode node((VoterSet()));
  node.quorum = Quorum(config, VoterSet());
  node.start();
  const auto sent = node.sent<FetchRequest>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(is_bootstrap(sent[0].first.to));
  FetchResponse r;
  r.error = ErrorCode::fenced_leader_epoch;
  r.leader_id = BrokerId{2};
  r.leader_epoch = LeaderEpoch{7};
  r.leader_endpoint = Endpoint{"CONTROLLER", "there", 9092};
  node.answer(sent[0].first.id, r);
  EXPECT_EQ(node.quorum.role(), QuorumRole::follower);
  ASSERT_EQ(node.sent<FetchRequest>().size(), 1u);
  EXPECT_EQ(node.sent<FetchRequest>()[0].first.to, BrokerId{2});
  EXPECT_EQ(node.sent<FetchRequest>()[0].first.endpoint->host, "there");
  EXPECT_LT(node.place<Persist>(), node.place<Send>());
}

TEST(Follower, OneFetchIsInFlightAtATime) {
  OneNode node;
  node.follow();
  for (int i = 0; i < 5; ++i) {
    node.wait(100ms);
    EXPECT_EQ(node.place<Send>(), -1);
  }
}

}  // namespace
}  // namespace weir::raft::test
