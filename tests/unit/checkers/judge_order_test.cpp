// What the judges say of the order of a log, and of what readers were given.
#include <gtest/gtest.h>

#include "checkers/checkers.h"
#include "tests/unit/checkers/small_run.h"

namespace weir {
namespace {

TEST(Order, IsReadFromTheLog) {
  SmallRun run;
  run.invoke(0);
  run.invoke(1);
  run.append(1);
  run.append(0);
  run.acknowledge(1, 0);
  run.acknowledge(0, 1);
  const Verdict v = run.judged("order.partition");
  EXPECT_EQ(v.word, VerdictWord::violated);
  EXPECT_EQ(v.violations[0].record, "orders-0@1");
}

TEST(Order, LetsAnUnknownRecordLandLate) {
  SmallRun run;
  run.summary.clients[0].config["enable.idempotence"] = "false";
  run.summary.clients[0].config["max.in.flight.requests.per.connection"] = "1";
  run.invoke(0);
  run.fact("P1",
           SmallRun::on_log({.kind = FactKind::send_unknown, .operation = 0, .record = "P1:0"}));
  run.send(1);
  run.append(0);
  EXPECT_NE(run.judged("order.partition").word, VerdictWord::violated);
}

// P1:0 is acknowledged at 0 and lost with its leader; its first attempt lands behind P1:1.
SmallRun late_attempt(const std::string& acks, const std::string& in_flight = "5") {
  SmallRun run;
  run.summary.topics[0].replicas = 3;
  run.summary.clients[0].config = {{"acks", acks},
                                   {"enable.idempotence", "false"},
                                   {"max.in.flight.requests.per.connection", in_flight}};
  run.summary.clients.push_back({"P2", true, false, {{"enable.idempotence", "true"}}, false});
  run.invoke(0);
  run.attempt(0, 1);
  run.attempt(0, 2);
  run.acknowledge(0, 0);
  run.send(1);
  run.append(0);
  return run;
}

TEST(Order, BindsWhatAllAcknowledgedAndNoLateAttemptOfWhatALeaderAloneDid) {
  EXPECT_EQ(late_attempt("all").judged("order.partition").word, VerdictWord::violated);
  EXPECT_NE(late_attempt("1").judged("order.partition").word, VerdictWord::violated);
  EXPECT_EQ(late_attempt("all", "1").judged("order.partition").word, VerdictWord::violated);
  EXPECT_NE(late_attempt("1", "1").judged("order.partition").word, VerdictWord::violated);
}

// P1:0 and P1:1 are stored twice without idempotence, and the first of the four is deleted.
TEST(Order, IsNotReadFromAnAttemptWhoseFirstWasDeleted) {
  for (const bool deleted : {true, false}) {
    SmallRun run;
    run.summary.clients[0].config = {{"acks", "all"},
                                     {"enable.idempotence", "false"},
                                     {"max.in.flight.requests.per.connection", "1"}};
    run.invoke(0);
    run.invoke(1);
    if (deleted) {
      run.append(0);
      run.log.records.clear();
      run.log.log_start = 1;
      run.fact("b1", SmallRun::on_log({.kind = FactKind::log_start_advanced, .value = 1}));
    }
    run.append(1);
    run.append(0);
    run.append(1);
    run.acknowledge(0, run.log.log_end - 2);
    run.acknowledge(1, run.log.log_end - 1);
    EXPECT_EQ(run.judged("order.partition").word == VerdictWord::violated, !deleted);
  }
}

TEST(Visibility, EndsAtTheHighWatermark) {
  SmallRun run;
  run.send(0);
  run.fact("b1", SmallRun::on_log({.kind = FactKind::hw_advanced, .value = 1}));
  run.fact("b1", SmallRun::on_log({.kind = FactKind::records_served, .value = 1, .digest = 1}));
  EXPECT_EQ(run.checks.served.breaches, 0);
  run.fact("b1", SmallRun::on_log({.kind = FactKind::records_served, .value = 2, .digest = 1}));
  run.fact("b1", SmallRun::on_log({.kind = FactKind::records_served, .value = 2, .digest = 2}));
  EXPECT_EQ(run.checks.served.breaches, 2);
  EXPECT_EQ(run.judged("read.visibility").word, VerdictWord::violated);
}

TEST(Visibility, WantsEveryRecordAsItWasSent) {
  struct Case {
    const char* id;
    std::uint64_t digest;
    std::int64_t breaches;
  };
  for (const Case& c : {Case{"P1:0", SmallRun::digest(0), 0}, Case{"P1:0", 99, 1},
                        Case{"P9:0", 1, 1}, Case{"", 99, 0}}) {
    SmallRun run;
    run.send(0);
    run.fact("C1",
             SmallRun::on_log({.kind = FactKind::poll_record, .digest = c.digest, .record = c.id}));
    EXPECT_EQ(run.checks.polled.breaches, c.breaches) << c.id;
  }
}

}  // namespace
}  // namespace weir
