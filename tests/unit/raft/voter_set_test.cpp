// Voter sets, their history along the log, and counting.
#include "broker/raft/voter_set.h"

#include <gtest/gtest.h>

#include "broker/raft/raft_types.h"
#include "broker/raft/request_tracker.h"
#include "broker/raft/vote_tally.h"
#include "tests/unit/raft/one_node.h"

namespace weir::raft::test {
namespace {

TEST(VoterSet, IsSortedAndHasEachIdOnce) {
  const VoterSet set({{key(3), {}}, {key(1), {}}, {{BrokerId{3}, Uuid{9, 9}}, {}}});
  ASSERT_EQ(set.size(), 2u);
  EXPECT_EQ(set.voters()[0].key, key(1));
  EXPECT_EQ(set.voters()[1].key, key(3));
  EXPECT_FALSE(set.contains({BrokerId{3}, Uuid{9, 9}}));
}

TEST(VoterSet, ItsMajorityIsMoreThanHalf) {
  const std::size_t expected[] = {1, 1, 2, 2, 3, 3};
  std::vector<int> ids;
  for (int n = 0; n < 6; ++n) {
    EXPECT_EQ(voters_of(ids).majority(), expected[n]);
    ids.push_back(n);
  }
}

TEST(VoterSet, ChangesByOneVoter) {
  const VoterSet set = voters_of({1, 2});
  EXPECT_EQ(set.with(voters_of({3}).voters()[0]), voters_of({1, 2, 3}));
  EXPECT_FALSE(set.with({{BrokerId{2}, Uuid{9, 9}}, {}})) << "the id is taken";
  EXPECT_FALSE(set.with({{BrokerId{-1}, Uuid{9, 9}}, {}}));
  EXPECT_EQ(set.without(key(2)), voters_of({1}));
  EXPECT_FALSE(set.without({BrokerId{2}, Uuid{9, 9}})) << "another disk";
  EXPECT_FALSE(voters_of({1}).without(key(1))) << "the last";
  std::vector<int> many;
  for (int i = 0; i < static_cast<int>(kMaxVoters); ++i) many.push_back(i);
  EXPECT_FALSE(voters_of(many).with({key(99), {}}));
}

TEST(VoterHistory, TheLastAppendedCountsUntilItIsTruncated) {
  VoterHistory history(voters_of({1, 2, 3}));
  history.append(Offset{5}, voters_of({1, 2}));
  history.append(Offset{9}, voters_of({1}));
  EXPECT_EQ(history.latest(), voters_of({1}));
  EXPECT_EQ(history.before(Offset{9}), voters_of({1, 2}));
  EXPECT_EQ(history.before(Offset{5}), voters_of({1, 2, 3}));
  history.truncate_to(Offset{9});
  EXPECT_EQ(history.latest(), voters_of({1, 2}));
  history.truncate_to(Offset{0});
  EXPECT_EQ(history.latest(), voters_of({1, 2, 3}));
}

TEST(VoterHistory, AStartOfTheLogForgetsOnlyWhatNoLongerCounts) {
  VoterHistory history(voters_of({1, 2, 3}));
  history.append(Offset{5}, voters_of({1, 2}));
  history.append(Offset{9}, voters_of({1}));
  history.trim_to(Offset{9});
  EXPECT_EQ(history.entries().size(), 2u);
  EXPECT_EQ(history.before(Offset{9}), voters_of({1, 2}));
  history.load_snapshot({Offset{20}, LeaderEpoch{3}}, voters_of({4, 5, 6}));
  EXPECT_EQ(history.latest(), voters_of({4, 5, 6}));
  EXPECT_EQ(history.latest_offset(), Offset{19});
}

TEST(VoteTally, IsDecidedByAMajorityOfAll) {
  VoteTally tally(voters_of({1, 2, 3, 4, 5}), key(1));
  EXPECT_EQ(tally.unanswered().size(), 4u);
  tally.record(BrokerId{2}, true);
  tally.record(BrokerId{2}, true);
  EXPECT_FALSE(tally.is_won()) << "one voter has one vote";
  tally.record(BrokerId{9}, true);
  EXPECT_FALSE(tally.is_won());
  tally.record(BrokerId{3}, false);
  tally.record(BrokerId{4}, false);
  EXPECT_FALSE(tally.is_lost());
  tally.record(BrokerId{5}, true);
  EXPECT_TRUE(tally.is_won());
  EXPECT_EQ(tally.granting(), (std::vector<ReplicaKey>{key(1), key(2), key(5)}));
}

TEST(VoteTally, IsLostWhenTheRestCannotDecideIt) {
  VoteTally tally(voters_of({1, 2, 3}), key(1));
  tally.record(BrokerId{2}, false);
  EXPECT_FALSE(tally.is_lost());
  tally.record(BrokerId{3}, false);
  EXPECT_TRUE(tally.is_lost());
}

TEST(RequestTracker, KnowsWhatIsInFlightAndWhatIsLate) {
  RequestTracker tracker;
  const BrokerId node{2};
  EXPECT_TRUE(tracker.is_ready(node, Instant{5}));
  const RequestId first = tracker.sent(node, Instant{100});
  EXPECT_FALSE(tracker.is_ready(node, Instant{99}));
  EXPECT_TRUE(tracker.is_ready(node, Instant{100})) << "it is given up";
  const RequestId second = tracker.sent(node, Instant{200});
  EXPECT_FALSE(tracker.finish(first));
  EXPECT_EQ(tracker.finish(second), node);
  EXPECT_FALSE(tracker.finish(second));
  tracker.pause(node, Instant{300});
  EXPECT_EQ(tracker.ready_at(node), Instant{300});
  tracker.clear();
  EXPECT_NE(tracker.sent(node, Instant{400}), second) << "ids are never used again";
}

TEST(QuorumRole, StepsAreThoseOfTheTable) {
  using enum QuorumRole;
  EXPECT_TRUE(may_follow(unattached, prospective));
  EXPECT_TRUE(may_follow(candidate, leader));
  EXPECT_FALSE(may_follow(unattached, candidate));
  EXPECT_FALSE(may_follow(prospective, leader));
  EXPECT_FALSE(may_follow(follower, leader));
  EXPECT_FALSE(may_follow(resigned, leader));
  EXPECT_FALSE(may_follow(resigned, prospective));
  EXPECT_FALSE(may_follow(leader, candidate));
}

}  // namespace
}  // namespace weir::raft::test
