// controller.isr and controller.election: states alone, one after the other, and outcasts.
#include "telling.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

TEST(IsrState, HasItsLeaderInTheIsrAndOnlyReplicas) {
  struct Row {
    std::int64_t leader;
    const char* state;
    const char* wrong;  // null: nothing is
  };
  const Row rows[] = {
      {1, "replicas=1,2,3 isr=1,2,3", nullptr},
      {-1, "replicas=1,2,3 isr=1", nullptr},
      {-1, "replicas=1,2,3 elr=2,3", nullptr},
      {2, "replicas=1,2,3 isr=2 elr=3", nullptr},
      {1, "replicas=1,2,3 isr=1,4 adding=4", "the ISR has a member that is no replica"},
      {3, "replicas=1,2,3 isr=1,2", "the leader is not in the ISR"},
      {1, "replicas=1,2,3", "the leader is not in the ISR"},
      {1, "replicas=1,2 isr=1,3", "the ISR has a member that is no replica"},
      {1, "replicas=1,2 isr=1 elr=3", "an eligible replica is no replica"},
      {1, "replicas=1,2 isr=1,2 elr=2", "a replica is eligible and in the ISR"},
      {1, "replicas=1,2 isr=1,1", "a replica is named twice"},
      {1, "replicas=1,2,2 isr=1", "a replica is named twice"},
  };
  for (const Row& row : rows) {
    Telling t;
    const std::int64_t told = t.changes("c1", 0, 0, row.leader, row.state);
    if (row.wrong == nullptr) {
      EXPECT_EQ(t.breaches(), Lines{}) << row.state;
      continue;
    }
    expect_one(
        t.checks.partitions.states, "orders-0", -1, told,
        std::string(row.wrong) + ": leader " + std::to_string(row.leader) + ", " + row.state);
  }
}

// Whether that is a breach min.insync.replicas alone can tell.
TEST(IsrState, CountsEligibleReplicasBesideAnIsr) {
  Telling t;
  t.changes("c1", 0, 0, 1, "replicas=1,2,3 isr=1 elr=2");
  const std::int64_t two = t.changes("c1", 1, 0, 1, "replicas=1,2,3 isr=1,2 elr=3");
  const CountedEvents& counted = t.checks.partitions.eligible_beside_isr.at("orders");
  EXPECT_EQ(counted.first[2], two);
  EXPECT_EQ(counted.about[2],
            "orders-0 has eligible replicas beside the ISR: replicas=1,2,3 isr=1,2 elr=3");
}

TEST(IsrStep, OfOnePartitionEpochIsToldInOneWay) {
  Telling t;
  const std::int64_t first = t.changes("c1", 3, 1, 1, "replicas=1,2 isr=1");
  t.changes("c2", 3, 1, 1, "replicas=1,2 isr=1");  // told again at a failover
  EXPECT_EQ(t.breaches(), Lines{});
  const std::int64_t other = t.changes("c2", 3, 1, 1, "replicas=1,2 isr=1,2");
  expect_one(t.checks.partitions.states, "orders-0", first, other,
             "partition epoch 3 was told in two ways");
}

TEST(IsrStep, KeepsOrRaisesTheLeaderEpoch) {
  Telling t;
  const std::int64_t before = t.changes("c1", 3, 5, 1, "replicas=1,2 isr=1,2");
  const std::int64_t back = t.changes("c1", 4, 4, 1, "replicas=1,2 isr=1,2");
  expect_one(t.checks.partitions.states, "orders-0", before, back,
             "the leader epoch went back from 5 to 4");
}

TEST(IsrStep, ToAnotherLeaderIsAnotherLeaderEpochOverAnyDistance) {
  for (const std::int64_t next : {4, 9}) {
    Telling t;
    const std::int64_t before = t.changes("c1", 3, 5, 1, "replicas=1,2 isr=1,2");
    const std::int64_t after = t.changes("c1", next, 5, 2, "replicas=1,2 isr=1,2");
    ASSERT_EQ(t.checks.partitions.states.breaches, 1);
    EXPECT_EQ(t.checks.partitions.states.kept[0].made, before);
    EXPECT_EQ(t.checks.partitions.states.kept[0].broken, after);
    EXPECT_EQ(t.checks.partitions.states.kept[0].about,
              "broker 2 leads after broker 1 in the same leader epoch 5");
  }
}

