// Generated histories: nothing is found in valid ones, and in the others what was planted is.
#include "checkers/generate/generate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "checkers/checkers.h"
#include "checkers/history_json.h"

namespace weir {
namespace {

Generated generate(std::string_view family, const GeneratePlan& plan) {
  return family == "log" ? generate_log(plan) : generate_list_append(plan);
}

// A stale read that the order of processes alone convicts is called after that.
bool shows(FindingKind found, FindingKind planted) {
  return found == planted ||
         (planted == FindingKind::g_single_realtime && found == FindingKind::g_single_process);
}

class Generate : public testing::TestWithParam<const char*> {};

TEST_P(Generate, GivesValidHistoriesOfAnySize) {
  for (const std::int64_t operations : {80, 300, 1'000, 20'000}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      GeneratePlan plan;
      plan.seed = seed;
      plan.operations = operations;
      const Generated made = generate(GetParam(), plan);
      const CheckReport report = check_history(made.history);
      EXPECT_TRUE(report.found.findings.empty())
          << operations << " " << seed << ": " << to_json(report).substr(0, 2'000);
      EXPECT_TRUE(report.not_judged.empty());
    }
  }
}

TEST_P(Generate, PlantsWhatIsFoundAgainAtAnySize) {
  for (const FindingKind kind : plantable(GetParam())) {
    for (const std::int64_t operations : {500, 5'000, 50'000}) {
      GeneratePlan plan;
      plan.seed = static_cast<std::uint64_t>(operations);
      plan.operations = operations;
      plan.plants = {kind};
      const Generated made = generate(GetParam(), plan);
      ASSERT_EQ(made.planted.size(), 1u) << name_of(kind) << " " << operations;
      const Findings found = find(made.history);
      const bool there =
          std::any_of(found.findings.begin(), found.findings.end(), [&](const Finding& f) {
            return shows(f.kind, kind) && (f.key.empty() || f.key == made.planted[0].key);
          });
      EXPECT_TRUE(there) << name_of(kind) << " in " << made.planted[0].key << " of " << operations;
    }
  }
}

// All at once: each is found in its own place.
TEST_P(Generate, PlantsEveryKindIntoOneHistory) {
  GeneratePlan plan;
  plan.plants = plantable(GetParam());
  plan.operations = 20'000;
  const Generated made = generate(GetParam(), plan);
  EXPECT_EQ(made.planted.size(), plan.plants.size());
  const Findings found = find(made.history);
  for (const Planted& planted : made.planted) {
    const bool there = std::ranges::any_of(found.findings, [&](const Finding& f) {
      return shows(f.kind, planted.kind) && (f.key.empty() || f.key == planted.key);
    });
    EXPECT_TRUE(there) << name_of(planted.kind) << " in " << planted.key;
  }
}

TEST_P(Generate, GivesTheSameBytesEveryTime) {
  GeneratePlan plan;
  plan.plants = plantable(GetParam());
  plan.operations = 2'000;
  EXPECT_EQ(write_history(generate(GetParam(), plan).history),
            write_history(generate(GetParam(), plan).history));
}

INSTANTIATE_TEST_SUITE_P(Families, Generate, testing::Values("log", "list-append"),
                         [](const auto& parameter) {
                           return std::string(parameter.param) == "log" ? "Log" : "ListAppend";
                         });

}  // namespace
}  // namespace weir
