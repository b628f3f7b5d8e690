// What the verdicts of a run mean for its scenario: exit code, and the shape of what failed.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers/verdict.h"
#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace weir {

struct Judgement {
  int exit_code = 0;
  std::string reason;  // one sentence, empty for a plain 0
};

// Applies `expect` and `check.require_exercised`; limits and nondeterminism included.
[[nodiscard]] Judgement judgement_of(const Scenario&, const RunOutcome&);

// The first violation that the scenario does not expect, or null.
[[nodiscard]] const Verdict* unexpected_violation(const Scenario&, const RunOutcome&);

// A guarantee that was violated, and the ways in which it was: what each breach says of the system,
// without names and numbers ("# served up to offset #").
struct Failure {
  std::string guarantee;
  std::set<std::string> ways;
  [[nodiscard]] bool shares_a_way_with(const Failure& other) const;
};

// Of this guarantee, or of the first that was violated where none is named.
[[nodiscard]] std::optional<Failure> failure_of(const RunOutcome&,
                                                const std::string& guarantee = {});
[[nodiscard]] std::string way_of(const Violation&);
// The same with names and numbers: "b3 served up to offset 3".
[[nodiscard]] std::string first_clause(const Violation&);

// Four hex digits of the guarantee, the way in which it was broken first, and what sorts of faults
// had struck until then (crash, cut, slow, ...): equal bugs have equal shapes once they are shrunk.
// Empty where nothing was violated.
[[nodiscard]] std::string shape_of_failure(const RunOutcome&, const std::string& guarantee = {});

// "(kill, lose_response)": the kinds of the faults that had struck when it failed, sorted, without
// repetition.
[[nodiscard]] std::string fault_story(const RunOutcome&);

}  // namespace weir
