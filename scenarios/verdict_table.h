// A run's outcome as one screen of text: what ran, the verdict table, failures told, and what to do
// next.
#pragma once

#include <string>

#include "scenarios/load.h"
#include "scenarios/run.h"

namespace weir {

struct TableOptions {
  std::string called_as = "weir";  // printed commands begin with it
  std::string folder;              // of the run; empty when none was written
  bool report = false;             // the report was built
  double cpu_seconds = 0;          // for the line "simulated ... in ..."; 0 leaves it out
};

// The head: scenario, seed, build, cluster, clients, faults, cost.
[[nodiscard]] std::string head_text(const Loaded&, const RunOutcome&, const TableOptions&);
// One line a guarantee, then a paragraph for each violation.
[[nodiscard]] std::string verdicts_text(const RunOutcome&);
// Counts and fingerprint, then the commands for what comes next.
[[nodiscard]] std::string foot_text(const Loaded&, const RunOutcome&, const TableOptions&,
                                    int exit_code, const std::string& exit_reason);

}  // namespace weir
