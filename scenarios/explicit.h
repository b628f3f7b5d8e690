// Explicit scenarios: what a run drew, said by the scenario itself, so that it survives changes of
// the generators and can be made smaller piece by piece.
//
// The faults that struck, the leaders that the operator moved, the points of buggify that fired and
// the operations of each client are listed; the seed stays pinned for what is left (latencies,
// losses, jitter). The explicit scenario of a run fails as the run did.
#pragma once

#include <vector>

#include "scenarios/run.h"

namespace weir {

// The faults of a plan that struck, without guards and without those that were skipped. A trigger
// stays one, since what it waits for decides within an instant who is first; all else is a time and
// the nodes that were struck. Of what comes in turns, each turn is a fault where not all came.
[[nodiscard]] std::vector<Fault> faults_that_struck(const Plan&, const std::vector<Strike>&);

// `scenario` is resolved; inputs and outcome are those of its run.
[[nodiscard]] Scenario explicit_scenario(const Scenario&, const RunInputs&, const RunOutcome&);

// How many operations clients and operators carry out, as far as the scenario lists them.
[[nodiscard]] std::size_t listed_operations(const Scenario&);

}  // namespace weir
