// Re-runs with one thing changed, futures from a moment on, and what loses determinism.
#include "scenarios/what_if.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/double_run.h"
#include "scenarios/forked.h"
#include "scenarios/load.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Loaded lost_response() {
  LoadRequest request;
  request.name = "lost-response";
  request.settings = {"check.promise=[\"dup.idempotent\"]", "expect={}"};
  std::string error;
  Loaded loaded = load(request, error);
  EXPECT_EQ(error, "");
  return loaded;
}

RunOutcome run(const Loaded& loaded, const RunOptions& options) {
  return run_scenario(loaded.scenario, loaded.inputs, options);
}

// The facts below this number, as text.
std::string past(const RunOutcome& outcome, std::int64_t sequence) {
  std::string error, text;
  const EventFile file = EventFile::parse(outcome.traces.events, error);
  for (const LoggedEvent& e : file.events()) {
    if (e.sequence < sequence) text += e.line + "\n";
  }
  return text;
}

RunOptions traced() {
  RunOptions options;
  options.trace = true;
  return options;
}

TEST(Futures, HaveTheSamePastAndAnotherFutureForEachBranch) {
  const Loaded loaded = lost_response();
  const RunOutcome base = run(loaded, traced());
  constexpr std::int64_t kMoment = 201;
  std::vector<std::uint64_t> fingerprints = {base.fingerprint};
  for (const std::uint64_t branch : {1, 2, 3}) {
    RunOptions options = traced();
    options.branch = branch;
    options.intervention.branch_from = kMoment;
    const RunOutcome future = run(loaded, options);
    EXPECT_EQ(past(base, kMoment), past(future, kMoment));
    EXPECT_EQ(run(loaded, options).fingerprint, future.fingerprint);
    EXPECT_EQ(std::ranges::count(fingerprints, future.fingerprint), 0);
    fingerprints.push_back(future.fingerprint);
    EXPECT_EQ(future.strikes.size(), base.strikes.size()) << "the faults stay";
  }
}

TEST(Futures, BranchZeroFromAMomentOnIsNotTheRunItself) {
  const Loaded loaded = lost_response();
  RunOptions options;
  options.intervention.branch_from = 1'000'000'000;  // a moment that never comes
  options.branch = 7;
  EXPECT_EQ(run(loaded, options).fingerprint, run(loaded, {}).fingerprint);
}

TEST(Intervention, AMutedFaultComesAndDoesNothing) {
  const Loaded loaded = lost_response();
  RunOptions options = traced();
  options.intervention.muted = {0};
  const RunOutcome without = run(loaded, options);
  EXPECT_EQ(without.traces.events.find("fault.injected"), std::string::npos);
  ASSERT_EQ(without.strikes.size(), 1U);
  EXPECT_NE(without.strikes[0].skipped, "");
  EXPECT_TRUE(without.fired.empty());
}

TEST(Intervention, ASendThatIsLeftOutLeavesTheOthersTheirNames) {
  const Loaded loaded = lost_response();
  RunOptions options = traced();
  options.intervention.left_out = {{"P1", 2}};
  const std::string base = run(loaded, traced()).traces.events;
  const std::string without = run(loaded, options).traces.events;
  for (const char* record : {"\"P1:1\"", "\"P1:2\"", "\"P1:3\"", "\"P1:19\""}) {
    EXPECT_NE(base.find(record), std::string::npos) << record;
    EXPECT_EQ(without.find(record) == std::string::npos, std::string(record) == "\"P1:2\"");
  }
}

