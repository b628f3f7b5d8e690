// The smallest history of a finding, in a history that is large.
#include <gtest/gtest.h>

#include <algorithm>

#include "checkers/checkers.h"
#include "checkers/explain.h"
#include "checkers/generate/generate.h"
#include "checkers/history_json.h"

namespace weir {
namespace {

// Whatever the size around it, a finding has the same kind of witness: small, and minimal.
TEST(Witness, IsSmallInALargeHistory) {
  GeneratePlan plan;
  plan.plants = plantable("log");
  plan.operations = 50'000;
  const Generated made = generate_log(plan);
  const Findings found = find(made.history);
  for (const Planted& planted : made.planted) {
    const auto shown = std::ranges::find_if(found.findings, [&](const Finding& f) {
      return f.kind == planted.kind && (f.key.empty() || f.key == planted.key);
    });
    ASSERT_NE(shown, found.findings.end()) << name_of(planted.kind);
    const Witness witness = witness_of(made.history, found, *shown);
    EXPECT_TRUE(witness.minimal) << name_of(planted.kind);
    EXPECT_LE(witness.operations, 12) << name_of(planted.kind) << "\n"
                                      << witness.text.substr(0, 3'000);
    const CheckReport again = check_text(witness.text, "witness");
    bool there = false;
    for (const Finding& f : again.found.findings) {
      there |= f.kind == planted.kind;
      // Nothing is found in it that is not found in the whole.
      EXPECT_TRUE(std::ranges::any_of(
          found.findings,
          [&f](const Finding& other) { return other.kind == f.kind && other.key == f.key; }))
          << name_of(f.kind) << " beside " << name_of(planted.kind) << "\n"
          << witness.text;
    }
    EXPECT_TRUE(there) << name_of(planted.kind);
  }
}

}  // namespace
}  // namespace weir
