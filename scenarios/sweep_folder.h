// A sweep's folder: runs/sweep-b81e, or runs/sweep-b81e-2of4 for a shard.
//
//   sweep.json     what was swept: scenarios (resolved), seeds, corpus, build
//   results.jsonl  a line for each run, in the order of the indexes once the sweep has ended; until
//                  then in the order in which they came, so that nothing found is ever lost
//   summary.json   counts, shapes, rates, coverage: see sweep_summary.h
//   before.json    shapes that earlier builds showed here, and how often
//   index.html     the page, by reports/
//
// The name is a hash of the scenarios alone, so that a longer sweep, or the same after a mend,
// lands where the earlier one is remembered. Nothing inside depends on time, machine or jobs.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "scenarios/sweep.h"

namespace weir {

// A shape that an earlier build showed, and how often.
struct OldShape {
  std::string label;  // of the scenario
  std::string shape;
  std::string guarantee;
  std::string build;
  std::uint64_t runs = 0;  // that failed so
  std::uint64_t of = 0;
  std::vector<std::uint64_t> seeds;  // the first few
  friend bool operator==(const OldShape&, const OldShape&) = default;
};

[[nodiscard]] std::uint64_t sweep_id(const SweepPlan&);
// "sweep-b81e", "sweep-b81e-2of4".
[[nodiscard]] std::string sweep_folder_name(const SweepPlan&);

// What is kept in a folder, as far as it is there.
struct KeptSweep {
  SweepPlan plan;  // without inputs
  std::string build;
  std::uint64_t id = 0;
  bool complete = false;  // it came to its end; otherwise it was interrupted, or still runs
  std::vector<SeedResult> results;
};
// A last line that was not written to its end is left out. On failure `error` names file, what was
// found and what was expected.
[[nodiscard]] KeptSweep read_sweep(const std::string& folder, std::string& error);

// Shapes of earlier builds: those of before.json, and those of summary.json where it is another
// build's, which are newer.
[[nodiscard]] std::vector<OldShape> read_old_shapes(const std::string& folder,
                                                    const std::string& build);

// Writes while a sweep goes on, and once it has ended. The first failure stays in error().
class SweepFolder {
 public:
  // `known` results are there from the beginning.
  SweepFolder(std::string path, const SweepPlan&, const std::vector<OldShape>&,
              const std::vector<SeedResult>& known);

  // Of results that come in; each is on its way to the disk when this returns.
  void add(const SeedResult&);
  // Everything in its order, with the summary.
  void finish(const SweepPlan&, const SweepResult&, const std::vector<OldShape>&);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void write(const std::string& name, const std::string& content);

  std::string path_;
  std::string error_;
  std::ofstream results_;
};

// Puts shards together: the plan of the whole, and all results in order. `error` tells of parts
// that are missing, come twice, or belong to different sweeps or builds.
[[nodiscard]] KeptSweep merge_shards(std::vector<KeptSweep> parts, std::string& error);

}  // namespace weir
