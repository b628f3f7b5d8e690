// progress.produce, .consume and .controller: who waited too long after the last fault.
#include "cluster_run.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using W = VerdictWord;

class ProgressVerdict : public ::testing::Test {
 protected:
  void heals() { run.tell("world", {.kind = FactKind::healed}); }
  void client(std::string_view name, FactKind kind, std::int64_t value = 0) {
    run.says(name, kind, value);
  }
  // The world goes on for so long.
  void passes(Duration time) {
    run.wait(time);
    run.tell("world", {.kind = FactKind::log_rolled, .topic = "other"});
  }
  ClusterRun run;
};

TEST_F(ProgressVerdict, OfAProducerIsAnAckWithinTheLimit) {
  heals();
  client("P1", FactKind::send_invoked);
  passes(milliseconds(900));
  client("P1", FactKind::send_acknowledged);
  const Verdict v = run.judged("progress.produce");
  EXPECT_EQ(v.word, W::holds);
  EXPECT_EQ(v.text, "first ack 903.000 ms after heal (limit 2.000 s)");
}

TEST_F(ProgressVerdict, OfAProducerIsBrokenByALateAckOrNone) {
  heals();
  client("P1", FactKind::send_invoked);
  passes(seconds(3));
  EXPECT_EQ(run.judged("progress.produce").word, W::violated);
  client("P1", FactKind::send_acknowledged);
  const Verdict v = run.judged("progress.produce");
  EXPECT_EQ(v.word, W::violated);
  EXPECT_EQ(arguments(v),
            (Lines{"P1: first ack 3.003 s after heal, asked for at 1.000 ms (limit 2.000 s)"}));
}

TEST_F(ProgressVerdict, OfEachProducerAlone) {
  heals();
  client("P1", FactKind::send_invoked);
  client("P2", FactKind::send_invoked);
  client("P1", FactKind::send_acknowledged);
  passes(seconds(3));
  const Verdict v = run.judged("progress.produce");
  EXPECT_EQ(v.word, W::violated);
  EXPECT_EQ(v.text,
            "no ack within 3.002 s after the first send behind the last fault (limit 2.000 s) (P2, "
            "the slowest of 2 producers)");
}

// A send that failed asks for nothing more; one that is still open when the run ends is not known.
TEST_F(ProgressVerdict, OfAProducerWhoAsksNoMoreIsNotDemanded) {
  heals();
  client("P1", FactKind::send_invoked);
  client("P1", FactKind::send_failed);
  passes(seconds(3));
  EXPECT_NE(run.judged("progress.produce").word, W::violated);
  ClusterRun died;
  died.tell("world", {.kind = FactKind::healed});
  died.says("P1", FactKind::send_invoked, 0);
  died.dies("P1");
  died.wait(seconds(3));
  died.starts("b1");
  EXPECT_NE(died.judged("progress.produce").word, W::violated);
}

TEST_F(ProgressVerdict, OfAProducerIsUnknownWhereTheRunEndsBeforeTheLimit) {
  heals();
  client("P1", FactKind::send_invoked);
  passes(seconds(1));
  EXPECT_EQ(run.judged("progress.produce").word, W::unknown);
}

class ReaderVerdict : public ProgressVerdict {
 protected:
  // Two records are acknowledged; C1 reads the first.
  ReaderVerdict() {
    run.summary.clients.push_back({"C1", false, true, {}, false});
    run.sends("P1:0", 0);
    run.sends("P1:1", 1);
    run.holds("b1", {record(0, 0, 7, "P1:0"), record(1, 0, 7, "P1:1")});
    heals();
    poll();
    Fact got = run.of(FactKind::poll_record);
    got.record = "P1:0";
    got.digest = 7;
    run.tell("C1", got);
    client("C1", FactKind::poll_completed);
  }
  void poll() { client("C1", FactKind::poll_invoked); }
};

TEST_F(ReaderVerdict, IsBrokenByPollsThatMissWhatIsThere) {
  for (int i = 0; i < 4; ++i) {
    poll();
    run.wait(milliseconds(800));
    client("C1", FactKind::poll_completed);
  }
  const Verdict v = run.judged("progress.consume");
  EXPECT_EQ(v.word, W::violated);
  EXPECT_EQ(arguments(v), (Lines{"C1: no record within 3.209 s of polling, though there was one "
                                 "(limit 2.000 s)"}));
}

TEST_F(ReaderVerdict, IsBrokenByAPollThatNeverEnds) {
  poll();
  passes(seconds(3));
  EXPECT_EQ(run.judged("progress.consume").word, W::violated);
}

TEST_F(ReaderVerdict, HoldsWhereNothingWasMissed) {
  Fact got = run.of(FactKind::poll_record);
  got.value = 1;
  got.record = "P1:1";
  got.digest = 7;
  run.tell("C1", got);
  poll();
  passes(seconds(3));
  EXPECT_EQ(run.judged("progress.consume").word, W::holds);
}

