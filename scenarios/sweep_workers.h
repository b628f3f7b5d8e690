// The processes of a sweep: forked workers that answer over a pipe, one JSON line a run; the parent
// polls them all.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "scenarios/sweep.h"

namespace weir {

// While one lives, SIGINT and SIGTERM end the sweep's round instead of the program.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  [[nodiscard]] static bool asked();
};

// Deals the runs out by turns and hands on every answer, in any order. A worker that dies is
// replaced by one that goes on behind the run that killed it. Returns early when it is asked to.
void run_on_workers(const SweepPlan&, const std::vector<PlannedRun>&,
                    const std::function<void(SeedResult)>& on_result);

}  // namespace weir
