// epoch.single-leader: terms of office, of partitions and of the quorum.
#include "telling.h"

namespace weir::test {
namespace {

TEST(SingleLeader, IsBrokenByTwoWhoSayThatTheyLeadAnEpoch) {
  Telling t;
  const std::int64_t first = t.leads("b1", 3);
  const std::int64_t second = t.leads("b2", 3);
  expect_one(t.checks.epochs.leaders, "orders-0", first, second,
             "b2 leads in epoch 3, as b1 did before");
}

TEST(SingleLeader, IsTheOneWhomTheControllerNamed) {
  Telling told_first;
  const std::int64_t named = told_first.changes("c1", 5, 3, 2, "replicas=1,2 isr=1,2");
  const std::int64_t leads = told_first.leads("b1", 3);
  expect_one(told_first.checks.epochs.leaders, "orders-0", named, leads,
             "b1 leads in epoch 3, of which the controller named broker 2");
  Telling told_later;
  const std::int64_t led = told_later.leads("b1", 3);
  const std::int64_t name = told_later.changes("c1", 5, 3, 2, "replicas=1,2 isr=1,2");
  expect_one(told_later.checks.epochs.leaders, "orders-0", led, name,
             "b1 leads in epoch 3, of which the controller named broker 2");
}

TEST(SingleLeader, IsBrokenByAControllerThatNamesTwo) {
  Telling t;
  const std::int64_t one = t.changes("c1", 5, 3, 1, "replicas=1,2 isr=1,2");
  const std::int64_t other = t.changes("c2", 6, 3, 2, "replicas=1,2 isr=1,2");
  ASSERT_EQ(t.checks.epochs.leaders.breaches, 1);
  EXPECT_EQ(t.checks.epochs.leaders.kept[0].made, one);
  EXPECT_EQ(t.checks.epochs.leaders.kept[0].broken, other);
  EXPECT_EQ(t.checks.epochs.leaders.kept[0].about,
            "the controller named broker 2 as leader of epoch 3, after broker 1");
}

TEST(SingleLeader, AppendsNothingOfAnOlderEpoch) {
  Telling t;
  const std::int64_t leads = t.leads("b1", 3);
  const std::int64_t append = t.appends("b1", 0, 4, 2);
  expect_one(t.checks.epochs.leaders, "orders-0@0", leads, append,
             "b1 leads in epoch 3 and appended a batch of epoch 2");
}

TEST(SingleLeader, AllowsZombiesOfOlderEpochsAndFollowersOfAnyAge) {
  Telling t;
  t.changes("c1", 0, 0, 1, "replicas=1,2 isr=1,2");
  t.leads("b1", 0);
  t.appends("b1", 0, 4, 0);
  t.changes("c1", 1, 1, 2, "replicas=1,2 isr=2");
  t.leads("b2", 1, 5);
  t.appends("b1", 5, 5, 0);  // cut off, it does not know yet
  t.follows("b1", 1, 2);
  t.appends("b1", 6, 6, 0);  // fetched
  t.changes("c1", 2, 1, 2, "replicas=1,2 isr=2,1");
  t.changes("c1", 3, 2, 1, "replicas=1,2 isr=1");
  t.leads("b1", 2, 6);
  t.leads("b1", 2, 6);  // told again after a restart of the broker
  EXPECT_EQ(t.breaches(), Lines{});
}

// The controller died before it told whom it had named.
TEST(SingleLeader, NeedNotBeToldByTheController) {
  Telling t;
  t.changes("c1", 0, 0, 1, "replicas=1,2 isr=1,2");
  t.leads("b1", 0);
  t.leads("b2", 1);
  t.changes("c2", 2, 2, -1, "replicas=1,2 isr=2");
  t.leads("b2", 3);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(SingleLeader, ALifeThatEndedIsInOfficeNoMore) {
  Telling t;
  t.leads("b1", 3);
  t.dies("b1");
  t.starts("b1");
  t.appends("b1", 0, 4, 2);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(SingleLeader, OfAnotherTopicUnderTheOldNameIsAnother) {
  Telling again;
  again.changes("c1", 0, 0, 1, "replicas=1,2 isr=1,2");
  again.leads("b1", 0);
  again.changes("c1", 1, 0, 1, "replicas=1,2 isr=1");
  again.changes("c1", 0, 0, 2, "replicas=1,2 isr=1,2");
  again.leads("b2", 0);
  EXPECT_EQ(again.breaches(), Lines{});
  Telling deleted;
  deleted.leads("b1", 0);
  deleted.deletes_topic("c1");
  deleted.leads("b2", 0);
  EXPECT_EQ(deleted.breaches(), Lines{});
}

TEST(Quorum, HasOneLeaderOfAnEpoch) {
  Telling t;
  const std::int64_t first = t.moves("c1", 4, candidate, leader);
  const std::int64_t second = t.moves("c2", 4, candidate, leader);
  expect_one(t.checks.epochs.quorum, "", first, second,
             "c2 leads the quorum in epoch 4, as c1 did before");
}

// Who led when it died has resigned when it starts again.
TEST(Quorum, LeadsAnEpochInOneLife) {
  Telling t;
  const std::int64_t first = t.moves("c1", 4, candidate, leader);
  t.dies("c1");
  t.starts("c1");
  const std::int64_t second = t.moves("c1", 4, leader, leader);
  expect_one(t.checks.epochs.quorum, "", first, second,
             "c1 leads the quorum in epoch 4, as it did before in a life that ended");
}

TEST(Quorum, HasOneLeaderOfAnEpochWhoeverNamesIt) {
  Telling t;
  const std::int64_t first = t.moves("c2", 4, unattached, follower, "101");
  const std::int64_t second = t.moves("b1", 4, unattached, follower, "103");
  expect_one(t.checks.epochs.quorum, "", first, second,
             "b1 takes 103 for the leader of the quorum in epoch 4, of which 101 was named "
             "before");
  Telling fine;
  fine.moves("c1", 4, candidate, leader, "101");
  fine.moves("c2", 4, unattached, follower, "101");
  fine.moves("c2", 4, follower, prospective, "101");
  fine.moves("c3", 4, unattached, unattached, "-1");
  fine.moves("c2", 5, prospective, candidate, "-1");
  fine.moves("c2", 5, candidate, leader, "102");
  EXPECT_EQ(fine.breaches(), Lines{});
}

TEST(Quorum, TakesLegalStepsOnly) {
  struct Step {
    Role from, to;
    bool legal;
  };
  // KIP-595 and KIP-996. Whoever hears of a later epoch is unattached or a follower.
  const Step steps[] = {
      {unattached, prospective, true}, {unattached, candidate, false},
      {unattached, leader, false},     {follower, prospective, true},
      {follower, candidate, false},    {follower, leader, false},
      {prospective, candidate, true},  {prospective, leader, false},
      {prospective, follower, true},   {candidate, leader, true},
      {candidate, prospective, true},  {candidate, resigned, false},
      {leader, resigned, true},        {leader, prospective, false},
      {leader, candidate, false},      {leader, follower, true},
      {resigned, unattached, true},    {resigned, leader, false},
      {resigned, candidate, false},    {resigned, follower, true},
  };
  for (const Step& step : steps) {
    Telling t;
    t.moves("c1", 1, unattached, follower);
    t.moves("c1", 2, step.from, step.to);
    EXPECT_EQ(t.checks.epochs.quorum.breaches, step.legal ? 0 : 1)
        << step.from << " to " << step.to;
  }
  Telling t;
  t.moves("c1", 1, unattached, follower);
  t.moves("c1", 2, follower, leader);
  EXPECT_EQ(t.breaches(), (Lines{"c1 went from follower to leader in epoch 2"}));
}

// Its quorum-state file may say that it led.
TEST(Quorum, ALifeMayBeginAsAnything) {
  Telling t;
  t.moves("c1", 3, unattached, resigned);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Quorum, EpochsOnlyGrowWithinALife) {
  Telling t;
  t.moves("c1", 5, unattached, follower);
  t.moves("c1", 4, follower, unattached);
  EXPECT_EQ(t.breaches(), (Lines{"c1 went back from epoch 5 of the quorum to 4"}));
  // The last step of a life may not have reached the disk.
  Telling restarted;
  restarted.moves("c1", 5, unattached, follower);
  restarted.dies("c1");
  restarted.starts("c1");
  restarted.moves("c1", 4, unattached, follower);
  EXPECT_EQ(restarted.breaches(), Lines{});
}

TEST(Quorum, AVoterVotesOncePerEpochOverAllItsLives) {
  Telling t;
  const std::int64_t first = t.votes("c1", 4, 102);
  t.votes("c1", 4, 102);  // the file was written anew
  t.votes("c2", 4, 103);
  t.votes("c1", 5, 103);
  EXPECT_EQ(t.breaches(), Lines{});
  t.dies("c1");
  t.starts("c1");
  const std::int64_t second = t.votes("c1", 4, 103);
  expect_one(t.checks.epochs.quorum, "", first, second,
             "c1 voted for 103 in epoch 4, after it had voted for 102");
  EXPECT_EQ(t.checks.epochs.votes, 5);
}

TEST(Quorum, AVoterWhoseDiskWasWipedIsAnother) {
  Telling t;
  t.topic = "__cluster_metadata";
  t.appends("c1", 0, 4, 1);
  t.votes("c1", 4, 102);
  t.dies("c1");
  t.starts("c1");
  t.opens("c1", 0);
  t.votes("c1", 4, 103);
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Quorum, AVoterThatLostItsLogsTailHasItsVotesStill) {
  Telling t;
  t.topic = "__cluster_metadata";
  t.appends("c1", 0, 4, 1);
  t.votes("c1", 4, 102);
  t.dies("c1");
  t.starts("c1");
  t.opens("c1", 3);
  t.votes("c1", 4, 103);
  EXPECT_EQ(t.checks.epochs.quorum.breaches, 1);
}

}  // namespace
}  // namespace weir::test
