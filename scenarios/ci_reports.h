// What continuous integration reads: JUnit's XML, GitHub's annotations and step summary, and totals
// in the OpenMetrics format.
//
// All are made from the tally of a sweep (a single run is a sweep of one), so they say what the
// text says. Nothing in them depends on time, machine or jobs, but for the seconds among the
// totals.
#pragma once

#include <map>
#include <string>

#include "scenarios/sweep_tally.h"

namespace weir {

// A suite for each scenario, a test case for each guarantee, never one for each seed: failed where
// it was violated, in error where it is unknown or the runs could not be trusted, skipped where it
// was not exercised or not promised.
[[nodiscard]] std::string junit_xml(const SweepPlan&, const SweepTally&,
                                    const std::string& called_as);

// "::error file=...": one for each shape, at most nine and a count of the others.
[[nodiscard]] std::string github_annotations(const SweepPlan&, const SweepTally&,
                                             const std::string& called_as);

// Markdown, below GitHub's limit of 1 MiB. `text` is the end screen; `sequences` tells by shape
// what led to its first failure.
[[nodiscard]] std::string github_summary(const SweepPlan&, const SweepTally&,
                                         const std::string& text,
                                         const std::map<std::string, std::string>& sequences);

// weir_seeds_total and others; ends with "# EOF".
[[nodiscard]] std::string open_metrics(const SweepPlan&, const SweepTally&, double wall_seconds);

}  // namespace weir
