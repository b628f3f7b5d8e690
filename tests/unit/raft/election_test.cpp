// Votes, pre-votes, and what is durable before it is told.
#include <gtest/gtest.h>

#include "tests/unit/raft/one_node.h"

namespace weir::raft::test {
namespace {

VoteRequest vote_of(int candidate, int epoch, int last_epoch, int last_offset, bool pre_vote) {
  return {"c",
          key(1),
          LeaderEpoch{epoch},
          key(candidate),
          LeaderEpoch{last_epoch},
          Offset{last_offset},
          pre_vote};
}

TEST(Election, AVoteIsDurableBeforeItIsTold) {
  OneNode node;
  node.start();
  node.ask(vote_of(2, 3, 0, 0, false));
  ASSERT_TRUE(node.replied<VoteResponse>()->vote_granted);
  EXPECT_EQ(node.file->epoch, LeaderEpoch{3});
  EXPECT_EQ(node.file->voted, key(2));
  EXPECT_GE(node.place<Persist>(), 0);
  EXPECT_LT(node.place<Persist>(), node.place<Reply>());
}

TEST(Election, OneVoteAnEpochAndTheSameAgainToTheSame) {
  OneNode node;
  node.start();
  node.ask(vote_of(2, 3, 0, 0, false));
  node.ask(vote_of(3, 3, 0, 0, false));
  EXPECT_FALSE(node.replied<VoteResponse>()->vote_granted);
  node.ask(vote_of(2, 3, 0, 0, false));
  EXPECT_TRUE(node.replied<VoteResponse>()->vote_granted);
  EXPECT_EQ(node.place<Persist>(), -1);  // nothing new to write
  node.ask(vote_of(3, 4, 0, 0, false));
  EXPECT_TRUE(node.replied<VoteResponse>()->vote_granted);
}

TEST(Election, AVoteSurvivesARestart) {
  OneNode node;
  node.file = QuorumStateData{LeaderEpoch{3}, kNoNode, key(2)};
  node.start();
  node.ask(vote_of(3, 3, 0, 0, false));
  EXPECT_FALSE(node.replied<VoteResponse>()->vote_granted);
}

TEST(Election, OnlyALogThatLacksNothingIsElected) {
  struct Row {
    int last_epoch;
    int last_offset;
    bool granted;
  };
  // This log ends at offset 3, its last record is of epoch 2.
  const Row rows[] = {{1, 9, false}, {2, 2, false}, {2, 3, true}, {2, 4, true}, {3, 1, true}};
  for (const Row& row : rows) {
    for (const bool pre_vote : {false, true}) {
      OneNode node;
      for (int i = 0; i < 3; ++i) node.log.append({LeaderEpoch{2}, 1, true, {}});
      node.start();
      node.ask(vote_of(2, 5, row.last_epoch, row.last_offset, pre_vote));
      EXPECT_EQ(node.replied<VoteResponse>()->vote_granted, row.granted)
          << row.last_epoch << " " << row.last_offset << " " << pre_vote;
    }
  }
}

TEST(Election, RequestsThatMakeNoSenseAreRefusedByTheirError) {
  struct Row {
    const char* what;
    VoteRequest request;
    ErrorCode error;
  };
  VoteRequest fine = vote_of(2, 5, 0, 0, false);
  std::vector<Row> rows;
  const auto add = [&](const char* what, ErrorCode error, auto change) {
    VoteRequest r = fine;
    change(r);
    rows.push_back({what, r, error});
  };
  add("another cluster", ErrorCode::inconsistent_cluster_id, [](auto& r) { r.cluster_id = "x"; });
  add("an earlier epoch", ErrorCode::fenced_leader_epoch,
      [](auto& r) { r.replica_epoch = LeaderEpoch{3}; });
  add("no epoch after it", ErrorCode::invalid_request,
      [](auto& r) { r.replica_epoch = kMaxEpoch + 1; });
  add("no candidate", ErrorCode::invalid_request, [](auto& r) { r.replica.id = BrokerId{-1}; });
  add("a record of an epoch without leader", ErrorCode::invalid_request,
      [](auto& r) { r.last_offset_epoch = LeaderEpoch{5}; });
  add("a log that ends before it begins", ErrorCode::invalid_request,
      [](auto& r) { r.last_offset = Offset{-1}; });
  add("meant for another node", ErrorCode::invalid_voter_key, [](auto& r) { r.voter = key(3); });
  add("meant for a disk that is lost", ErrorCode::invalid_voter_key,
      [](auto& r) { r.voter.directory = Uuid{9, 9}; });
  for (const Row& row : rows) {
    OneNode node;
    node.file = QuorumStateData{LeaderEpoch{4}, kNoNode, {}};
    node.start();
    node.ask(row.request);
    EXPECT_EQ(node.replied<VoteResponse>()->error, row.error) << row.what;
    EXPECT_FALSE(node.replied<VoteResponse>()->vote_granted) << row.what;
    EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{4}) << row.what;
  }
}

TEST(Election, APreVoteChangesNoEpochAndNeedsAMajority) {
  OneNode node;
  node.start();
  node.wait_deadline();
  EXPECT_EQ(node.quorum.role(), QuorumRole::prospective);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{0});
  const auto asked = node.sent<VoteRequest>();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_TRUE(asked[0].second.pre_vote);
  EXPECT_EQ(asked[0].first.endpoint->port, 9002);
  node.answer(asked[0].first.id, VoteResponse{ErrorCode::none, kNoNode, LeaderEpoch{0}, true});
  EXPECT_EQ(node.quorum.role(), QuorumRole::candidate);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{1});
  EXPECT_EQ(node.file->voted, key(1));
  EXPECT_LT(node.place<Persist>(), node.place<Send>());
  EXPECT_FALSE(node.sent<VoteRequest>()[0].second.pre_vote);
}