TEST(Intervention, ALeaderThatIsNotMovedIsLookedAtOnly) {
  LoadRequest request;
  request.name = "random-cluster";
  request.settings = {"cluster.move_leaders_every=80ms"};
  std::string error;
  const Loaded loaded = load(request, error);
  ASSERT_EQ(error, "");
  const std::vector<LeaderMove> base = run(loaded, {}).leader_moves;
  ASSERT_GT(base.size(), 1U);
  const auto first = std::ranges::find_if(base, [](const LeaderMove& m) { return !m.to.empty(); });
  const auto place = static_cast<std::size_t>(first - base.begin());
  RunOptions options;
  options.intervention.left_out = {{"mover", static_cast<std::int64_t>(place)}};
  const std::vector<LeaderMove> without = run(loaded, options).leader_moves;
  ASSERT_GT(without.size(), place);
  EXPECT_EQ(without[place].at, base[place].at);
  EXPECT_EQ(without[place].to, "");
}

TEST(Intervention, NothingChangedIsTheRunItself) {
  const Loaded loaded = lost_response();
  EXPECT_EQ(run(loaded, traced()).fingerprint, run(loaded, {}).fingerprint);
}

struct Explained {
  Loaded loaded = lost_response();
  RunOutcome outcome = run(loaded, traced());
  EventFile events;
  Story story;

  Explained() {
    std::string error;
    events = EventFile::parse(outcome.traces.events, error);
    const auto verdict = std::ranges::find(outcome.verdicts, "dup.idempotent", &Verdict::id);
    EXPECT_EQ(verdict->word, VerdictWord::violated);
    story = tell_story(events, subject_of(events, verdict->id, verdict->violations.front()));
  }
  [[nodiscard]] Repeatable repeatable() const {
    return {loaded.scenario, loaded.inputs, outcome.begin, outcome.leader_moves};
  }
};

TEST(WhatIf, ADuplicateNeedsItsLostResponse) {
  const Explained explained;
  const auto answers =
      ask_what_if(explained.repeatable(), explained.events, explained.story, {0, 2});
  bool asked = false;
  for (const WhatIf& w : answers) {
    EXPECT_EQ(w.runs, 1);
    if (w.change != WhatIf::Change::no_fault) continue;
    asked = true;
    EXPECT_EQ(w.happened, 0) << w.what;
    EXPECT_THAT(w.what, HasSubstr("lose_response"));
  }
  EXPECT_TRUE(asked);
  EXPECT_GT(answers.size(), 3U) << "messages and timers are asked for, too";
}

// Without the send of the record itself there is no story; here it passes for another's. What is
// lost then is the response to the next one, which is sent again in its place.
TEST(WhatIf, AnOperationBehindAStepIsLeftOutOnce) {
  Explained explained;
  explained.story.subject.identity = "P1:7";
  const auto answers =
      ask_what_if(explained.repeatable(), explained.events, explained.story, {0, 2});
  std::int64_t asked = 0;
  for (const WhatIf& w : answers) {
    if (w.change != WhatIf::Change::no_operation) continue;
    ++asked;
    EXPECT_EQ(w.what, "without P1 sending P1:2");
    EXPECT_EQ(w.happened, 1);
  }
  EXPECT_EQ(asked, 1);
}

TEST(WhatIf, AnswersDoNotDependOnTheNumberOfProcesses) {
  const Explained explained;
  const auto counts = [&](unsigned jobs) {
    std::vector<std::int64_t> all;
    for (const WhatIf& w :
         ask_what_if(explained.repeatable(), explained.events, explained.story, {4, jobs})) {
      all.push_back(w.happened);
    }
    for (const DoomPoint& p : doom_curve(explained.repeatable(), explained.story, {4, jobs})) {
      all.push_back(p.happened);
    }
    return all;
  };
  EXPECT_EQ(counts(1), counts(3));
}

TEST(WhatIf, WhatIsCountedIsTheSameBreachOfTheSameRecord) {
  const Explained explained;
  const StorySubject& subject = explained.story.subject;
  EXPECT_TRUE(happens_in(explained.outcome, subject, subject.begin));
  StorySubject other = subject;
  other.guarantee = "durability.acked";
  EXPECT_FALSE(happens_in(explained.outcome, other, subject.begin));
  other = subject;
  other.offsets = {999};
  EXPECT_FALSE(happens_in(explained.outcome, other, subject.begin)) << "another record";
  EXPECT_TRUE(happens_in(explained.outcome, other, 0)) << "no record had been sent by then";
}

