// What the verdicts of a run mean for its scenario: exit code, and the shape of what failed.
#pragma once

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

// Four hex digits of guarantee, sorted kinds of the faults that struck and what the system did;
// equal bugs tend to have equal shapes. Empty where nothing was violated.
[[nodiscard]] std::string shape_of_failure(const RunOutcome&);

// "(kill, lose_response)": the kinds of the faults that struck, sorted, without repetition.
[[nodiscard]] std::string fault_story(const RunOutcome&);

}  // namespace weir
