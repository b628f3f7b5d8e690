// weir coverage: which kinds of faults met which states of the protocol in a sweep, and which
// guarantees were put to the test while they did.
#include <cstdio>
#include <memory>

#include "scenarios/cli/report.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/sweep_folder.h"
#include "scenarios/sweep_summary.h"

namespace weir::cli {
namespace {

struct CoverageFlags {
  std::string folder;
  bool as_json = false;
  bool no_report = false;
};

int coverage(const CoverageFlags& flags) {
  std::string error;
  const KeptSweep kept = read_sweep(flags.folder, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  SweepResult result;
  result.results = kept.results;
  result.interrupted = !kept.complete;
  const SweepTally sweep = tally(kept.plan, result);
  if (flags.as_json) {
    std::fputs(coverage_json(kept.plan, sweep).c_str(), stdout);
  } else {
    std::fputs(coverage_text(kept.plan, sweep).c_str(), stdout);
    if (!flags.no_report && make_report({flags.folder}, {})) {
      std::printf("picture  %s/coverage.svg\n", flags.folder.c_str());
    }
  }
  return sweep.lacking() > 0 ? kExitInconclusive : kExitOk;
}

}  // namespace

void add_coverage(CLI::App& app, Session& session) {
  auto flags = std::make_shared<CoverageFlags>();
  CLI::App* verb = app.add_subcommand("coverage", "Faults x states x guarantees of a sweep");
  verb->add_option("sweep", flags->folder, "The folder of a sweep: runs/sweep-b81e")->required();
  verb->add_flag("--json", flags->as_json, "Every cell, for programs");
  verb->add_flag("--no-report", flags->no_report, "Draw no picture");
  verb->footer(
      "Cells that check.require_covered or check.require_witnessed of a scenario ask for, and "
      "that\n"
      "were never visited, make the sweep inconclusive: exit 2.");
  verb->callback([flags, &session] { session.exit_code = coverage(*flags); });
}

}  // namespace weir::cli
