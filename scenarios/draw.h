// A profile is a scenario of which each seed draws a part for itself: how many brokers, which
// limits, how its clients work (swarm testing: Groce et al., ISSTA 2012). Beside the values that a
// feature can have, it so varies which features are there at all.
//
// A draw is keyed by (seed, "swarm", path) and chooses by highest keyed hash, so that a further
// draw leaves the others as they are, and a further value takes over some seeds only. What is drawn
// is an ordinary resolved scenario without draws: it is what runs, what is kept, and what shrinks.
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/scenario.h"

namespace weir {

// The resolved scenario that a profile is at this seed; of a scenario without draws, itself. Where
// values do not go together (more replicas than brokers, or min.insync.replicas above them, or
// what a client's options refuse), all are drawn again; `error` is set where that never helped.
[[nodiscard]] Scenario at_seed(const Scenario& profile, std::uint64_t seed, std::string& error);

}  // namespace weir
