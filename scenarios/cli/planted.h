// Verbs that run a scenario with a planted bug do so inside the variant that has it.
#pragma once

#include "scenarios/scenario.h"

namespace weir::cli {

// Whether the scenario has a planted bug that this very program has not.
[[nodiscard]] bool needs_planting(const Scenario&);

// Builds the variant and replaces this process by it, with the same arguments; returns an exit code
// only where that fails.
int run_planted(const Scenario&);

}  // namespace weir::cli