// What an old controller tells late says nothing of the present.
TEST(IsrStep, IsNotTakenBackByWhatIsToldLate) {
  Telling t;
  t.changes("c2", 4, 6, 2, "replicas=1,2 isr=2");
  t.changes("c1", 3, 5, 1, "replicas=1,2 isr=1,2");
  t.changes("c2", 5, 7, 2, "replicas=1,2 isr=2");
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST(Election, ComesOutOfTheIsrOrTheEligible) {
  struct Row {
    const char* before;
    std::int64_t elected;
    bool inside;
  };
  const Row rows[] = {
      {"replicas=1,2,3 isr=1,2", 2, true},
      {"replicas=1,2,3 isr=1 elr=3", 3, true},
      {"replicas=1,2,3 isr=1", 3, false},
      {"replicas=1,2,3 isr=1,2", 3, false},
  };
  for (const Row& row : rows) {
    Telling t;
    const std::int64_t before = t.changes("c1", 3, 5, 1, row.before);
    const std::string isr = "replicas=1,2,3 isr=" + std::to_string(row.elected);
    const std::int64_t after = t.changes("c1", 4, 6, row.elected, isr, "unclean election");
    EXPECT_EQ(t.checks.partitions.elections.looked_at, 1);
    if (row.inside) {
      EXPECT_EQ(t.breaches(), Lines{}) << row.before;
      continue;
    }
    expect_one(t.checks.partitions.elections, "orders-0", before, after,
               "broker " + std::to_string(row.elected) +
                   " was elected, who was neither in the ISR nor eligible nor the last leader "
                   "(unclean election)");
  }
}

TEST(Election, MayBringBackTheLastLeader) {
  Telling t;
  t.changes("c1", 3, 5, 3, "replicas=1,2,3 isr=3");
  t.changes("c1", 4, 6, -1, "replicas=1,2,3");
  t.changes("c1", 5, 7, 3, "replicas=1,2,3 isr=3");
  EXPECT_EQ(t.breaches(), Lines{});
  t.changes("c1", 6, 8, -1, "replicas=1,2,3");
  t.changes("c1", 7, 9, 2, "replicas=1,2,3 isr=2");
  EXPECT_EQ(t.checks.partitions.elections.breaches, 1);
}

// In one decision the leader's proposal was accepted and somebody elected.
TEST(Election, MayFollowAProposal) {
  Telling t;
  t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1");
  Fact proposal = t.of(FactKind::isr_proposed);
  proposal.record = "isr=1,2";
  t.tell("b1", proposal);
  t.changes("c1", 4, 6, 2, "replicas=1,2,3 isr=2");
  EXPECT_EQ(t.breaches(), Lines{});
}

// A state in between was committed and not told: it may have had anybody in its ISR.
TEST(Election, OverAGapIsNotJudged) {
  Telling t;
  t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1");
  t.changes("c2", 5, 7, 3, "replicas=1,2,3 isr=3");
  EXPECT_EQ(t.breaches(), Lines{});
  EXPECT_EQ(t.checks.partitions.elections.looked_at, 0);
}

TEST(Election, OfAnotherTopicUnderTheOldNameIsNone) {
  Telling t;
  t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1");
  t.changes("c1", 0, 0, 3, "replicas=2,3 isr=2,3");
  EXPECT_EQ(t.breaches(), Lines{});
  Telling deleted;
  deleted.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1");
  deleted.deletes_topic("c1");
  deleted.changes("c1", 4, 6, 3, "replicas=2,3 isr=2,3");
  EXPECT_EQ(deleted.breaches(), Lines{});
}

class Outcasts : public ::testing::Test {
 protected:
  Outcasts() { t.takes_office("c1", 4); }
  void a_second_later() {
    t.wait(milliseconds(1100));
    t.starts("b9");
  }
  Telling t;
};

TEST_F(Outcasts, AreOutOfTheIsrOfTheControllerThatFencedThem) {
  const std::int64_t state = t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1,2,3");
  const std::int64_t fenced = t.about_broker("c1", FactKind::broker_fenced, 2);
  t.wait(milliseconds(500));
  t.starts("b9");
  EXPECT_EQ(t.breaches(), Lines{}) << "a decision takes its time";
  a_second_later();
  expect_one(t.checks.partitions.states, "orders-0", state, fenced,
             "broker 2 was fenced and is still in the ISR a second later");
  a_second_later();
  EXPECT_EQ(t.checks.partitions.states.breaches, 1) << "told once";
}

TEST_F(Outcasts, MayBeToldBeforeTheirPartitions) {
  t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1,2,3");
  t.about_broker("c1", FactKind::broker_fenced, 2);
  t.changes("c1", 4, 5, 1, "replicas=1,2,3 isr=1,3");
  a_second_later();
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST_F(Outcasts, AreJudgedByOneTermOfOneControllerAlone) {
  // The state is another one's: a newer one may not have been told.
  t.changes("c2", 3, 5, 1, "replicas=1,2,3 isr=1,2,3");
  t.about_broker("c1", FactKind::broker_fenced, 2);
  a_second_later();
  EXPECT_EQ(t.breaches(), Lines{});
  // The controller died with what it had decided.
  t.changes("c1", 4, 5, 1, "replicas=1,2,3 isr=1,3");
  t.about_broker("c1", FactKind::broker_fenced, 3);
  t.dies("c1");
  a_second_later();
  EXPECT_EQ(t.breaches(), Lines{});
  // Another term of the same.
  t.takes_office("c1", 5);
  t.about_broker("c1", FactKind::broker_fenced, 3);
  a_second_later();
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST_F(Outcasts, MayComeBackAtOnce) {
  t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1,2,3");
  t.about_broker("c1", FactKind::broker_fenced, 2);
  t.about_broker("c1", FactKind::broker_unfenced, 2);
  a_second_later();
  EXPECT_EQ(t.breaches(), Lines{});
}

TEST_F(Outcasts, AsTheLastMemberStayWithoutALeader) {
  t.changes("c1", 3, 5, -1, "replicas=1,2,3 isr=2");
  t.about_broker("c1", FactKind::broker_fenced, 2);
  a_second_later();
  EXPECT_EQ(t.breaches(), Lines{});
  t.about_broker("c1", FactKind::broker_fenced, 2);
  t.changes("c1", 4, 6, 2, "replicas=1,2,3 isr=2");
  a_second_later();
  EXPECT_EQ(t.checks.partitions.states.breaches, 1) << "but do not lead";
}

TEST_F(Outcasts, ThatStoppedUncleanlyAreNotEligibleEither) {
  t.changes("c1", 3, 5, -1, "replicas=1,2,3 elr=2,3");
  t.about_broker("c1", FactKind::broker_registered, 2, "unclean");
  a_second_later();
  EXPECT_EQ(t.breaches(), (Lines{"orders-0: broker 2 stopped uncleanly and is still eligible a "
                                 "second later"}));
  // A fenced one stays eligible, and so does one that stopped in order.
  Telling fine;
  fine.takes_office("c1", 4);
  fine.changes("c1", 3, 5, -1, "replicas=1,2,3 elr=2,3");
  fine.about_broker("c1", FactKind::broker_fenced, 2);
  fine.about_broker("c1", FactKind::broker_registered, 3, "clean");
  fine.wait(milliseconds(1100));
  fine.starts("b9");
  EXPECT_EQ(fine.breaches(), Lines{});
}

// It is unfenced as the controller knows of its registration, hence of all that followed from it.
TEST_F(Outcasts, ThatStoppedUncleanlyAreJudgedWhenTheyAreUnfenced) {
  t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1,2,3");
  t.about_broker("c1", FactKind::broker_registered, 2, "unclean");
  t.about_broker("c1", FactKind::broker_unfenced, 2);
  EXPECT_EQ(t.breaches(), (Lines{"orders-0: broker 2 stopped uncleanly and is still in the ISR a "
                                 "second later"}));
}

TEST(Newest, IsOfThePresentControllerAlone) {
  Telling t;
  EXPECT_EQ(t.checks.partitions.newest("orders", 0).state, nullptr);
  t.takes_office("c1", 4);
  t.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1,2");
  ASSERT_NE(t.checks.partitions.newest("orders", 0).state, nullptr);
  EXPECT_EQ(t.checks.partitions.newest("orders", 0).state->isr, (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(t.checks.partitions.newest("orders", 0).is_newest);
  t.takes_office("c2", 5);
  EXPECT_FALSE(t.checks.partitions.newest("orders", 0).is_newest) << "the other may know better";
  t.changes("c2", 4, 6, 2, "replicas=1,2,3 isr=2");
  EXPECT_TRUE(t.checks.partitions.newest("orders", 0).is_newest);
  t.tell("c2", {.kind = FactKind::controller_resigned, .epoch = 5});
  EXPECT_FALSE(t.checks.partitions.newest("orders", 0).is_newest);
}

TEST(Settled, IsWhoRunsAndIsRegisteredInThisLife) {
  Telling t;
  EXPECT_FALSE(t.checks.partitions.is_settled(1));
  t.starts("b1");
  EXPECT_FALSE(t.checks.partitions.is_settled(1));
  t.about_broker("c1", FactKind::broker_registered, 1, "first");
  EXPECT_TRUE(t.checks.partitions.is_settled(1));
  t.dies("b1");
  EXPECT_FALSE(t.checks.partitions.is_settled(1));
  t.starts("b1");
  EXPECT_FALSE(t.checks.partitions.is_settled(1)) << "registered in its former life";
}

}  // namespace
}  // namespace weir::test
