// The end of a sweep as one screen of text: shapes with their rates, what became of old ones,
// guarantees that nothing exercised, coverage, determinism, and what the clean runs prove.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/sweep_folder.h"
#include "scenarios/sweep_tally.h"

namespace weir {

struct SweepTextOptions {
  std::string called_as = "weir";  // printed commands begin with it
  std::string folder;              // of the sweep; empty when none was written
  bool page = false;               // index.html was made
  std::size_t max_shapes = 5;      // of each list; the others are counted
  std::vector<OldShape> old_shapes;
  std::map<std::string, std::string> shrunk = {};  // by shape: to what, in words
};

[[nodiscard]] std::string sweep_text(const SweepPlan&, const SweepResult&, const SweepTally&,
                                     const SweepTextOptions&);

// "weir run storm --seed 0x7 --set 'a=b'": repeats one run of the sweep.
[[nodiscard]] std::string run_command(const std::string& called_as, const SweepSubject&,
                                      std::uint64_t seed);

}  // namespace weir
