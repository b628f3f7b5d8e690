// summary.json: the counts of a sweep for programs, its page among them; and the coverage matrix.
//
// Made from the tally alone. Rates and bounds are texts, as people read them.
#pragma once

#include <string>
#include <vector>

#include "scenarios/sweep_folder.h"
#include "scenarios/sweep_tally.h"

namespace weir {

[[nodiscard]] std::string summary_json(const SweepPlan&, const SweepResult&,
                                       const std::vector<OldShape>&);

// The matrix of `weir coverage`: a line for each kind of fault, states by how many runs, and what
// was never visited in words.
[[nodiscard]] std::string coverage_text(const SweepPlan&, const SweepTally&);
// "weir-coverage/1": every cell that was visited, with its guarantees.
[[nodiscard]] std::string coverage_json(const SweepPlan&, const SweepTally&);

// Cells that were visited, of those that are there: faults that struck times states that were seen.
struct CellCount {
  std::size_t visited = 0;
  std::size_t all = 0;
};
[[nodiscard]] CellCount cells_of(const CoverageTally&);

// What became of a shape that an earlier build showed: "shape 6f2a was 0.41 % before; ...: gone".
[[nodiscard]] std::string old_shape_text(const OldShape&, const SweepPlan&, const SweepTally&);

}  // namespace weir
