// The end of a sweep as text: shapes with their rates, guarantees that nothing exercised,
// determinism, and what the clean runs prove.
#pragma once

#include <string>
#include <vector>

#include "scenarios/sweep.h"

namespace weir {

[[nodiscard]] std::string sweep_text(const std::vector<SweepSubject>&, const SweepOptions&,
                                     const SweepResult&, const std::string& called_as);

// The worst exit code of all runs; runs that were not reached do not count, an interruption does.
[[nodiscard]] int sweep_exit_code(const std::vector<SweepSubject>&, const SweepResult&);

}  // namespace weir