TEST(Election, ACandidateAsksOnlyWithALogThatItCannotLose) {
  OneNode node;
  for (int i = 0; i < 3; ++i) node.log.append({LeaderEpoch{2}, 1, true, {}});
  node.start();
  EXPECT_EQ(node.log.flushed_end(), node.log.end()) << "its search for a leader told its log end";
  node.log.append({LeaderEpoch{2}, 1, true, {}});
  node.wait_deadline();
  node.answer(node.sent<VoteRequest>()[0].first.id,
              VoteResponse{ErrorCode::none, kNoNode, LeaderEpoch{2}, true});
  ASSERT_EQ(node.quorum.role(), QuorumRole::candidate);
  ASSERT_GE(node.place<FlushLog>(), 0);
  EXPECT_LT(node.place<FlushLog>(), node.place<Send>());
}

TEST(Election, ARefusedPreVoteGoesBackToTheKnownLeader) {
  OneNode node;
  node.follow();
  node.wait(2s);
  ASSERT_EQ(node.quorum.role(), QuorumRole::prospective);
  EXPECT_EQ(node.quorum.leader(), BrokerId{2});
  for (const auto& [send, request] : node.sent<VoteRequest>()) {
    node.answer(send.id, VoteResponse{ErrorCode::none, BrokerId{2}, LeaderEpoch{5}, false});
  }
  EXPECT_EQ(node.quorum.role(), QuorumRole::follower);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{5});
}

TEST(Election, WhoHearsFromItsLeaderGrantsNoPreVoteUntilItResigns) {
  OneNode node;
  node.follow();
  const VoteRequest pre_vote = vote_of(3, 5, 5, 100, true);
  node.ask(pre_vote);
  EXPECT_TRUE(node.replied<VoteResponse>()->vote_granted) << "it never answered";
  OneNode other;
  other.follow();
  other.answer(other.sent<FetchRequest>()[0].first.id, other.records_from_leader(0, 5, 0));
  other.ask(pre_vote);
  EXPECT_FALSE(other.replied<VoteResponse>()->vote_granted);
  other.ask(EndQuorumEpochRequest{"c", BrokerId{2}, LeaderEpoch{5}, {key(3), key(1)}, {}});
  other.ask(pre_vote);
  EXPECT_TRUE(other.replied<VoteResponse>()->vote_granted);
}

TEST(Election, AnObserverIsNotBoundByALeaderThatFellSilent) {
  OneNode node(voters_of({2, 3, 4}));
  node.follow();
  node.answer(node.sent<FetchRequest>()[0].first.id, node.records_from_leader(0, 5, 0));
  node.wait(1999ms);
  node.ask(vote_of(3, 5, 5, 100, true));
  EXPECT_FALSE(node.replied<VoteResponse>()->vote_granted);
  node.wait(1ms);
  EXPECT_EQ(node.quorum.role(), QuorumRole::follower);
  node.ask(vote_of(3, 5, 5, 100, true));
  EXPECT_TRUE(node.replied<VoteResponse>()->vote_granted);
}

TEST(Election, ALostElectionIsWaitedOut) {
  OneNode node;
  node.start();
  node.wait_deadline();
  for (const auto& [send, request] : node.sent<VoteRequest>()) {
    node.answer(send.id, VoteResponse{ErrorCode::none, kNoNode, LeaderEpoch{0}, true});
    if (node.quorum.role() == QuorumRole::candidate) break;
  }
  for (const auto& [send, request] : node.sent<VoteRequest>()) {
    node.answer(send.id, VoteResponse{ErrorCode::none, kNoNode, LeaderEpoch{1}, false});
  }
  EXPECT_EQ(node.quorum.role(), QuorumRole::candidate);
  EXPECT_GE(node.quorum.next_deadline() - node.now, Duration(1s));
  node.wait_deadline();
  EXPECT_EQ(node.quorum.role(), QuorumRole::prospective);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{1});
}

