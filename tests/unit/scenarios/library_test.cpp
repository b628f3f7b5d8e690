// Every scenario of the library does what it says: it keeps its expectations and promises, at its
// own seed and at others.
#include <gtest/gtest.h>

#include "scenarios/home.h"
#include "scenarios/load.h"
#include "scenarios/outcome.h"
#include "scenarios/run.h"

namespace weir {
namespace {

class Library : public testing::TestWithParam<std::string> {};

TEST_P(Library, KeepsItsPromisesAndExpectations) {
  for (const char* seed : {"", "11", "12"}) {
    LoadRequest request;
    request.name = GetParam();
    request.seed = seed;
    std::string error;
    const Loaded loaded = load(request, error);
    ASSERT_EQ(error, "");
    const RunOutcome outcome = run_scenario(loaded.scenario, loaded.inputs);
    const Judgement judgement = judgement_of(loaded.scenario, outcome);
    std::string words;
    for (const Verdict& v : outcome.verdicts) {
      words += v.id + " " + std::string(name_of(v.word)) + ": " + v.text + "\n";
    }
    EXPECT_EQ(judgement.exit_code, 0)
        << GetParam() << " --seed " << loaded.scenario.seed << ": " << judgement.reason << "\n"
        << words;
    EXPECT_EQ(outcome.limit, "");
  }
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Library, testing::ValuesIn(library_scenarios()), test_name);

}  // namespace
}  // namespace weir
