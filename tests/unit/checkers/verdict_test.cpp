// The judges: five words, their promises, their counts and addresses.
#include <gtest/gtest.h>

#include <algorithm>

#include "checkers/checkers.h"
#include "checkers/verdict_json.h"
#include "tests/unit/checkers/small_run.h"

namespace weir {
namespace {

TEST(Verdicts, HoldWhenNothingWentWrong) {
  SmallRun run;
  for (std::int64_t n = 0; n < 1200; ++n) run.send(n, static_cast<std::int32_t>(n));
  run.read_all();
  std::map<std::string, std::pair<VerdictWord, std::string>> words;
  for (const Verdict& v : run.judged()) words[v.id] = {v.word, v.text};
  using W = VerdictWord;
  EXPECT_EQ(words["durability.acked"].first, W::holds);
  EXPECT_EQ(words["durability.acked"].second,
            "1,200 acknowledged, all 1,200 on every surviving in-sync log");
  EXPECT_EQ(words["order.partition"],
            std::pair(W::holds, std::string("1,200 records, 0 inversions")));
  EXPECT_EQ(words["dup.idempotent"],
            std::pair(W::not_exercised, std::string("0 retries, 0 duplicates")));
  EXPECT_EQ(words["read.visibility"],
            std::pair(W::holds, std::string("1,200 reads, 0 above HW or LSO")));
  EXPECT_EQ(words["delivery.at-most-once"].first, W::holds);
  EXPECT_EQ(words["delivery.at-least-once"].first, W::holds);
  EXPECT_EQ(words["delivery.exactly-once"].first, W::holds);
  EXPECT_EQ(words["node.sound"].first, W::holds);
}

TEST(Durability, DoesNotLookForRecordsOfCompactedTopicsWhoseKeysAreNotTold) {
  SmallRun run;
  run.summary.topics[0].config["cleanup.policy"] = "compact";
  for (std::int64_t n = 0; n < 3; ++n) run.send(n);
  run.log.records.erase(run.log.records.begin());
  const Verdict v = run.judged("durability.acked");
  EXPECT_EQ(v.word, VerdictWord::not_exercised);
  EXPECT_TRUE(v.text.ends_with("(3 in compacted logs, their keys not told)")) << v.text;
}

TEST(Durability, IsViolatedByAnAcknowledgedRecordThatIsNotThere) {
  SmallRun run;
  for (std::int64_t n = 0; n < 3; ++n) run.send(n);
  run.log.records.pop_back();
  const Verdict v = run.judged("durability.acked");
  EXPECT_EQ(v.word, VerdictWord::violated);
  EXPECT_EQ(v.text, "1 of 3 acknowledged records is on no surviving log");
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_EQ(v.violations[0].record, "orders-0@2");
  EXPECT_EQ(v.violations[0].made, 14);
  EXPECT_NE(v.violations[0].argument[0].find("acknowledged to P1 at 14.000 ms, event #14"),
            std::string::npos)
      << v.violations[0].argument[0];
}

TEST(Durability, NamesTheTruncationThatLostARecord) {
  SmallRun run;
  for (std::int64_t n = 0; n < 3; ++n) run.send(n);
  const std::int64_t cut = run.fact(
      "b1", SmallRun::on_log(
                {.kind = FactKind::log_truncated, .old = 3, .value = 1, .why = "torn tail"}));
  run.log.records.resize(1);
  const Verdict v = run.judged("durability.acked");
  ASSERT_EQ(v.violations.size(), 2u);
  EXPECT_EQ(v.violations[0].broken, cut);
  EXPECT_NE(v.violations[0].argument[1].find("the log of b1 went from 3 to 1"), std::string::npos);
}

TEST(Durability, IsPromisedByOneCopyUnderAKillOrWithASyncBeforeTheAck) {
  struct Case {
    std::string acks, fault, flush;
    bool promised;
  };
  const std::vector<Case> cases = {
      {"all", "", "", true},
      {"all", "kill", "", true},
      {"all", "power_loss", "", false},
      {"all", "power_loss", "1", true},
      {"all", "bit_rot", "1", false},
      {"all", "misdirected", "1", false},
      {"1", "", "", false},
      {"0", "kill", "", false},
      {"all", "fail_sync", "", false},
      {"all", "fail_sync", "1", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.acks + " " + c.fault + " flush " + c.flush);
    SmallRun run;
    run.summary.clients[0].config["acks"] = c.acks;
    if (!c.flush.empty()) run.summary.topics[0].config["flush.messages"] = c.flush;
    if (!c.fault.empty()) run.summary.faults.push_back({c.fault, "b1", true, -1});
    run.send(0);
    run.log.records.clear();
    const Verdict v = run.judged("durability.acked");
    EXPECT_EQ(v.promised, c.promised);
    EXPECT_EQ(v.word, c.promised ? VerdictWord::violated : VerdictWord::not_promised);
    EXPECT_FALSE(v.because.empty());
    EXPECT_NE(v.text.find("1"), std::string::npos) << "counted all the same";
  }
}

TEST(Durability, CountsWhatAcksZeroLostAndClaimsAreHeldAgainstIt) {
  for (const bool claim : {false, true}) {
    SmallRun run;
    run.summary.clients[0].config["acks"] = "0";
    if (claim) run.summary.promise = {"durability.acked"};
    for (std::int64_t n = 0; n < 4; ++n) {
      run.invoke(n);
      run.acknowledge(n, -1);
      if (n % 2 == 0) run.append(n);
    }
    const Verdict v = run.judged("durability.acked");
    EXPECT_EQ(v.word, claim ? VerdictWord::violated : VerdictWord::not_promised);
    EXPECT_EQ(v.text, "2 of 4 sent with acks=0 are not there");
  }
}

TEST(Durability, IsNotExercisedWithoutAnAcknowledgement) {
  SmallRun run;
  run.invoke(0);
  EXPECT_EQ(run.judged("durability.acked").word, VerdictWord::not_exercised);
}

TEST(Durability, IsUnknownWhenTheRunWasCutShort) {
  SmallRun run;
  run.send(0);
  run.summary.limit = "50,000,000 events";
  EXPECT_EQ(run.judged("durability.acked").word, VerdictWord::unknown);
}

TEST(Duplicates, AreAViolationOfTheIdempotentAndACountOfTheOthers) {
  for (const bool idempotent : {true, false}) {
    SmallRun run;
    run.summary.clients[0].config["enable.idempotence"] = idempotent ? "true" : "false";
    run.invoke(0);
    run.attempt(0, 1);
    run.append(0);
    run.attempt(0, 2);
    run.append(0);
    run.acknowledge(0, 1);
    const std::vector<Verdict> all = run.judged();
    const Verdict& v = all[2];
    ASSERT_EQ(v.id, "dup.idempotent");
    EXPECT_EQ(v.word, idempotent ? VerdictWord::violated : VerdictWord::not_promised);
    EXPECT_EQ(v.text, "1 retry, 1 duplicate");
    ASSERT_EQ(v.violations.size(), 1u);
    EXPECT_EQ(v.violations[0].record, "orders-0@1");
    EXPECT_EQ(v.violations[0].argument[1], "stored at offsets 0, 1 in the log of b1");
    const auto once = std::find_if(all.begin(), all.end(), [](const Verdict& other) {
      return other.id == "delivery.at-most-once";
    });
    ASSERT_NE(once, all.end());
    EXPECT_EQ(once->promised, idempotent);
  }
}

TEST(Duplicates, AreSeenInSequencesThatComeAgainOrSkip) {
  for (const std::int32_t second : {0, 1, 2}) {
    SmallRun run;
    run.send(0, 0);
    run.send(1, second);
    EXPECT_EQ(run.checks.sequences.breaches, second == 1 ? 0 : 1) << second;
  }
}

TEST(Duplicates, ForgetTheSequencesOfWhatWasCutOff) {
  SmallRun run;
  run.send(0, 0);
  run.send(1, 1);
  run.fact("b1", SmallRun::on_log({.kind = FactKind::log_opened, .value = 1}));
  run.log.log_end = 1;
  run.log.records.resize(1);
  run.append(1, 1);
  EXPECT_EQ(run.checks.sequences.breaches, 0);
}

// A kill between the write and its fact: the batch is in the log, and nobody said so.
TEST(Duplicates, KnowThatABatchMayReachTheDiskUntold) {
  SmallRun run;
  run.send(0, 0);
  run.log.records.push_back({1, 0, 1, 0, 1, SmallRun::digest(1), "P1:1"});
  run.log.log_end = 2;
  run.fact("b1", SmallRun::on_log({.kind = FactKind::log_opened, .value = 2}));
  run.send(2, 2);
  EXPECT_EQ(run.checks.sequences.breaches, 0);
  EXPECT_NE(run.judged("dup.idempotent").word, VerdictWord::violated);
}

TEST(Duplicates, AreSeenInTheSequencesThatLieInTheLog) {
  for (const std::int32_t third : {1, 2, 3}) {
    SmallRun run;
    run.summary.clients[0].config["enable.idempotence"] = "true";
    run.send(0, 0);
    run.log.records.push_back({1, 0, 1, 0, 1, SmallRun::digest(1), "P1:1"});
    run.log.log_end = 2;
    run.fact("b1", SmallRun::on_log({.kind = FactKind::log_opened, .value = 2}));
    run.send(2, third);
    EXPECT_EQ(run.judged("dup.idempotent").word == VerdictWord::violated, third != 2) << third;
  }
}

TEST(Duplicates, HoldWhenARetryWasRecognised) {
  SmallRun run;
  run.invoke(0);
  run.attempt(0, 1);
  run.append(0, 0);
  run.attempt(0, 2);
  run.fact("b1",
           SmallRun::on_log({.kind = FactKind::append_deduplicated, .sequence = 0, .producer = 1}));
  run.acknowledge(0, 0);
  const Verdict v = run.judged("dup.idempotent");
  EXPECT_EQ(v.word, VerdictWord::holds);
  EXPECT_EQ(v.text, "1 retry, 0 duplicates");
}

TEST(Progress, IsDemandedAfterTheLastFault) {
  SmallRun quick;
  quick.fact("world", {.kind = FactKind::healed});
  quick.send(0);
  const Verdict held = quick.judged("progress.produce");
  EXPECT_EQ(held.word, VerdictWord::holds);
  EXPECT_EQ(held.text, "first ack 4.000 ms after heal (limit 2.000 s)");

  SmallRun idle;
  idle.send(0);
  idle.fact("world", {.kind = FactKind::healed});
  EXPECT_EQ(idle.judged("progress.produce").word, VerdictWord::not_exercised);

  SmallRun stuck;
  stuck.fact("world", {.kind = FactKind::healed});
  stuck.invoke(0);
  for (int i = 0; i < 3000; ++i) stuck.fact("b1", {.kind = FactKind::log_synced});
  EXPECT_EQ(stuck.judged("progress.produce").word, VerdictWord::violated);

  SmallRun brief;
  brief.fact("world", {.kind = FactKind::healed});
  brief.invoke(0);
  EXPECT_EQ(brief.judged("progress.produce").word, VerdictWord::unknown);
}

TEST(Progress, OfReadersEndsWithTheDrain) {
  SmallRun run;
  run.send(0);
  run.fact("world", {.kind = FactKind::healed});
  run.read_all();
  EXPECT_EQ(run.judged("progress.consume").word, VerdictWord::holds);
}

TEST(Delivery, IsUnknownWhenTheDrainDidNotReachTheEnd) {
  SmallRun run;
  run.send(0);
  run.summary.drain_complete = false;
  EXPECT_EQ(run.judged("delivery.at-least-once").word, VerdictWord::unknown);
}

TEST(Delivery, MissesWhatTheFullReadDidNotReturn) {
  SmallRun run;
  run.send(0);
  run.send(1);
  const std::vector<ReadbackRecord> stored = run.log.records;
  run.log.records.pop_back();
  run.read_all();
  run.log.records = stored;
  const Verdict v = run.judged("delivery.at-least-once");
  EXPECT_EQ(v.word, VerdictWord::violated);
  EXPECT_EQ(v.text, "2 records, 0 missing, 1 passed over");
}

TEST(Soundness, EndsWithTheFirstFailedAssertion) {
  SmallRun run;
  run.fact("b1", {.kind = FactKind::assertion_failed, .why = "broker/x.cpp:12: a < b"});
  const Verdict v = run.judged("node.sound");
  EXPECT_EQ(v.word, VerdictWord::violated);
  EXPECT_NE(v.violations[0].argument[0].find("b1: broker/x.cpp:12: a < b"), std::string::npos);
}

TEST(Determinism, NeedsADoubledRun) {
  EXPECT_EQ(judge_determinism(0, 0).word, VerdictWord::not_exercised);
  EXPECT_EQ(judge_determinism(1, 0).word, VerdictWord::holds);
  EXPECT_EQ(judge_determinism(2, 1, "event #8").word, VerdictWord::violated);
}

TEST(VerdictJson, HasAFixedForm) {
  SmallRun run;
  run.send(0);
  run.log.records.clear();
  const Verdict v = run.judged("durability.acked");
  EXPECT_EQ(
      to_json({"s", "0x2a", "1f3c9ab", "9f3c51e07a6640d2", "6f2a"}, {v}, 1),
      R"({"format":"weir-verdict/1","scenario":"s","seed":"0x2a","build":"1f3c9ab",)"
      R"("fingerprint":"9f3c51e07a6640d2","guarantees":[{"id":"durability.acked",)"
      R"("verdict":"violated","promised":true,"because":["acks=all","orders: one copy",)"
      R"("no power loss: the page cache survives a kill"],"looked_at":{"acked":1,"missing":1},)"
      R"("text":"1 of 1 acknowledged record is on no surviving log","violations":[)"
      R"({"record":"orders-0@0","made":"#6","shape":"6f2a","argument":[)"
      R"("orders-0@0 (P1:0) acknowledged to P1 at 6.000 ms, event #6",)"
      R"("at the end it is not in the log of b1"]}]}],"exit":1})"
      "\n");
}

TEST(ExitCodes, HaveTheirOrder) {
  const auto word = [](const char* id, VerdictWord w) {
    Verdict v;
    v.id = id;
    v.word = w;
    return v;
  };
  using W = VerdictWord;
  const Verdict holds = word("a", W::holds), unknown = word("b", W::unknown);
  const Verdict broken = word("c", W::violated), idle = word("d", W::not_exercised);
  EXPECT_EQ(exit_code_of({holds, idle}, {}), 0);
  EXPECT_EQ(exit_code_of({holds, idle}, {"d"}), 2);
  EXPECT_EQ(exit_code_of({holds, unknown}, {}), 2);
  EXPECT_EQ(exit_code_of({unknown, broken}, {}), 1);
  EXPECT_EQ(exit_code_of({broken, word("determinism", W::violated)}, {}), 3);
}

}  // namespace
}  // namespace weir
