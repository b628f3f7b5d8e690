// Scenarios that name a planted bug are run by a program that has it.
#pragma once

#include "scenarios/scenario.h"

namespace weir::cli {

// Whether the scenario names a planted bug that this program does not have.
[[nodiscard]] bool needs_planting(const Scenario&);

// Replaces this process by the variant with the planted bug, which it builds first where it must;
// returns an exit code only when that failed, and says why on stderr.
[[nodiscard]] int run_planted(const Scenario&);

}  // namespace weir::cli
