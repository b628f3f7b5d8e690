// weir explain of a run: the story of a violation, the life of a record, the promises.
#pragma once

#include <string>

#include "scenarios/cli/verbs.h"
#include "scenarios/load.h"

namespace weir::cli {

struct ExplainRun {
  LoadRequest load;  // its name: a run's folder, a repro.json, an address, or a scenario
  std::string what;  // a violation by number or guarantee, or a record; empty: the first violation
  std::string record;
  std::string format = "text";
  std::string top = "runs";
  std::uint64_t futures = 0;
  unsigned jobs = 0;  // 0: one a core
  bool promises = false;
  bool quick = false;
};

// Whether this names a run or a scenario; else it is taken for a history.
[[nodiscard]] bool names_run(const std::string& name, const std::string& top);

[[nodiscard]] int explain_run(const Session&, const ExplainRun&);

}  // namespace weir::cli
