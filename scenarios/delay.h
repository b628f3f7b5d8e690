// A scenario's delays as the simulator's distributions.
#pragma once

#include "scenarios/scenario.h"
#include "sim/latency.h"

namespace weir {

[[nodiscard]] Latency latency_of(const Delay&);

}  // namespace weir
