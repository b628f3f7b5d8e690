// The verdicts of a cluster's guarantees: what was watched, with what only the configuration tells.
#include "cluster_run.h"

namespace weir::test {
namespace {

using W = VerdictWord;

TEST(ClusterVerdicts, AreNotExercisedWhereNothingWasTold) {
  ClusterRun run;
  for (const char* id :
       {"log.agreement", "epoch.single-leader", "hw.monotonic", "controller.metadata",
        "controller.isr", "controller.election", "progress.controller", "progress.replicate"}) {
    const Verdict v = run.judged(id);
    EXPECT_EQ(v.word, W::not_exercised) << id;
    EXPECT_TRUE(v.promised) << id;
  }
}

TEST(ClusterVerdicts, AreLeftOutWhereABrokerStandsAlone) {
  ClusterRun run;
  run.summary.cluster = false;
  for (const Verdict& v : run.judged()) {
    EXPECT_FALSE(v.id.starts_with("controller.") || v.id == "log.agreement" ||
                 v.id == "progress.controller" || v.id == "progress.replicate" ||
                 v.id == "epoch.single-leader" || v.id == "hw.monotonic")
        << v.id;
  }
}

TEST(ClusterVerdicts, CountWhatTheyLookedAt) {
  ClusterRun run;
  run.stands("replicas=1,2,3 isr=1,2,3");
  run.leads("b1", 0);
  for (const char* node : {"b2", "b3"}) run.follows(node, 0, 1);
  for (const char* node : {"b1", "b2", "b3"}) run.appends(node, 0, 4);
  run.shows("b1", 5);
  for (const char* node : {"b1", "b2", "b3"}) run.holds(node, {record(0), record(1)});
  run.votes("c1", 1, 101);
  run.moves("c1", 1, candidate, leader);
  run.changes("c1", 1, 1, 2, "replicas=1,2,3 isr=2,3");
  EXPECT_EQ(run.judged("log.agreement").text,
            "3 batches compared when appended, 6 records at the end, 0 differences");
  EXPECT_EQ(run.judged("epoch.single-leader").text,
            "1 term of office, 1 step of the quorum, 1 vote");
  EXPECT_EQ(run.judged("hw.monotonic").text, "1 step, 0 breaches");
  EXPECT_EQ(run.judged("controller.isr").text, "2 states of partitions, 0 breaches");
  EXPECT_EQ(run.judged("controller.election").text, "1 election, 0 unclean, 0 illegal");
  for (const Verdict& v : run.judged()) EXPECT_NE(v.word, W::violated) << v.id;
}

TEST(AgreementVerdict, IsBrokenByWhatWasSeenOnline) {
  ClusterRun run;
  run.appends("b1", 0, 4, 3, 1);
  const std::int64_t other = run.appends("b2", 0, 4, 3, 2);
  const Verdict v = run.judged("log.agreement");
  EXPECT_EQ(v.word, W::violated);
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_EQ(v.violations[0].record, "orders-0@0");
  EXPECT_EQ(v.violations[0].made, 1);
  EXPECT_EQ(v.violations[0].broken, other);
  // Replicas of a compacted topic clean on their own.
  run.summary.topics[0].config["cleanup.policy"] = "compact,delete";
  EXPECT_NE(run.judged("log.agreement").word, W::violated);
}

TEST(AgreementVerdict, IsNotPromisedByADiskThatLies) {
  for (const char* kind : {"bit_rot", "misdirected", "kill", "power_loss"}) {
    ClusterRun run;
    run.appends("b1", 0, 4, 3, 1);
    run.appends("b2", 0, 4, 3, 2);
    run.strikes(kind, "b2");
    const bool lies = std::string(kind) != "kill" && std::string(kind) != "power_loss";
    EXPECT_EQ(run.judged("log.agreement").word, lies ? W::not_promised : W::violated) << kind;
  }
}

TEST(AgreementVerdict, ReadsTheLogsRecordByRecord) {
  ClusterRun run;
  run.holds("b1", {record(0, 1), record(1, 1), record(2, 1, 8)});
  run.holds("b2", {record(0, 1), record(1, 1), record(2, 1, 9)});
  const Verdict v = run.judged("log.agreement");
  EXPECT_EQ(v.word, W::violated);
  EXPECT_EQ(arguments(v), (Lines{"orders-0@2: at the end the logs of b1 and b2 have different "
                                 "records of leader epoch 1 at offset 2"}));
}

// Above what was shown a replica may hold what was never committed, or nothing yet.
TEST(AgreementVerdict, LetsLogsPartAboveWhatWasShown) {
  ClusterRun run;
  run.stands("replicas=1,2,3 isr=1,2");
  run.leads("b1", 0);
  run.appends("b1", 0, 0);
  run.shows("b1", 1);
  run.holds("b1", {record(0), record(1, 2, 8), record(2, 2)});
  run.holds("b2", {record(0), record(1, 1, 9)});
  run.holds("b3", {});
  EXPECT_EQ(run.judged("log.agreement").word, W::holds);
}

// Below it every member of the ISR holds the same.
class ShownRecords : public ::testing::Test {
 protected:
  ShownRecords() {
    run.stands("replicas=1,2,3 isr=1,2");
    run.leads("b1", 0);
    run.appends("b1", 0, 1);
    run.appends("b2", 0, 1);
    run.shows("b1", 2);
    run.holds("b1", {record(0), record(1)});
  }
  ClusterRun run;
};

TEST_F(ShownRecords, AreOnEachMemberOfTheIsr) {
  run.holds("b2", {record(0)});
  const Verdict v = run.judged("log.agreement");
  EXPECT_EQ(v.word, W::violated);
  EXPECT_EQ(arguments(v), (Lines{"orders-0@1: at the end the logs of b1 and b2 differ: only one "
                                 "has a record at offset 1"}));
}

TEST_F(ShownRecords, AreOfOneLeaderEpoch) {
  run.holds("b2", {record(0), record(1, 3)});
  EXPECT_EQ(arguments(run.judged("log.agreement")),
            (Lines{"orders-0@1: at the end the logs of b1 and b2 have records of different leader "
                   "epochs at offset 1"}));
}

TEST_F(ShownRecords, MayBeMissingElsewhere) {
  run.holds("b3", {record(0)});
  EXPECT_EQ(run.judged("log.agreement").word, W::holds) << "it is out of sync";
}

TEST_F(ShownRecords, MayBeMissingBelowALogStartOrInADamagedLog) {
  ReadbackLog& trimmed = run.holds("b2", {record(1)});
  trimmed.log_start = 1;
  EXPECT_EQ(run.judged("log.agreement").word, W::holds);
  run.logs[1] = run.logs[0];
  run.logs[1].node = "b2";
  run.logs[1].records.pop_back();
  run.logs[1].damage = "a batch at byte 99 has a wrong checksum";
  EXPECT_EQ(run.judged("log.agreement").word, W::holds) << "durability says what is lost";
}

TEST_F(ShownRecords, MayBeMissingOnWhomNobodyKnowsToBeInSync) {
  run.holds("b2", {record(0)});
  run.dies("b2");
  run.starts("b2");
  EXPECT_EQ(run.judged("log.agreement").word, W::holds) << "the metadata know its former life";
  run.about_broker("c1", FactKind::broker_registered, 2, "unclean");
  EXPECT_EQ(run.judged("log.agreement").word, W::violated);
  run.takes_office("c2", 2);
  EXPECT_EQ(run.judged("log.agreement").word, W::holds) << "the next controller may know better";
}

TEST_F(ShownRecords, MayBeMissingWhereNothingIsPromised) {
  run.holds("b2", {record(0)});
  run.summary.topics[0].config["unclean.leader.election.enable"] = "true";
  EXPECT_EQ(run.judged("log.agreement").word, W::holds);
}

TEST_F(ShownRecords, MayBeMissingWhereALogIsCompacted) {
  run.holds("b2", {record(1)});
  EXPECT_EQ(run.judged("log.agreement").word, W::violated);
  run.summary.topics[0].config["cleanup.policy"] = "compact";
  EXPECT_EQ(run.judged("log.agreement").word, W::holds);
}

TEST(AgreementVerdict, IsBrokenByALogShorterThanSynced) {
  ClusterRun run;
  run.leads("b1", 1);
  run.appends("b1", 0, 4, 1);
  run.appends("b1", 5, 9, 1);
  run.synced("b1", 10);
  run.dies("b1");
  run.opens("b1", 5);
  run.holds("b1", {record(0, 1)});
  const Verdict v = run.judged("log.agreement");
  EXPECT_NE(v.word, W::holds);
  EXPECT_EQ(v.text,
            "0 batches compared when appended, 0 records at the end, 0 differences, 1 log shorter "
            "than synced");
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_EQ(v.violations[0].record, "orders-0@5");
}

TEST(SingleLeaderVerdict, IsBrokenByPartitionsAndByTheQuorum) {
  ClusterRun partitions;
  partitions.leads("b1", 3);
  partitions.leads("b2", 3);
  EXPECT_EQ(partitions.judged("epoch.single-leader").word, W::violated);
  ClusterRun quorum;
  quorum.votes("c1", 4, 102);
  quorum.votes("c1", 4, 103);
  quorum.moves("c1", 4, unattached, follower);
  const Verdict v = quorum.judged("epoch.single-leader");
  EXPECT_EQ(v.word, W::violated);
  EXPECT_EQ(v.violations.at(0).argument.at(0),
            "c1 voted for 103 in epoch 4, after it had voted for 102, event #2");
}

// B4: unless a disk lied or was wiped, who leads the quorum has all that was committed.
TEST(SingleLeaderVerdict, WantsCompleteLeadersOfTheQuorum) {
  for (const char* fault : {"", "kill", "wipe", "bit_rot"}) {
    ClusterRun run;
    run.topic = "__cluster_metadata";
    run.appends("c1", 0, 9, 1);
    run.appends("c2", 0, 9, 1);
    run.shows("c1", 10, 1);
    run.appends("c3", 0, 4, 1);
    run.moves("c3", 2, candidate, leader, "103");
    if (*fault != 0) run.strikes(fault, "c2");
    const bool excused = std::string(fault) == "wipe" || std::string(fault) == "bit_rot";
    EXPECT_EQ(run.judged("epoch.single-leader").word, excused ? W::holds : W::violated) << fault;
  }
}

TEST(WatermarkVerdict, IsBrokenByAStepBackAndByTooFewCopies) {
  ClusterRun back;
  back.leads("b1", 1);
  back.shows("b1", 8, 1);
  back.shows("b1", 7, 1);
  EXPECT_EQ(back.judged("hw.monotonic").word, W::violated);
  for (const char* wanted : {"1", "2"}) {
    ClusterRun run;
    run.summary.topics[0].config["min.insync.replicas"] = wanted;
    run.changes("c1", 0, 1, 1, "replicas=1,2,3 isr=1");
    run.leads("b1", 1);
    run.appends("b1", 0, 9, 1);
    const std::int64_t moved = run.shows("b1", 10, 1);
    const Verdict v = run.judged("hw.monotonic");
    EXPECT_EQ(v.word, std::string(wanted) == "1" ? W::holds : W::violated);
    if (v.word == W::holds) continue;
    ASSERT_EQ(v.violations.size(), 1u);
    EXPECT_EQ(v.violations[0].broken, moved);
    EXPECT_EQ(v.violations[0].argument[0],
              "the high watermark of orders-0 went to 10 on b1 while 1 log reached that far; "
              "min.insync.replicas is 2, event #" +
                  std::to_string(moved));
  }
}

// min.insync.replicas above the number of replicas is that number.
TEST(WatermarkVerdict, CountsNoMoreCopiesThanThereAreReplicas) {
  ClusterRun run;
  run.summary.topics[0].config["min.insync.replicas"] = "3";
  run.changes("c1", 0, 1, 1, "replicas=1,2 isr=1,2");
  run.leads("b1", 1);
  run.appends("b1", 0, 9, 1);
  run.appends("b2", 0, 9, 1);
  run.shows("b1", 10, 1);
  EXPECT_EQ(run.judged("hw.monotonic").word, W::holds);
}

TEST(MetadataVerdict, IsBrokenByTwoImagesOfOneOffset) {
  ClusterRun run;
  run.topic = "__cluster_metadata";
  run.appends("c1", 0, 16, 1);
  run.shows("c1", 17, 1);
  run.tell("c1", {.kind = FactKind::metadata_applied, .value = 17, .digest = 5});
  EXPECT_EQ(run.judged("controller.metadata").word, W::holds);
  run.tell("b1", {.kind = FactKind::metadata_applied, .value = 17, .digest = 6});
  EXPECT_EQ(run.judged("controller.metadata").word, W::violated);
  EXPECT_EQ(run.judged("controller.metadata").text, "2 images, 1 difference");
  run.strikes("bit_rot", "c2");
  EXPECT_EQ(run.judged("controller.metadata").word, W::not_promised);
}

TEST(IsrVerdict, IsBrokenByStatesAndByEligibleReplicasBesideAFullIsr) {
  ClusterRun state;
  state.changes("c1", 0, 0, 3, "replicas=1,2,3 isr=1,2");
  EXPECT_EQ(state.judged("controller.isr").word, W::violated);
  for (const char* isr : {"isr=1 elr=2,3", "isr=1,2 elr=3"}) {
    ClusterRun run;
    run.changes("c1", 0, 0, 1, std::string("replicas=1,2,3 ") + isr);
    const bool full = std::string(isr) != "isr=1 elr=2,3";
    const Verdict v = run.judged("controller.isr");
    EXPECT_EQ(v.word, full ? W::violated : W::holds) << isr;
    if (full) {
      EXPECT_EQ(arguments(v),
                (Lines{"orders: orders-0 has eligible replicas beside the ISR: replicas=1,2,3 "
                       "isr=1,2 elr=3; min.insync.replicas is 2, event #1"}));
    }
  }
}

TEST(ElectionVerdict, AllowsUncleanElectionsWhereTheyAreEnabled) {
  for (const char* enabled : {"true", "false"}) {
    ClusterRun run;
    run.summary.topics[0].config["unclean.leader.election.enable"] = enabled;
    run.changes("c1", 3, 5, 1, "replicas=1,2,3 isr=1");
    run.changes("c1", 4, 6, 3, "replicas=1,2,3 isr=3", "unclean election");
    const Verdict v = run.judged("controller.election");
    const bool legal = std::string(enabled) == "true";
    EXPECT_EQ(v.word, legal ? W::holds : W::violated);
    EXPECT_EQ(v.text,
              legal ? "1 election, 1 unclean, 0 illegal" : "1 election, 0 unclean, 1 illegal");
    EXPECT_EQ(v.violations.size(), legal ? 0u : 1u);
  }
}

}  // namespace
}  // namespace weir::test
