// A sweep: many seeds of many scenarios, on every core, one process each, and one result that does
// not depend on the number of jobs.
//
// Saved failures run first; then seeds in rounds, each of all scenarios. A run is named by its
// scenario and seed, so a sweep can be cut into shards, interrupted, and put together again: what
// is known already is not run again, and everything printed at the end is a fold over the results
// in the order of their indexes. A share of the runs is done twice and compared; which ones,
// follows from scenario and seed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "broker/base/time.h"
#include "scenarios/run.h"
#include "scenarios/seed_result.h"

namespace weir {

// Seeds of each scenario between two looks at the clock, and at what was found.
inline constexpr std::uint64_t kSweepRound = 256;

// One scenario of a sweep, loaded and validated.
struct SweepSubject {
  std::string label;     // its name, and what was varied: "storm clients.P1.config.acks=1"
  std::string asked_as;  // the file or name that was typed, as commands repeat it
  std::string records;   // a file in place of its own, or empty
  std::vector<std::string> settings;  // and the --set values that go with it
  Scenario scenario;                  // a profile: each run's is drawn from it (draw.h)
  RunInputs inputs;
  std::uint64_t digest = 0;  // of all that its runs depend on but the seed
  bool saved = false;        // one of the corpus: only its own seed is run
};

// A failure of earlier days, run before all others. It belongs to no statistics: it was chosen.
struct SavedRun {
  std::size_t subject = 0;
  std::uint64_t seed = 0;
};

// Of a sweep over several machines: seeds part, part + parts, ... in the order of the sweep.
struct Shard {
  std::uint64_t part = 1;
  std::uint64_t parts = 1;
  friend bool operator==(const Shard&, const Shard&) = default;
};

struct SweepOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 100;         // of each scenario
  std::optional<Duration> duration;  // then whole rounds until it has passed
  unsigned jobs = 1;
  Ratio doubled{1, 20};  // share of runs that are done twice
  Shard shard;
  bool until_new = false;               // stop behind the round that found a new shape
  std::vector<std::string> old_shapes;  // what is not new, "label shape"
};

struct SweepPlan {
  std::vector<SweepSubject> subjects;  // the corpus last
  std::vector<SavedRun> saved;
  SweepOptions options;

  [[nodiscard]] std::size_t swept() const;  // subjects without the corpus
};

// A run of the plan, before it is done.
struct PlannedRun {
  std::uint64_t index = 0;  // in the whole sweep, whatever the shard
  std::size_t subject = 0;
  std::uint64_t seed = 0;
  bool saved = false;
  bool doubled = false;
};

// The runs of one round of this shard, in the order of their indexes; the first begins with the
// saved failures. Empty beyond the last round.
[[nodiscard]] std::vector<PlannedRun> runs_of_round(const SweepPlan&, std::uint64_t round);

// Called in the parent for each result as it comes in, in any order; for progress and NEW lines,
// and for keeping what an interrupted sweep has found. `known` beforehand: it was not run.
using OnResult = std::function<void(const SeedResult&, bool known)>;

struct SweepResult {
  std::vector<SeedResult> results;  // by index; what was not reached is missing
  bool interrupted = false;
  bool found_new = false;   // and therefore stopped
  double wall_seconds = 0;  // for the reader only; nothing else depends on it
};

// The subject's inputs for a scenario with another seed: generated records depend on it, those of
// files do not.
[[nodiscard]] RunInputs inputs_of(const SweepSubject&, const Scenario&);

// A run that came to no verdict.
[[nodiscard]] SeedResult in_trouble(const PlannedRun&, std::string trouble);

// Runs one seed of one subject, in this process.
[[nodiscard]] SeedResult run_seed(const SweepSubject&, const PlannedRun&);

// `known` are results of the same sweep that need not be found again; those that do not belong to
// it are left out.
[[nodiscard]] SweepResult sweep(const SweepPlan&, std::vector<SeedResult> known, const OnResult&);

}  // namespace weir
