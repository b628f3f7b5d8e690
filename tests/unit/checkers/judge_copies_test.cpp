// Which of the logs read back count, and which must be complete.
#include "cluster_run.h"

namespace weir::test {
namespace {

class CopiesTest : public ::testing::Test {
 protected:
  using Nodes = std::vector<std::string>;
  struct Look {
    Nodes holders;
    bool each = true;
    std::string reference;
  };
  Look look() {
    const judging::Shelf shelf(run.logs);
    const judging::Copies copies({run.checks, run.logs, run.summary}, shelf);
    Look seen;
    const auto& holders = copies.holders("orders", 0);
    for (const std::uint32_t log : holders.logs) seen.holders.push_back(run.logs[log].node);
    seen.each = holders.each;
    const ReadbackLog* reference = copies.reference("orders", 0);
    if (reference != nullptr) seen.reference = reference->node;
    return seen;
  }
  void three_logs() {
    run.holds("b1", {record(0)});
    run.holds("b2", {record(0), record(1)});
    run.holds("b3", {record(0), record(1, 1)});
  }
  ClusterRun run;
};

TEST_F(CopiesTest, AreAllLogsOfABrokerThatStandsAlone) {
  run.holds("b1", {record(0)});
  EXPECT_EQ(look().holders, Nodes{"b1"});
  EXPECT_TRUE(look().each);
  EXPECT_EQ(look().reference, "b1");
}

TEST_F(CopiesTest, OfTheIsrMustEachBeComplete) {
  run.stands("replicas=1,2,3 isr=1,2");
  three_logs();
  EXPECT_EQ(look().holders, (Nodes{"b1", "b2"}));
  EXPECT_TRUE(look().each);
  EXPECT_EQ(look().reference, "b1") << "the leader's";
}

TEST_F(CopiesTest, OfWhomNobodyKnowsMustOneBeComplete) {
  run.stands("replicas=1,2,3 isr=1,2");
  three_logs();
  run.takes_office("c2", 2);
  EXPECT_EQ(look().holders, (Nodes{"b1", "b2", "b3"}));
  EXPECT_FALSE(look().each);
  EXPECT_EQ(look().reference, "b3") << "of the newest epoch, not the first";
}

TEST_F(CopiesTest, OfABrokerThatIsDownOrNotRegisteredAnewAreNotDemanded) {
  run.stands("replicas=1,2,3 isr=1,2");
  three_logs();
  run.dies("b2");
  EXPECT_EQ(look().holders, Nodes{"b1"});
  run.starts("b2");
  EXPECT_EQ(look().holders, Nodes{"b1"});
  run.about_broker("c1", FactKind::broker_registered, 2, "clean");
  EXPECT_EQ(look().holders, (Nodes{"b1", "b2"}));
}

TEST_F(CopiesTest, WithoutALeaderAreReadFromTheLogThatReachesFurthest) {
  run.stands("replicas=1,2,3 isr=1", -1);
  run.holds("b1", {record(0)});
  run.holds("b2", {record(0), record(1)});
  EXPECT_EQ(look().reference, "b2");
}

TEST_F(CopiesTest, OfTheMetadataReadBackGoBeforeWhatWasTold) {
  run.stands("replicas=1,2,3 isr=1,2");
  three_logs();
  run.summary.partitions.push_back({"orders", 0, "b3", {"b3"}});
  EXPECT_EQ(look().holders, Nodes{"b3"});
  EXPECT_EQ(look().reference, "b3");
  run.summary.partitions[0] = {"orders", 0, "", {}};
  EXPECT_FALSE(look().each);
}

TEST_F(CopiesTest, OfTheMetadataLogAreNone) {
  run.topic = "__cluster_metadata";
  run.holds("c1", {record(0)});
  EXPECT_EQ(look().reference, "");
  EXPECT_TRUE(look().holders.empty());
}

// And what durability.acked makes of it; a run is judged once.
TEST_F(CopiesTest, DecideWhatIsLost) {
  const auto judged = [](const auto& then) {
    ClusterRun of;
    of.stands("replicas=1,2,3 isr=1,2");
    of.sends("P1:0", 0);
    of.holds("b1", {record(0, 0, 7, "P1:0")});
    of.holds("b2", {});
    of.holds("b3", {});
    then(of);
    return of.judged("durability.acked");
  };
  const auto shrinks = [](ClusterRun& of) { of.changes("c1", 1, 0, 1, "replicas=1,2,3 isr=1"); };
  const auto forgets = [&](ClusterRun& of) {
    shrinks(of);
    of.takes_office("c2", 2);
  };
  const Verdict lost = judged([](ClusterRun&) {});
  EXPECT_EQ(lost.word, VerdictWord::violated) << "b2 is in sync";
  ASSERT_EQ(lost.violations.size(), 1u);
  EXPECT_EQ(lost.violations[0].argument.back(), "at the end it is not in the log of b2");
  EXPECT_EQ(judged(shrinks).word, VerdictWord::holds) << "b2 no longer is";
  EXPECT_EQ(judged(forgets).word, VerdictWord::holds) << "one copy is enough";
  const Verdict gone = judged([&](ClusterRun& of) {
    forgets(of);
    of.logs[0].records.clear();
  });
  EXPECT_EQ(gone.word, VerdictWord::violated);
}

TEST_F(CopiesTest, ALeaderWithoutWhatWasShownIsALossAtOnce) {
  run.stands("replicas=1,2,3 isr=1,2");
  run.leads("b1", 0);
  run.appends("b1", 0, 4);
  run.shows("b1", 5);
  run.sends("P1:0", 0);
  for (const char* node : {"b1", "b2", "b3"}) run.holds(node, {record(0, 0, 7, "P1:0")});
  run.leads("b2", 1, 3);
  const Verdict v = run.judged("durability.acked");
  EXPECT_EQ(v.word, VerdictWord::violated);
  EXPECT_NE(v.text.find("1 new leader lacks what was shown before"), std::string::npos) << v.text;
  run.summary.topics[0].config["unclean.leader.election.enable"] = "true";
  EXPECT_EQ(run.judged("durability.acked").word, VerdictWord::not_promised);
}

}  // namespace
}  // namespace weir::test
