// What the command line says of a sweep, and the plan that it means.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/cli/verbs.h"
#include "scenarios/sweep.h"

namespace weir::cli {

// How a sweep ends: what is written, and for whom. Shared by `sweep` and `merge`.
struct SweepEndFlags {
  std::string top = "runs";
  std::size_t max_shapes = 5;
  bool no_keep = false;
  bool no_report = false;
  bool shrink = false;
  bool as_json = false;
  bool github = false;
  std::string junit;
  std::string metrics;
};

struct SweepFlags {
  std::vector<std::string> scenarios;
  std::vector<std::string> settings;
  std::vector<std::string> vary;
  std::string records;
  std::string seeds = "1..100";
  std::string base;
  std::string duration;
  std::string doubled = "1/20";
  std::string shard;
  std::string corpus;  // a folder, or "none"; empty: scenarios/regress
  unsigned jobs = 0;
  bool until_new = false;
  bool resume = false;
  bool plan_only = false;
  SweepEndFlags end;
};

void add_sweep_end_flags(CLI::App& verb, SweepEndFlags&);

// Complains and yields false where the flags make no plan.
[[nodiscard]] bool read_plan(const SweepFlags&, SweepPlan&);

}  // namespace weir::cli
