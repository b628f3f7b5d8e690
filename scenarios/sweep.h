// A sweep: many seeds of many scenarios, on every core, one process each, and one result that does
// not depend on the number of jobs.
//
// Work is dealt out by index, results come back by index, and everything printed at the end is a
// fold over them in that order. Seeds are a pure function of the options. A share of the runs is
// done twice and compared.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "broker/base/time.h"
#include "scenarios/run.h"

namespace weir {

// One scenario of a sweep, loaded and validated.
struct SweepSubject {
  std::string path;
  Scenario scenario;  // resolved; the seed is replaced for each run
  RunInputs inputs;
};

struct SweepOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 100;         // of each scenario
  std::optional<Duration> duration;  // then rounds of 256 seeds until it has passed
  unsigned jobs = 1;
  Ratio doubled{1, 20};  // share of runs that are done twice
};

// The verdict words of one run, small enough to keep for millions of runs.
struct SeedResult {
  std::uint64_t index = 0;  // in the sweep: scenario-major
  std::size_t subject = 0;
  std::uint64_t seed = 0;
  std::uint64_t fingerprint = 0;
  std::int64_t simulated_ns = 0;
  std::vector<std::pair<std::string, std::string>> verdicts;  // guarantee, word
  std::string shape;     // 4 hex digits, empty where nothing was violated
  std::string violated;  // the guarantee of the first violation
  std::string story;     // "(kill, lose_response)": the kinds of faults that struck
  std::string headline;  // the first line of the violation
  bool doubled = false;
  bool same = true;  // of a doubled run: the second fingerprint was equal
  int exit_code = 0;
  std::string trouble;  // the process died, or another internal error
};

// Called in the parent for each result as it comes in, in any order; for progress and NEW lines.
using OnResult = std::function<void(const SeedResult&)>;

struct SweepResult {
  std::vector<SeedResult> results;  // by index
  std::uint64_t seeds_done = 0;     // of each scenario
  bool interrupted = false;
  double wall_seconds = 0;  // for the reader only; nothing else depends on it
};

// `seed` of the k-th run of a scenario.
[[nodiscard]] constexpr std::uint64_t sweep_seed(const SweepOptions& options, std::uint64_t k) {
  return options.first_seed + k;
}

// The subject's inputs for a scenario with another seed: generated records depend on it, those of
// files do not.
[[nodiscard]] RunInputs inputs_of(const SweepSubject&, const Scenario&);

// Runs one seed of one subject, in this process.
[[nodiscard]] SeedResult run_seed(const SweepSubject&, std::size_t subject, std::uint64_t index,
                                  std::uint64_t seed, bool doubled);

[[nodiscard]] SweepResult sweep(const std::vector<SweepSubject>&, const SweepOptions&,
                                const OnResult&);

// A result as one line of JSON, and back; the form in which workers answer, and of `sweep --json`.
[[nodiscard]] std::string to_json_line(const SeedResult&);
[[nodiscard]] SeedResult seed_result_from(const std::string& json_line);

}  // namespace weir
