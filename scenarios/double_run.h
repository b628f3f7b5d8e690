// Loss of determinism: the same run twice, and where the two first differ.
#pragma once

#include <string>

#include "scenarios/run.h"

namespace weir {

// What differs between two outcomes of the same run, both with their traces and steps, for people;
// empty when nothing does.
[[nodiscard]] std::string difference(const RunOutcome& a, const RunOutcome& b);

}  // namespace weir
