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
//   WEIR_SCENARIO=FILE    only this kept scenario (a shrunk one, say), with the trial's apps
//   WEIR_SEEDS=1..10000   these in place of those that the test names
#pragma once

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

// What a trial came to. `text` is for people: the verdicts of the first seed that failed, and how
// to have it again; or how much was looked at.
struct TrialResult {
  bool holds = false;
  std::uint64_t seeds = 0;  // that were run
  std::uint64_t seed = 0;   // the first that failed
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
  // A guarantee of your own, judged at the end of every run.
  Trial& check(OwnCheck);
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
  [[nodiscard]] TrialResult one(Made, std::uint64_t seed) const;
  [[nodiscard]] TrialResult failure(const Made&) const;

  std::string name_;
  std::string top_ = "runs";
  std::vector<std::string> settings_;
  std::vector<ClientSpec> clients_;
  std::vector<std::function<void(Scenario&)>> changes_;
  RunInputs inputs_;
};

}  // namespace weir
