// Voters added, removed and updated, one at a time.
#include <gtest/gtest.h>

#include "tests/unit/raft/one_node.h"

namespace weir::raft::test {
namespace {

// A leader of voters 1, 2, 3 that committed its epoch; observer 4 keeps up.
struct Leading : OneNode {
  Leading() {
    lead();
    ask(fetch_of(2, 3, 1));
    WEIR_ASSERT(quorum.high_watermark() == Offset{3});
    ask(fetch_of(4, 3, 1));
  }
  RaftVoterResponse add(int id, bool ack_when_committed = true) {
    ask(AddRaftVoterRequest{"c", 5s, {key(id), {}}, ack_when_committed});
    return replied<RaftVoterResponse>().value_or(RaftVoterResponse{ErrorCode::none, "pending"});
  }
  RaftVoterResponse remove(ReplicaKey voter) {
    ask(RemoveRaftVoterRequest{"c", voter});
    return replied<RaftVoterResponse>().value_or(RaftVoterResponse{ErrorCode::none, "pending"});
  }
  ErrorCode answered() { return replied<RaftVoterResponse>().value().error; }
};

TEST(VoterChange, CountsFromItsAppendAndIsAnsweredWhenCommitted) {
  Leading node;
  EXPECT_EQ(node.add(4).message, "pending");
  EXPECT_EQ(node.quorum.voters().size(), 4u);
  EXPECT_EQ(node.effect<VotersChanged>()->offset, Offset{3});
  node.flush();
  node.ask(node.fetch_of(2, 4, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{3}) << "2 of 4 are no majority";
  node.ask(node.fetch_of(4, 4, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{4});
  EXPECT_EQ(node.answered(), ErrorCode::none);
}

TEST(VoterChange, IsAnsweredAtOnceWhereAsked) {
  Leading node;
  EXPECT_EQ(node.add(4, false).message, "");
  EXPECT_EQ(node.answered(), ErrorCode::none);
  EXPECT_LT(node.place<AppendControl>(), node.place<Reply>());
}

TEST(VoterChange, OnlyOneAtATime) {
  Leading node;
  node.add(4);
  EXPECT_EQ(node.remove(key(3)).error, ErrorCode::request_timed_out);
  EXPECT_EQ(node.quorum.voters().size(), 4u);
  node.wait(5s - 2900ms);
  node.ask(node.fetch_of(2, 3, 1));
  node.ask(node.fetch_of(3, 3, 1));
  node.wait(2900ms);
  EXPECT_EQ(node.answered(), ErrorCode::request_timed_out) << "the asker has waited enough";
  EXPECT_EQ(node.remove(key(3)).error, ErrorCode::request_timed_out) << "the change is not over";
}

TEST(VoterChange, NoneBeforeTheLeaderCommittedInItsEpoch) {
  OneNode node;
  node.lead();
  node.ask(node.fetch_of(4, 3, 1));
  node.ask(AddRaftVoterRequest{"c", 5s, {key(4), {}}, true});
  EXPECT_EQ(node.replied<RaftVoterResponse>()->error, ErrorCode::request_timed_out);
  EXPECT_EQ(node.quorum.voters().size(), 3u);
}

TEST(VoterChange, RefusesWhatMakesNoSense) {
  Leading node;
  EXPECT_EQ(node.add(3).error, ErrorCode::duplicate_voter);
  EXPECT_EQ(node.add(5).error, ErrorCode::request_timed_out) << "it does not fetch";
  EXPECT_EQ(node.remove(key(5)).error, ErrorCode::voter_not_found);
  EXPECT_EQ(node.remove({BrokerId{3}, Uuid{9, 9}}).error, ErrorCode::voter_not_found);
  node.ask(AddRaftVoterRequest{"x", 5s, {key(4), {}}, true});
  EXPECT_EQ(node.answered(), ErrorCode::inconsistent_cluster_id);
  node.ask(AddRaftVoterRequest{"c", 5s, {{BrokerId{4}, Uuid{}}, {}}, true});
  EXPECT_EQ(node.answered(), ErrorCode::invalid_request);
  node.ask(AddRaftVoterRequest{"c", 5s, {key(4), {}, 0, 0}, true});
  EXPECT_EQ(node.answered(), ErrorCode::invalid_request);
  OneNode follower;
  follower.follow();
  follower.ask(RemoveRaftVoterRequest{"c", key(3)});
  EXPECT_EQ(follower.replied<RaftVoterResponse>()->error, ErrorCode::not_leader_or_follower);
  OneNode alone(voters_of({1}));
  alone.lead();
  alone.ask(RemoveRaftVoterRequest{"c", key(1)});
  EXPECT_EQ(alone.replied<RaftVoterResponse>()->error, ErrorCode::invalid_request);
}

TEST(VoterChange, ALaggingObserverIsNotAdded) {
  Leading node;
  node.append(5);
  node.ask(node.fetch_of(4, 4, 1));
  node.wait(1900ms);
  node.ask(node.fetch_of(2, 3, 1));
  node.wait(200ms);
  EXPECT_EQ(node.add(4).error, ErrorCode::request_timed_out);
}

TEST(VoterChange, ARemovedLeaderLeadsUntilThatIsCommittedAndCountsItselfNoMore) {
  Leading node;
  EXPECT_EQ(node.remove(key(1)).message, "pending");
  EXPECT_FALSE(node.quorum.is_voter());
  node.flush();
  node.ask(node.fetch_of(2, 4, 1));
  EXPECT_EQ(node.quorum.role(), QuorumRole::leader) << "one of two is no majority";
  node.ask(node.fetch_of(3, 4, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{4});
  EXPECT_EQ(node.answered(), ErrorCode::none);
  EXPECT_EQ(node.quorum.role(), QuorumRole::resigned);
  EXPECT_EQ(node.sent<EndQuorumEpochRequest>().size(), 2u);
}

TEST(VoterChange, TheAskerHearsWhenTheLeaderIsNoLongerOne) {
  Leading node;
  node.add(4);
  node.ask(BeginQuorumEpochRequest{"c", key(1), BrokerId{3}, LeaderEpoch{4}, {}});
  EXPECT_EQ(node.answered(), ErrorCode::not_leader_or_follower);
  EXPECT_EQ(node.replied<RaftVoterResponse>()->leader_id, BrokerId{3});
}

TEST(VoterChange, AnUpdateKeepsTheVoterAndChangesWhereItIs) {
  Leading node;
  const Voter moved{key(3), {{"CONTROLLER", "elsewhere", 1}}};
  node.ask(UpdateRaftVoterRequest{"c", LeaderEpoch{0}, moved});
  EXPECT_EQ(node.answered(), ErrorCode::fenced_leader_epoch);
  node.ask(UpdateRaftVoterRequest{"c", LeaderEpoch{1}, *voters_of({3}).find(BrokerId{3})});
  EXPECT_EQ(node.answered(), ErrorCode::none) << "nothing to write";
  EXPECT_EQ(node.place<AppendControl>(), -1);
  node.ask(UpdateRaftVoterRequest{"c", LeaderEpoch{1}, moved});
  EXPECT_EQ(node.quorum.voters().find(BrokerId{3})->endpoints[0].host, "elsewhere");
  node.flush();
  node.ask(node.fetch_of(2, 4, 1));
  EXPECT_EQ(node.answered(), ErrorCode::none);
}

TEST(VoterChange, AStaticQuorumIsChangedByItsConfiguration) {
  std::vector<Voter> voters;
  for (const int id : {1, 2, 3}) voters.push_back({{BrokerId{id}, Uuid{}}, {}});
  OneNode node((VoterSet(voters)));
  node.lead();
  EXPECT_EQ(node.log.end(), Offset{1}) << "no voters are written";
  node.ask(node.fetch_of(2, 1, 1));
  EXPECT_EQ(node.quorum.high_watermark(), Offset{1}) << "a voter in whatever directory";
  node.ask(RemoveRaftVoterRequest{"c", key(3)});
  EXPECT_EQ(node.replied<RaftVoterResponse>()->error, ErrorCode::unsupported_version);
}

TEST(VoterChange, WhoseRemovalIsNotCommittedMayStandWithoutCountingItself) {
  OneNode node;
  node.log.append({LeaderEpoch{1}, 0, true, voters_of({1, 2, 3})});
  node.log.append({LeaderEpoch{1}, 0, true, voters_of({2, 3})});
  node.file = QuorumStateData{LeaderEpoch{1}, kNoNode, {}};
  node.start();
  ASSERT_FALSE(node.quorum.is_voter());
  node.wait_deadline();
  ASSERT_EQ(node.quorum.role(), QuorumRole::prospective);
  const auto asked = node.sent<VoteRequest>();
  ASSERT_EQ(asked.size(), 2u);
  const VoteResponse yes{ErrorCode::none, kNoNode, LeaderEpoch{1}, true};
  node.answer(asked[0].first.id, yes);
  EXPECT_EQ(node.quorum.role(), QuorumRole::prospective) << "one of two";
  node.answer(asked[1].first.id, yes);
  EXPECT_EQ(node.quorum.role(), QuorumRole::candidate);
}

}  // namespace
}  // namespace weir::raft::test