TEST(DoomCurve, IsDoomedFromThePointBehindWhichNearlyAllFuturesEndSo) {
  const auto curve = [](std::initializer_list<std::int64_t> happened) {
    std::vector<DoomPoint> points;
    for (const std::int64_t h : happened) points.push_back({points.size(), 10, 1, h, 20});
    return points;
  };
  const auto rising = curve({7, 8, 19, 20});
  EXPECT_EQ(doomed_at(rising), &rising[2]);
  const auto relapse = curve({20, 18, 20});
  EXPECT_EQ(doomed_at(relapse), &relapse[2]) << "only what stays so is doomed";
  EXPECT_EQ(doomed_at(curve({7, 18})), nullptr);
  EXPECT_THAT(doom_text(rising), HasSubstr("at step 2, "));
  EXPECT_THAT(doom_text(rising), HasSubstr("95 % of 20 re-drawn futures end so from there "
                                           "(before: 40 %)"));
  EXPECT_THAT(doom_text(curve({7, 18})), HasSubstr("never for certain"));
}

TEST(Forked, AnswersComeInOrderAndADeadProcessAnswersNothing) {
  const auto ask = [](std::size_t i) {
    if (i == 4) throw std::runtime_error("no answer");
    return std::to_string(i * i);
  };
  for (const unsigned jobs : {1U, 2U, 9U}) {
    EXPECT_THAT(ask_forked(6, jobs, ask), ElementsAre("0", "1", "4", "9", "", "25"));
  }
  EXPECT_TRUE(ask_forked(0, 3, ask).empty());
}

TEST(DoubleRun, NamesTheStreamOfAStrayDrawAndTheEventThatMadeIt) {
  const Loaded loaded = lost_response();
  RunOptions options = traced();
  options.steps = true;
  const RunOutcome a = run(loaded, options);
  EXPECT_EQ(difference(a, run(loaded, options)), "");
  options.stray_draw = 60;
  const std::string text = difference(a, run(loaded, options));
  EXPECT_THAT(text, HasSubstr("runs differ first at an event of the world"));
  EXPECT_THAT(text, HasSubstr("-> a stray draw\n  draws of \"latency b1>P1\""));
  EXPECT_THAT(text, HasSubstr("and at a fact, after "));
  EXPECT_THAT(text, HasSubstr("last draws before: \""));
}

TEST(DoubleRun, EqualDrawsPointToAnOrder) {
  const Loaded loaded = lost_response();
  RunOptions options = traced();
  options.steps = true;
  const RunOutcome a = run(loaded, options);
  RunOutcome b = run(loaded, options);
  b.fingerprint += 1;
  b.steps.events[100].result += 1;
  const std::string text = difference(a, b);
  EXPECT_THAT(text, HasSubstr("after 100 equal ones"));
  EXPECT_THAT(text, HasSubstr("the facts are the same to the end"));
  EXPECT_THAT(text, HasSubstr("likely an iteration order, not a stray draw"));
}

TEST(StepLog, CountsEveryDrawOfTheRunAndChangesNothing) {
  const Loaded loaded = lost_response();
  RunOptions options;
  options.steps = true;
  const RunOutcome outcome = run(loaded, options);
  EXPECT_EQ(outcome.fingerprint, run(loaded, {}).fingerprint);
  EXPECT_EQ(outcome.steps.events.size(), outcome.cost.events);
  std::uint64_t drawn = 0;
  for (const WorldStep& e : outcome.steps.events) {
    for (const StepDraw& d : e.drawn) drawn += d.draws;
  }
  EXPECT_EQ(drawn, outcome.cost.random_draws);
}

}  // namespace
}  // namespace weir
