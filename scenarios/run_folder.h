// The folder of a run: everything that is needed to look at it, to judge it anew and to repeat it.
//
// runs/<scenario>[+8 hex]/<seed>/ holds verdict.json, scenario.json (resolved), history.jsonl,
// events.jsonl, repro.json, repro.sh, metrics.om, trace.perfetto.json, trace.shiviz.log and the
// records that were read. Nothing in it depends on clock, path, host or locale, but run-info.json,
// which says exactly that. The same run lands on the same bytes.
#pragma once

#include <string>

#include "scenarios/load.h"
#include "scenarios/outcome.h"
#include "scenarios/run.h"

namespace weir {

struct FolderOptions {
  std::string top = "runs";
  std::string called_as = "weir";
  double wall_seconds = 0;  // for run-info.json
};

// Writes the folder and runs/latest; yields its path. On failure (full disk, no permission) `error`
// names the file and the reason.
[[nodiscard]] std::string write_run_folder(const Loaded&, const RunOutcome&, const Judgement&,
                                           const FolderOptions&, std::string& error);

// A kept run: the scenario it was, and the fingerprint it must have.
struct Repro {
  std::string build;
  std::string fingerprint;  // 16 hex digits
  std::string scenario;     // JSON text, resolved
  std::string directory;    // where its records lie
};

// From a repro.json, a run folder, or an address ("crash-and-return/0x7", below `top`).
[[nodiscard]] Repro read_repro(const std::string& what, const std::string& top, std::string& error);

[[nodiscard]] std::string fingerprint_text(std::uint64_t fingerprint);

}  // namespace weir
