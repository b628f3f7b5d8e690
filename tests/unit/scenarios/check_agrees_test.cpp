// One engine: the history that a run writes, read again by `weir check`, gives the verdicts that
// the run printed, with the same promises, counts and words, and its exit code (but for `expect`).
#include <gtest/gtest.h>

#include <algorithm>

#include "checkers/checkers.h"
#include "checkers/history_json.h"
#include "checkers/verdict_json.h"
#include "scenarios/home.h"
#include "scenarios/load.h"
#include "scenarios/run.h"

namespace weir {
namespace {

class CheckAgrees : public testing::TestWithParam<std::string> {};

// All but the arguments, to which a run can add what its facts tell of the cause.
std::string told(const Verdict& v) {
  std::string text = v.id + " " + std::string(name_of(v.word)) + (v.promised ? "" : " not") +
                     " promised\n  " + v.text + "\n";
  for (const std::string& line : v.because) text += "  because " + line + "\n";
  for (const auto& [what, count] : v.looked_at) {
    text += "  " + what + " " + std::to_string(count) + "\n";
  }
  for (const Violation& violation : v.violations) {
    text += "  at " + violation.record + " made " + std::to_string(violation.made) + "\n";
  }
  return text;
}

void expect_same(const std::vector<std::string>& settings, const std::string& name,
                 const std::string& seed) {
  SCOPED_TRACE(name + " --seed " + seed);
  LoadRequest request;
  request.name = name;
  request.seed = seed;
  request.settings = settings;
  std::string error;
  const Loaded loaded = load(request, error);
  ASSERT_EQ(error, "");
  const RunOutcome run = run_scenario(loaded.scenario, loaded.inputs);
  const std::string file = write_history(run.history);
  const CheckReport report = check_text(file, "history.jsonl");
  ASSERT_EQ(report.error, "");
  ASSERT_FALSE(report.broken) << report.not_judged[0];
  // All but that of two runs, and in the order of the table.
  ASSERT_EQ(report.guarantees.size(), run.verdicts.size() + 1);
  for (std::size_t i = 0; i < run.verdicts.size(); ++i) {
    EXPECT_EQ(told(report.guarantees[i]), told(run.verdicts[i]));
  }
  EXPECT_EQ(report.exit_code,
            exit_code_of(run.verdicts, loaded.scenario.check.require_exercised));
  const auto read = read_history(file, "history.jsonl");
  ASSERT_TRUE(std::holds_alternative<History>(read));
  EXPECT_EQ(write_history(std::get<History>(read)), file);
}

TEST_P(CheckAgrees, WithWhatTheRunPrinted) {
  for (const char* seed : {"", "11", "12"}) expect_same({}, GetParam(), seed);
}

TEST(CheckAgreesOnClaims, ThatTheScenarioMakes) {
  for (const char* seed : {"", "11"}) {
    expect_same({R"(check.promise=["dup.idempotent"])", "expect={}"}, "lost-response", seed);
    expect_same({R"(check.promise=["durability.acked","delivery.exactly-once"])", "expect={}"},
                "fire-and-forget", seed);
  }
}

std::string agrees_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(Library, CheckAgrees, testing::ValuesIn(library_scenarios()), agrees_name);

}  // namespace
}  // namespace weir
