// Failing runs are made again, with traces, by the same function that found them; so what is kept
// of them is what `run` would write.
#include "scenarios/cli/sweep_end.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include "broker/base/text.h"
#include "scenarios/ci_reports.h"
#include "scenarios/cli/report.h"
#include "scenarios/cpu_budget.h"
#include "scenarios/load.h"
#include "scenarios/outcome.h"
#include "scenarios/run_folder.h"
#include "scenarios/shrunk_file.h"
#include "scenarios/sweep_report.h"
#include "scenarios/timeline.h"

namespace weir::cli {
namespace {

// Lines that the summary of GitHub shows of what led to a failure.
constexpr std::size_t kSequenceLines = 40;
// Of CPU time, for each shape.
constexpr Duration kShrinkBudget = std::chrono::seconds(60);

bool write_report_file(const std::string& path, const std::string& content, bool append = false) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | (append ? std::ios::app : std::ios::trunc));
  out << content;
  out.close();
  if (out) return true;
  complain(path + ": " + std::strerror(errno));
  return false;
}

bool wants_github(const SweepEndFlags& flags) {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  return flags.github || (actions != nullptr && std::strcmp(actions, "true") == 0);
}

// What is kept of each shape, by shape.
struct KeptFailures {
  std::map<std::string, std::string> sequences;  // what led to it
  std::map<std::string, std::string> shrunk;     // to what, in words
};

// Beside the run, within a budget of its own; in words.
std::string shrink_kept(const Loaded& loaded, const SeedResult& first, const std::string& folder) {
  ShrinkOptions options;
  const auto ids = guarantee_ids();
  if (std::ranges::find(ids, first.violated) != ids.end()) options.guarantee = first.violated;
  options.out_of_time = cpu_budget(kShrinkBudget);
  const Shrunk shrunk = shrink(loaded, options);
  if (!shrunk.failed_because.empty()) return "not shrunk: " + shrunk.failed_because;
  const std::string path = folder + "/shrunk.json";
  std::string error;
  write_shrunk(path, presentable(shrunk, loaded.scenario), loaded.files, "records-", error);
  if (!error.empty()) return "not shrunk: " + error;
  return "shrunk to " + size_text(shrunk) + "  " + path;
}

// Keeps the first run of each shape, as many as are printed.
KeptFailures keep_failures(const Session& session, const SweepEndFlags& flags,
                           const SweepPlan& plan, const SweepTally& sweep) {
  KeptFailures kept;
  std::vector<std::string> folders;
  for (const ShapeTally& shape : sweep.shapes) {
    if (folders.size() == flags.max_shapes) break;
    const SweepSubject& subject = plan.subjects[shape.subject];
    LoadRequest request;
    request.name = subject.asked_as;
    request.settings = subject.settings;
    request.records = subject.records;
    request.seed = format_hex(shape.first->seed);
    std::string error;
    const Loaded loaded = load(request, error);
    if (!error.empty()) {
      complain("no run of shape " + shape.shape + " is kept: " + error);
      continue;
    }
    RunOptions traced;
    traced.trace = true;
    const RunOutcome outcome = run_scenario(loaded.scenario, loaded.inputs, traced);
    const Judgement judgement = judgement_of(loaded.scenario, outcome);
    const std::string folder =
        write_run_folder(loaded, outcome, judgement, {flags.top, session.called_as, 0}, error);
    if (!error.empty()) {
      complain(error);
      continue;
    }
    folders.push_back(folder);
    kept.sequences[shape.shape] = timeline_text(outcome.traces.events, kSequenceLines);
    if (flags.shrink) kept.shrunk[shape.shape] = shrink_kept(loaded, *shape.first, folder);
  }
  if (!flags.no_report && !folders.empty()) static_cast<void>(make_report(folders, {}));
  return kept;
}

bool write_github(const Session& session, const SweepEndFlags& flags, const SweepPlan& plan,
                  const SweepTally& sweep, const std::string& text,
                  const std::map<std::string, std::string>& sequences) {
  if (!wants_github(flags)) return true;
  // The runner reads both streams; what is on stdout for programs stays clean.
  std::fputs(github_annotations(plan, sweep, session.called_as).c_str(),
             flags.as_json ? stderr : stdout);
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (summary == nullptr || *summary == '\0') return true;
  return write_report_file(summary, github_summary(plan, sweep, text, sequences), true);
}

}  // namespace

bool write_ci_reports(const Session& session, const SweepEndFlags& flags, const SweepPlan& plan,
                      const SweepTally& sweep, double wall_seconds) {
  bool written = true;
  if (!flags.junit.empty()) {
    written = write_report_file(flags.junit, junit_xml(plan, sweep, session.called_as));
  }
  if (!flags.metrics.empty()) {
    written = write_report_file(flags.metrics, open_metrics(plan, sweep, wall_seconds)) && written;
  }
  return written;
}

int end_sweep(const Session& session, const SweepEndFlags& flags, const SweepPlan& plan,
              const SweepResult& result, SweepFolder* folder,
              const std::vector<OldShape>& old_shapes) {
  const SweepTally sweep = tally(plan, result);
  int exit_code = sweep.exit_code;
  SweepTextOptions options;
  options.called_as = session.called_as;
  options.max_shapes = flags.max_shapes;
  options.old_shapes = old_shapes;
  KeptFailures kept;
  if (folder != nullptr) {
    kept = keep_failures(session, flags, plan, sweep);
    options.shrunk = kept.shrunk;
    folder->finish(plan, result, old_shapes);
    if (folder->error().empty()) {
      options.folder = folder->path();
      options.page = !flags.no_report && make_report({folder->path()}, {});
    } else {
      complain(folder->error());
      exit_code = worse_exit(exit_code, kExitInternal);
    }
  }
  const std::string text = sweep_text(plan, result, sweep, options);
  if (flags.as_json) {
    for (const SeedResult& one : result.results) std::printf("%s\n", to_json_line(one).c_str());
  } else {
    std::fputs(text.c_str(), stdout);
  }
  const bool told = write_github(session, flags, plan, sweep, text, kept.sequences);
  const bool written = write_ci_reports(session, flags, plan, sweep, result.wall_seconds);
  if (!told || !written) exit_code = worse_exit(exit_code, kExitInternal);
  return exit_code;
}

}  // namespace weir::cli
