// What the judges must know of a run beside its facts and logs, derived from the scenario.
#pragma once

#include <vector>

#include "checkers/verdict.h"
#include "faults/injector.h"
#include "scenarios/scenario.h"

namespace weir {

// Configurations in force, faults that struck, promises claimed, and the bound on progress. End,
// drain and limit are the caller's to fill in.
[[nodiscard]] RunSummary summary_of(const Scenario&, const std::vector<Strike>&, const FactChecks&);

[[nodiscard]] HistoryConfig history_config(const Scenario&, const RunSummary&);

}  // namespace weir
