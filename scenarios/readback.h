// Readback: what really lies on the simulated disks at the end of a run.
//
// Self-report is no proof, so every partition's directory of every broker is read from its disk
// (what the page cache shows) and parsed without the broker's indexes, checkpoints or memory.
#pragma once

#include <vector>

#include "checkers/verdict.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace weir {

[[nodiscard]] std::vector<ReadbackLog> read_back(World&, const Scenario&,
                                                 const std::vector<NodeId>& brokers);

}  // namespace weir
