// The end of a sweep, of one machine or of several: folders, reports, text, exit code.
#pragma once

#include <vector>

#include "scenarios/cli/sweep_flags.h"
#include "scenarios/sweep_folder.h"
#include "scenarios/sweep_tally.h"

namespace weir::cli {

// `folder` is null where nothing is kept. Returns the exit code.
[[nodiscard]] int end_sweep(const Session&, const SweepEndFlags&, const SweepPlan&,
                            const SweepResult&, SweepFolder* folder,
                            const std::vector<OldShape>& old_shapes);

// A verdict for machines alone: what `run --junit` and its like write. False after complaining.
[[nodiscard]] bool write_ci_reports(const Session&, const SweepEndFlags&, const SweepPlan&,
                                    const SweepTally&, double wall_seconds);

}  // namespace weir::cli
