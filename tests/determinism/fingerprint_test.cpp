// The fingerprints of the library and bench scenarios, checked in: equal for every compiler,
// optimisation level, sanitizer and heap order. A change of behaviour changes them; WEIR_REWRITE=1
// writes the new ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "scenarios/load.h"
#include "scenarios/run.h"
#include "scenarios/run_folder.h"
#include "tests/support/heap_shuffle.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = source_dir();
const fs::path kKept = kSource / "tests/determinism/fingerprints.txt";

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> files;
  for (const char* folder : {"library", "bench", "regress"}) {
    const fs::path directory = kSource / "scenarios" / folder;
    if (!fs::exists(directory)) continue;
    for (const auto& entry : fs::directory_iterator(directory)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string name_of_case(const fs::path& file, const std::string& seed) {
  return file.parent_path().filename().string() + "/" + file.stem().string() + " " + seed;
}

Loaded loaded(const fs::path& file, const std::string& seed) {
  LoadRequest request;
  request.name = file.string();
  request.seed = seed;
  std::string error;
  Loaded result = load(request, error);
  EXPECT_EQ(error, "");
  return result;
}

std::map<std::string, std::string> kept_fingerprints() {
  std::map<std::string, std::string> kept;
  std::ifstream in(kKept);
  std::string name;
  std::string seed;
  std::string fingerprint;
  while (in >> name >> seed >> fingerprint) kept[name + " " + seed] = fingerprint;
  return kept;
}

TEST(Fingerprints, AreThoseThatWereKeptForEveryScenario) {
  const std::map<std::string, std::string> kept = kept_fingerprints();
  std::map<std::string, std::string> found;
  for (const fs::path& file : scenario_files()) {
    for (const char* seed : {"1", "2"}) {
      const Loaded scenario = loaded(file, seed);
      const RunOutcome outcome = run_scenario(scenario.scenario, scenario.inputs);
      found[name_of_case(file, seed)] = fingerprint_text(outcome.fingerprint);
    }
  }
  if (std::getenv("WEIR_REWRITE") != nullptr) {
    std::ofstream out(kKept);
    for (const auto& [name, fingerprint] : found) out << name << " " << fingerprint << "\n";
    return;
  }
  EXPECT_EQ(found, kept)
      << "if the change of behaviour is meant, run this test with WEIR_REWRITE=1";
}

TEST(Fingerprints, AreEqualForTwoRunsInOneProcessTracedOrNot) {
  for (const fs::path& file : scenario_files()) {
    const Loaded scenario = loaded(file, "3");
    RunOptions traced;
    traced.trace = true;
    const RunOutcome plain = run_scenario(scenario.scenario, scenario.inputs);
    const RunOutcome again = run_scenario(scenario.scenario, scenario.inputs, traced);
    EXPECT_EQ(plain.fingerprint, again.fingerprint) << file;
    EXPECT_EQ(plain.cost.random_draws, again.cost.random_draws) << file;
    EXPECT_FALSE(again.traces.events.empty()) << file;
  }
}

TEST(Fingerprints, DoNotDependOnTheOrderOfTheHeap) {
  const std::map<std::string, std::string> kept = kept_fingerprints();
  for (const std::uint64_t heap : {1u, 2u}) {
    for (const fs::path& file : scenario_files()) {
      set_heap_seed(heap);
      const Loaded scenario = loaded(file, "1");
      const std::string found =
          fingerprint_text(run_scenario(scenario.scenario, scenario.inputs).fingerprint);
      set_heap_seed(0);
      const auto wanted = kept.find(name_of_case(file, "1"));
      ASSERT_NE(wanted, kept.end()) << file;
      EXPECT_EQ(found, wanted->second) << file << " under heap seed " << heap;
    }
  }
}

TEST(Fingerprints, DifferForAnotherSeed) {
  const fs::path file = kSource / "scenarios/library/flaky-network.json";
  const Loaded a = loaded(file, "1");
  const Loaded b = loaded(file, "2");
  EXPECT_NE(run_scenario(a.scenario, a.inputs).fingerprint,
            run_scenario(b.scenario, b.inputs).fingerprint);
}

}  // namespace
}  // namespace weir