TEST_F(ReaderVerdict, HoldsForWhoPausesOrDies) {
  passes(seconds(3));
  EXPECT_EQ(run.judged("progress.consume").word, W::holds) << "it polls no more";
  for (int i = 0; i < 3; ++i) {
    poll();
    client("C1", FactKind::poll_completed);
    passes(seconds(3));
  }
  EXPECT_EQ(run.judged("progress.consume").word, W::holds) << "it is busy elsewhere";
  poll();
  run.dies("C1");
  passes(seconds(9));
  EXPECT_EQ(run.judged("progress.consume").word, W::holds);
  ClusterRun brief;
  brief.sends("P1:0", 0);
  brief.holds("b1", {record(0, 0, 7, "P1:0")});
  brief.tell("world", {.kind = FactKind::healed});
  brief.says("C1", FactKind::consumer_seek, 0);
  brief.says("C1", FactKind::poll_invoked, 0);
  brief.dies("C1");
  brief.wait(seconds(9));
  brief.starts("b1");
  EXPECT_NE(brief.judged("progress.consume").word, W::violated);
}

// It had read all there was and polled on; then it sought back.
TEST_F(ReaderVerdict, WaitsFromWhenThePositionWasMoved) {
  Fact got = run.of(FactKind::poll_record);
  got.value = 1;
  got.record = "P1:1";
  got.digest = 7;
  poll();
  run.tell("C1", got);
  passes(seconds(3));
  client("C1", FactKind::consumer_seek, 0);
  passes(seconds(1));
  EXPECT_EQ(run.judged("progress.consume").word, W::holds);
  passes(seconds(2));
  EXPECT_EQ(run.judged("progress.consume").word, W::violated);
}

TEST_F(ReaderVerdict, WaitsFromWhenTheRecordWasThere) {
  passes(seconds(3));
  // Only now is there a third; the second is read.
  Fact got = run.of(FactKind::poll_record);
  got.value = 1;
  got.record = "P1:1";
  got.digest = 7;
  poll();
  run.tell("C1", got);
  run.sends("P1:2", 2);
  run.logs[0].records.push_back(record(2, 0, 7, "P1:2"));
  passes(seconds(1));
  EXPECT_EQ(run.judged("progress.consume").word, W::holds);
  passes(seconds(2));
  EXPECT_EQ(run.judged("progress.consume").word, W::violated);
}

// What was not acknowledged may never have been shown; and whose position nobody told proves
// nothing.
TEST_F(ReaderVerdict, WantsAcknowledgedRecordsAtAKnownPosition) {
  run.logs[0].records.pop_back();
  run.logs[0].records.push_back(record(1, 0, 7, "P1:7"));
  poll();
  passes(seconds(3));
  EXPECT_EQ(run.judged("progress.consume").word, W::holds);
  ClusterRun unknown;
  unknown.sends("P1:0", 0);
  unknown.holds("b1", {record(0, 0, 7, "P1:0")});
  unknown.tell("world", {.kind = FactKind::healed});
  unknown.says("C1", FactKind::poll_invoked, 0);
  unknown.wait(seconds(3));
  unknown.starts("b1");
  EXPECT_NE(unknown.judged("progress.consume").word, W::violated);
}

TEST_F(ReaderVerdict, WantsTheDrainToReachEveryEnd) {
  run.summary.final_drain = true;
  run.logs[0].records.pop_back();
  poll();
  passes(seconds(3));
  EXPECT_EQ(run.judged("progress.consume").word, W::violated);
  run.summary.drain_complete = true;
  EXPECT_EQ(run.judged("progress.consume").word, W::holds);
}

TEST_F(ProgressVerdict, OfControllersIsOneInOfficeWithinTheLimit) {
  run.takes_office("c1", 1);
  heals();
  passes(seconds(9));
  const Verdict v = run.judged("progress.controller");
  EXPECT_EQ(v.word, W::holds);
  EXPECT_EQ(v.text, "1 term, a controller 0 ns after heal (limit 2.000 s)");
}

TEST_F(ProgressVerdict, OfControllersIsBrokenByALateOneOrNone) {
  run.takes_office("c1", 1);
  run.dies("c1");
  heals();
  passes(seconds(1));
  EXPECT_EQ(run.judged("progress.controller").word, W::unknown) << "the run ends too soon";
  passes(seconds(2));
  const Verdict none = run.judged("progress.controller");
  EXPECT_EQ(none.word, W::violated);
  EXPECT_EQ(none.text, "no controller within 3.002 s after heal (limit 2.000 s)");
  run.takes_office("c2", 2);
  EXPECT_EQ(run.judged("progress.controller").word, W::violated) << "too late";
}

TEST_F(ProgressVerdict, OfControllersIsBrokenByOneThatLeavesForGood) {
  run.takes_office("c1", 1);
  heals();
  run.tell("c1", {.kind = FactKind::controller_resigned, .epoch = 1});
  passes(seconds(1));
  EXPECT_EQ(run.judged("progress.controller").word, W::holds) << "a moment without one";
  passes(seconds(2));
  const Verdict v = run.judged("progress.controller");
  EXPECT_EQ(v.word, W::violated);
  EXPECT_EQ(v.text, "no controller since 1.000 ms after heal (limit 2.000 s)");
  run.takes_office("c2", 2);
  EXPECT_EQ(run.judged("progress.controller").word, W::holds);
}

}  // namespace
}  // namespace weir::test