TEST(Election, ALeaderBeginsItsEpochInTheLogAndTellsTheOthers) {
  OneNode node;
  node.start();
  node.wait_deadline();
  node.answer(node.sent<VoteRequest>()[0].first.id,
              VoteResponse{ErrorCode::none, kNoNode, LeaderEpoch{0}, true});
  node.answer(node.sent<VoteRequest>()[0].first.id,
              VoteResponse{ErrorCode::none, kNoNode, LeaderEpoch{1}, true});
  ASSERT_EQ(node.quorum.role(), QuorumRole::leader);
  EXPECT_EQ(node.file->leader, BrokerId{1});
  EXPECT_EQ(node.effect<BecameLeader>()->epoch_start, Offset{0});
  const auto batch = node.effect<AppendControl>();
  ASSERT_EQ(batch->records.size(), 3u);  // of the first leader: voters of the formatting, too
  EXPECT_EQ(std::get<LeaderChangeMessage>(batch->records[0]).leader_id, 1);
  EXPECT_EQ(std::get<LeaderChangeMessage>(batch->records[0]).granting_voters.size(), 2u);
  EXPECT_EQ(to_voter_set(std::get<VotersRecord>(batch->records[2])), voters_of({1, 2, 3}));
  EXPECT_LT(node.place<Persist>(), node.place<AppendControl>());
  EXPECT_EQ(node.sent<BeginQuorumEpochRequest>().size(), 2u);
  EXPECT_TRUE(node.quorum.may_append(LeaderEpoch{1}));
  EXPECT_FALSE(node.quorum.may_append(LeaderEpoch{0}));
}

TEST(Election, AFormerLeaderComesBackResignedAndNeverLeadsThatEpoch) {
  OneNode node;
  node.file = QuorumStateData{LeaderEpoch{4}, BrokerId{1}, key(1)};
  node.start();
  EXPECT_EQ(node.quorum.role(), QuorumRole::resigned);
  EXPECT_FALSE(node.quorum.may_append(LeaderEpoch{4}));
  EXPECT_EQ(node.sent<EndQuorumEpochRequest>().size(), 2u);
  node.ask(vote_of(2, 4, 3, 9, false));
  EXPECT_FALSE(node.replied<VoteResponse>()->vote_granted);
  while (node.quorum.role() == QuorumRole::resigned) node.wait_deadline();
  EXPECT_EQ(node.quorum.role(), QuorumRole::unattached);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{5});
}

TEST(Election, TheOnlyVoterElectsItselfAtOnce) {
  OneNode node(voters_of({1}));
  node.start();
  EXPECT_EQ(node.quorum.role(), QuorumRole::leader);
  EXPECT_EQ(node.quorum.high_watermark(), Offset{0});
  node.flush();
  EXPECT_EQ(node.quorum.high_watermark(), Offset{3});
}

TEST(Election, AnObserverNeverStands) {
  OneNode node(voters_of({2, 3, 4}));
  node.start();
  for (int i = 0; i < 100; ++i) {
    node.wait_deadline();
    ASSERT_EQ(node.quorum.role(), QuorumRole::unattached);
    for (const auto& [send, request] : node.sent<FetchRequest>()) node.fail(send.id);
  }
}

TEST(Election, AFileOlderThanTheLogIsNotBelieved) {
  OneNode node;
  node.log.append({LeaderEpoch{6}, 1, true, {}});
  node.file = QuorumStateData{LeaderEpoch{4}, BrokerId{1}, key(1)};
  node.start();
  EXPECT_EQ(node.quorum.role(), QuorumRole::unattached);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{6});
  EXPECT_EQ(node.file->epoch, LeaderEpoch{6});
}

TEST(Election, TheBestSuccessorStandsAtOnceAndTheOthersAfterIt) {
  const auto deadline_after = [](std::vector<ReplicaKey> preferred) {
    OneNode node;
    node.follow();
    node.answer(node.sent<FetchRequest>()[0].first.id, node.records_from_leader(0, 5, 0));
    node.ask(EndQuorumEpochRequest{"c", BrokerId{2}, LeaderEpoch{5}, preferred, {}});
    Duration waited{0};
    while (node.quorum.role() == QuorumRole::follower && waited < 5s) {
      const Duration more = node.quorum.next_deadline() - node.now;
      node.wait(more);
      waited += more;
    }
    return waited;
  };
  EXPECT_EQ(deadline_after({key(1), key(3)}), Duration(0));
  EXPECT_EQ(deadline_after({key(3), key(1)}), Duration(kSuccessorBackoff));
  EXPECT_EQ(deadline_after({key(3), key(4), key(1)}), Duration(kSuccessorBackoff * 2));
  EXPECT_EQ(deadline_after({key(3)}), Duration(1s));
}

TEST(Election, NobodyIsBelievedWhoNamesASecondLeader) {
  OneNode node;
  node.follow();
  node.ask(BeginQuorumEpochRequest{"c", key(1), BrokerId{3}, LeaderEpoch{5}, {}});
  EXPECT_EQ(node.replied<BeginQuorumEpochResponse>()->error, ErrorCode::invalid_request);
  EXPECT_EQ(node.quorum.leader(), BrokerId{2});
  node.ask(BeginQuorumEpochRequest{"c", key(1), BrokerId{1}, LeaderEpoch{6}, {}});
  EXPECT_EQ(node.replied<BeginQuorumEpochResponse>()->error, ErrorCode::invalid_request);
  EXPECT_EQ(node.quorum.epoch(), LeaderEpoch{5});
}

}  // namespace
}  // namespace weir::raft::test
