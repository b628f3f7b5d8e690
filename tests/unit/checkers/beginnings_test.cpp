// Where readers begin: nobody is believed who says where a log begins, the run tells it.
#include "cluster_run.h"

namespace weir::test {
namespace {

class BeginningsTest : public ::testing::Test {
 protected:
  BeginningsTest() {
    run.stands("replicas=1,2,3 isr=1,2");
    for (const std::int64_t n : {0, 1}) run.sends("P1:" + std::to_string(n), n);
    for (const char* node : {"b1", "b2"}) {
      run.holds(node, {record(0, 0, 7, "P1:0"), record(1, 0, 7, "P1:1")});
    }
  }
  void reads_all() {
    run.tell("C1", run.of(FactKind::poll_invoked));
    for (const std::int64_t n : {0, 1}) {
      Fact f = run.of(FactKind::poll_record);
      const std::string id = "P1:" + std::to_string(n);
      f.record = id;
      f.value = n;
      f.digest = 7;
      run.tell("C1", f);
    }
    run.tell("C1", run.of(FactKind::poll_completed));
  }
  void is_put(const char* node, std::int64_t at, const char* why) {
    Fact f = run.of(FactKind::position_reset);
    f.old = -1;
    f.value = at;
    f.why = why;
    run.tell(node, f);
  }
  Verdict delivery() { return run.judged("delivery.at-least-once"); }

  ClusterRun run;
};

TEST_F(BeginningsTest, WhoAsksForTheBeginningIsPutWhereTheLogBegins) {
  reads_all();
  is_put("C1", 0, "earliest: seek");
  EXPECT_EQ(delivery().word, VerdictWord::holds);
}

TEST_F(BeginningsTest, WhoIsPutBehindItPassesOverWhatLiesThere) {
  reads_all();
  is_put("C1", 2, "earliest: seek");
  const Verdict v = delivery();
  EXPECT_EQ(v.word, VerdictWord::violated);
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_NE(v.violations[0].argument[0].find(
                "asked for the beginning of orders-0, and was put at offset 2"),
            std::string::npos)
      << v.violations[0].argument[0];
  EXPECT_TRUE(v.violations[0].argument[0].ends_with("though the log begins at 0"));
}

TEST_F(BeginningsTest, ALogThatWasCleanedBeginsLater) {
  reads_all();
  run.leads("b1", 0);
  run.start_moves("b1", 2);
  is_put("C1", 2, "earliest: seek");
  is_put("C1", 1, "earliest: seek");  // by a leader that has not cleaned it yet
  EXPECT_EQ(delivery().word, VerdictWord::holds);
}

TEST_F(BeginningsTest, WhoAsksForTheEndPassesOverNothing) {
  reads_all();
  is_put("C1", 2, "latest: seek");
  EXPECT_EQ(delivery().word, VerdictWord::holds);
}

// A drain that was sent to the end has read nothing, whatever it was told.
TEST_F(BeginningsTest, ADrainThatBeginsTooLateMissesWhatItDidNotSee) {
  run.summary.final_drain = run.summary.drain_complete = true;
  is_put("drain", 2, "earliest: seek");
  const Verdict v = delivery();
  EXPECT_EQ(v.word, VerdictWord::violated);
  EXPECT_EQ(v.text, "2 records, 0 missing, 3 passed over");
}

}  // namespace
}  // namespace weir::test
