// Trial: your own clients in a simulated cluster under a fault profile, seed by seed.
//
// A trial is a scenario (of the library, or your own file) with what no file can hold: the code of
// its clients of the kind app, and checks of your own. It is run like any scenario, so verdicts,
// seeds, fingerprints and shrinking are those of the program. The fixture for GoogleTest is
// scenarios/gtest.h, the generators for RapidCheck are in scenarios/rapidcheck.h; this header knows
// neither.
//
// What a test program is told by its environment, so that a failure can be had again:
//   WEIR_SEED=0x2a        only this seed
//   WEIR_SCENARIO=FILE    only this kept scenario (the shrunk one, say), with the trial's apps
//   WEIR_SEEDS=1..10000   these in place of those that the test names
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/app.h"
#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace weir {

struct SweepSubject;

#ifdef WEIR_SHARE  // told by the package to those who use it
inline constexpr const char* kShare = WEIR_SHARE;
#else
inline constexpr const char* kShare = "";
#endif

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 100;
};

// What a trial came to. `text` is for people: the verdicts of the first seed that failed, what is
// left of it once it is shrunk, and how to have either again; or how much was looked at.
struct TrialResult {
  bool holds = false;
  std::uint64_t seeds = 0;  // that were run
  std::uint64_t seed = 0;   // the first that failed
  std::string guarantee;    // that it violates; empty: it fails otherwise
  std::string kept;         // its folder; empty: none could be written
  std::string shrunk;       // the file of the small scenario; empty: it was not shrunk
  std::size_t faults = 0;   // of the small scenario
  std::size_t operations = 0;
  std::string text;
};

class Trial {
 public:
  // A file, or the name of a scenario of the library, which an installed Weir has in its `share`.
  explicit Trial(std::string scenario, const std::string& share = kShare);

  // The code of a client that the scenario lists as kind app.
  Trial& app(const std::string& client, MakeApp);
  // One more client, which the scenario does not list.
  Trial& client(const ClientSpec&, MakeApp);
  // As `--set`: "topics.orders.partitions=4".
  Trial& set(std::string path_and_value);
  // Whatever else: the scenario as a value, before its defaults are resolved.
  Trial& change(std::function<void(Scenario&)>);
  // A guarantee of your own, judged at the end of every run, those of shrinking included. The apps
  // stay in each of them, other clients need not.
  Trial& check(OwnCheck);
  // How much CPU time the shrinking of a failure may take; none: it is kept as it is.
  Trial& shrink_within(Duration);
  // Folders of failing runs are written below it.
  Trial& keep_in(std::string folder);

  // Runs every seed on all cores; a failure is shrunk and kept.
  [[nodiscard]] TrialResult explore(Seeds) const;
  // One run, here and now, under these faults and no others.
  [[nodiscard]] TrialResult run(std::uint64_t seed, std::vector<Fault>) const;
  // The faults that the profile draws for a seed; each can be left out for itself.
  [[nodiscard]] std::vector<Fault> faults_of(std::uint64_t seed) const;

 private:
  struct Made;
  [[nodiscard]] static SweepSubject subject_of(const Made&);
  [[nodiscard]] Made make(const std::string& file) const;
  [[nodiscard]] TrialResult one(Made&, std::uint64_t seed) const;
  [[nodiscard]] TrialResult failure(const Made&) const;
  void make_small(const Made&, TrialResult&) const;

  std::string name_;
  std::string top_ = "runs";
  Duration shrink_within_ = std::chrono::seconds(30);
  std::vector<std::string> settings_;
  std::vector<ClientSpec> clients_;
  std::vector<std::function<void(Scenario&)>> changes_;
  RunInputs inputs_;
};

}  // namespace weir
