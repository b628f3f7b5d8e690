// A run: scenario -> facts -> fingerprint, history, verdicts. A pure function of its arguments.
//
// The run goes through four phases: work under faults until `until` (the injector heals at
// heal_at), an orderly stop of the clients, a drain that reads every partition to its end, and the
// readback of what really lies on the simulated disks. Then the checkers judge.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers/history.h"
#include "checkers/verdict.h"
#include "faults/injector.h"
#include "scenarios/app.h"
#include "scenarios/coverage.h"
#include "scenarios/scenario.h"
#include "scenarios/step_log.h"
#include "scenarios/stop.h"

namespace weir {

// An operation of a client: a producer's send, or a leader that the operator moves; from 0.
struct Operation {
  std::string client;
  std::int64_t number = 0;
  friend bool operator==(const Operation&, const Operation&) = default;
};

// What a run changes of its scenario's course, to see what follows from it. Decisions of the system
// are never touched.
struct Intervention {
  // The random streams are drawn anew, under `branch`, from the first fact of this number or a
  // later one on: another future with the same past. The faults stay as they were planned.
  std::optional<std::uint64_t> branch_from;
  std::vector<std::size_t> muted;  // faults of the plan, by place, that come and do nothing
  std::vector<Fault> added;        // to the end of the plan
  std::vector<Operation> left_out;
  friend bool operator==(const Intervention&, const Intervention&) = default;
};

struct RunOptions {
  std::uint64_t branch = 0;
  Intervention intervention = {};
  bool trace = false;     // keep the inside view (events.jsonl)
  bool steps = false;     // keep every event of the world, with its random draws (step_log.h)
  StopOptions stop = {};  // before its end; the verdicts then say what cut it short
  // Planted nondeterminism, for the tests of --double: after so many facts one number is drawn from
  // a stream that nodes use, too.
  std::optional<std::uint64_t> stray_draw;
  FactReader* reader = nullptr;                    // sees every fact, as the run's own readers do
  std::optional<Duration> keep_delays_above = {};  // for RunOutcome::long_delays
};

// Where the run ended, and how much it was.
struct RunCost {
  Instant simulated;
  std::uint64_t events = 0;
  std::uint64_t facts = 0;
  std::uint64_t random_draws = 0;
};

// What a traced run writes: the contents of the files of those names.
struct TraceTexts {
  std::string events;    // events.jsonl
  std::string perfetto;  // trace.perfetto.json
  std::string shiviz;    // trace.shiviz.log
  std::string metrics;   // metrics.om
};

struct RunOutcome {
  std::uint64_t fingerprint = 0;
  RunCost cost;
  std::vector<Strike> strikes;  // what the injector really did
  std::vector<Fault> fired;     // the same as an explicit list
  Instant begin;                // the zero of the scenario's times
  History history;
  std::vector<Verdict> verdicts;
  Coverage coverage;                     // which kinds of faults met which states
  std::vector<StreamDraws> draws;        // by named stream, for loss of determinism
  bool workload_finished = false;        // every producer sent all its records
  std::vector<LeaderMove> leader_moves;  // what the operator really asked for
  std::set<std::string> buggify_points;  // where luck really failed
  std::vector<LinkDelay> long_delays;    // when asked for
  TraceTexts traces;                     // when traced
  Steps steps;                           // when asked for
  std::string limit;                     // the limit that cut the run short, or empty
};

// `scenario` is resolved and validated.
[[nodiscard]] RunOutcome run_scenario(const Scenario& scenario, const RunInputs&,
                                      const RunOptions& = {});

}  // namespace weir
