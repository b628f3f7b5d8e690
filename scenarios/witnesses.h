// Witnesses: the other side of a contract. At-most-once must sometimes lose, at-least-once must
// sometimes repeat, acks=1 must sometimes lose at a failover; where that never happens, the faults
// were too weak, and that nothing was violated says little.
//
// A scenario asks for them with check.require_witnessed; a sweep in which a required witness never
// appeared is inconclusive.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/verdict.h"

namespace weir {

[[nodiscard]] std::span<const std::string_view> witness_names();
// What it is to have seen it, in half a sentence.
[[nodiscard]] std::string_view about_witness(std::string_view name);

// The witnesses that this run is, in the order of witness_names().
[[nodiscard]] std::vector<std::string> witnesses_of(const std::vector<Verdict>&);

}  // namespace weir
