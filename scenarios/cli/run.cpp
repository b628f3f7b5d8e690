// weir run and weir replay: one seed, the verdict table, the run's folder and its report.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "broker/base/text.h"
#include "checkers/verdict_json.h"
#include "scenarios/build_id.h"
#include "scenarios/cli/planted.h"
#include "scenarios/cli/report.h"
#include "scenarios/cli/sweep_end.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/double_run.h"
#include "scenarios/forked.h"
#include "scenarios/home.h"
#include "scenarios/outcome.h"
#include "scenarios/run_folder.h"
#include "scenarios/story.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict_table.h"
#include "scenarios/what_if.h"

namespace weir::cli {
namespace {

struct RunFlags {
  LoadRequest load;
  std::string top = "runs";
  bool twice = false;
  bool as_json = false;
  bool no_report = false;
  bool break_at_violation = false;
  bool verbose = false;
  std::uint64_t futures = 0;    // of a run
  std::string until;            // of a replay
  std::string stop_on = "end";  // of a run
  std::string junit;            // of a run
};

// Lines of the timeline that a replay shows of what came before the moment where it stops.
constexpr std::size_t kLinesBeforeStop = 25;

void list_choices(const Session& session, const std::string& verb) {
  complain(verb + " needs a scenario: a file, or one of");
  for (const std::string& name : library_scenarios()) std::fprintf(stderr, "  %s\n", name.c_str());
  std::fprintf(stderr, "for example: %s %s crash-and-return --seed 7\n", session.called_as.c_str(),
               verb.c_str());
}

struct Finished {
  RunOutcome outcome;
  Judgement judgement;
  std::string difference;  // of a doubled run
  double wall_seconds = 0;
};

Finished execute(const Loaded& loaded, bool twice, const StopOptions& stop) {
  Finished finished;
  RunOptions options;
  options.trace = true;
  options.steps = twice;
  options.stop = stop;
  const auto began = std::chrono::steady_clock::now();
  finished.outcome = run_scenario(loaded.scenario, loaded.inputs, options);
  finished.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (twice) {
    const RunOutcome again = run_scenario(loaded.scenario, loaded.inputs, options);
    finished.difference = difference(finished.outcome, again);
    const bool differs = !finished.difference.empty();
    finished.outcome.verdicts.push_back(judge_determinism(1, differs ? 1 : 0, finished.difference));
  }
  finished.judgement = judgement_of(loaded.scenario, finished.outcome);
  return finished;
}

void print_json(const Loaded& loaded, const Finished& finished) {
  VerdictHeader header;
  header.scenario = loaded.scenario.name;
  header.seed = format_hex(loaded.scenario.seed);
  header.build = std::string(build_id());
  header.fingerprint = fingerprint_text(finished.outcome.fingerprint);
  header.shape = shape_of_failure(finished.outcome);
  std::fputs(to_json(header, finished.outcome.verdicts, finished.judgement.exit_code).c_str(),
             stdout);
}

// A run is a sweep of one.
bool write_run_junit(const Session& session, const RunFlags& options, const Loaded& loaded,
                     const Finished& finished) {
  if (options.junit.empty()) return true;
  SweepPlan plan;
  SweepSubject subject;
  subject.label = loaded.scenario.name;
  subject.asked_as = options.load.name;
  subject.records = options.load.records;
  subject.settings = options.load.settings;
  plan.subjects.push_back(std::move(subject));
  plan.options.first_seed = loaded.scenario.seed;
  SweepResult result;
  result.results.push_back(seed_result_of(loaded.scenario, finished.outcome, finished.judgement));
  result.results.back().doubled = options.twice;
  result.results.back().same = finished.difference.empty();
  SweepEndFlags flags;
  flags.junit = options.junit;
  return write_ci_reports(session, flags, plan, tally(plan, result), finished.wall_seconds);
}

// The line that says when the first violation became inevitable; and futures.json for the report.
std::string doomed_line(const Loaded& loaded, const RunOutcome& outcome, std::uint64_t futures,
                        const std::string& folder) {
  const auto verdict = std::ranges::find(outcome.verdicts, VerdictWord::violated, &Verdict::word);
  std::string error;
  const EventFile events = EventFile::parse(outcome.traces.events, error);
  if (verdict == outcome.verdicts.end() || verdict->violations.empty() || !error.empty()) return {};
  const Story story =
      tell_story(events, subject_of(events, verdict->id, verdict->violations.front()));
  const auto points =
      doom_curve({loaded.scenario, loaded.inputs, outcome.begin, outcome.leader_moves}, story,
                 {futures, default_jobs()});
  std::ofstream(folder + "/futures.json", std::ios::binary) << to_json(story, points);
  return "  doomed   " + doom_text(points) + "\n";
}

// Runs, writes the folder and the report, prints the screen.
int run_loaded(const Session& session, const RunFlags& options, const Loaded& loaded,
               const std::string& expected_fingerprint) {
  StopOptions stop;
  stop.first_breach = options.stop_on == "first";
  Finished finished = execute(loaded, options.twice, stop);
  if (options.verbose) {
    std::fputs(timeline_text(finished.outcome.traces.events).c_str(), stdout);
  }
  const std::string fingerprint = fingerprint_text(finished.outcome.fingerprint);
  int exit_code = finished.judgement.exit_code;
  std::string reason = finished.judgement.reason;
  if (!expected_fingerprint.empty() && fingerprint != expected_fingerprint) {
    exit_code = worse_exit(exit_code, kExitNotDeterministic);
    reason = "the kept run has the fingerprint " + expected_fingerprint;
  }
  std::string error;
  TableOptions table;
  table.called_as = session.called_as;
  table.folder = write_run_folder(loaded, finished.outcome, finished.judgement,
                                  {options.top, session.called_as, finished.wall_seconds}, error);
  if (!error.empty()) {
    complain(error);
    table.folder.clear();
    exit_code = worse_exit(exit_code, kExitInternal);
  }
  std::string doomed;
  if (options.futures > 0 && error.empty()) {
    doomed = doomed_line(loaded, finished.outcome, options.futures, table.folder);
  }
  if (error.empty() && !options.no_report) {
    table.report = make_report({table.folder}, {});
  }
  if (!write_run_junit(session, options, loaded, finished)) {
    exit_code = worse_exit(exit_code, kExitInternal);
  }
  if (options.as_json) {
    print_json(loaded, finished);
  } else {
    std::fputs(head_text(loaded, finished.outcome, table).c_str(), stdout);
    std::printf("\n%s%s\n", verdicts_text(finished.outcome).c_str(), doomed.c_str());
    if (!finished.difference.empty()) {
      std::printf("NOT DETERMINISTIC  %s\n\n", finished.difference.c_str());
    }
    std::fputs(foot_text(loaded, finished.outcome, table, exit_code, reason).c_str(), stdout);
  }
  const double simulated = static_cast<double>(finished.outcome.cost.simulated.ns) / 1e9;
  std::fprintf(stderr, "weir: simulated %.1f s in %.2f s (%.0fx)\n", simulated,
               finished.wall_seconds, simulated / std::max(finished.wall_seconds, 1e-6));
  if (options.break_at_violation && exit_code == kExitViolation) std::raise(SIGTRAP);
  return exit_code;
}

// Up to a moment inside: shows what led to it. The kept run and its verdicts stay as they are.
int replay_until(const RunFlags& options, const Loaded& loaded) {
  const std::optional<StopOptions> stop = parse_stop(options.until);
  if (!stop) {
    complain("--until " + options.until + ": expected a time such as 7.5s, or an event, #18277");
    return kExitUsage;
  }
  const Finished finished = execute(loaded, false, *stop);
  const std::size_t lines = options.verbose ? 0 : kLinesBeforeStop;
  std::fputs(timeline_text(finished.outcome.traces.events, lines).c_str(), stdout);
  const bool reached = !finished.outcome.limit.empty();
  std::printf("%s\n", reached ? finished.outcome.limit.c_str() : "the run ended before that");
  return kExitOk;
}

int run(const Session& session, const RunFlags& options) {
  if (options.load.name.empty()) {
    list_choices(session, "run");
    return kExitUsage;
  }
  std::string error;
  const Loaded loaded = load(options.load, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  if (needs_planting(loaded.scenario)) return run_planted(loaded.scenario);
  return run_loaded(session, options, loaded, {});
}

int replay(const Session& session, RunFlags options) {
  std::string error;
  const std::size_t mark = options.load.name.find('#');
  if (mark != std::string::npos && options.until.empty()) {
    options.until = options.load.name.substr(mark);
  }
  const Repro repro = read_repro(options.load.name, options.top, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  const Loaded loaded = load_resolved(repro.scenario, repro.directory, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  if (needs_planting(loaded.scenario)) return run_planted(loaded.scenario);
  if (repro.build != build_id()) {
    complain("kept by build " + repro.build + ", this is " + std::string(build_id()) +
             ": the fingerprint may rightly differ");
  }
  if (!options.until.empty()) return replay_until(options, loaded);
  return run_loaded(session, options, loaded,
                    repro.build == build_id() ? repro.fingerprint : std::string());
}

void add_output_flags(CLI::App& verb, RunFlags& options) {
  verb.add_option("--runs", options.top, "The folder of all runs")->capture_default_str();
  verb.add_flag("--json", options.as_json, "Print verdict.json instead of the table");
  verb.add_flag("--no-report", options.no_report, "Do not draw figures");
  verb.add_flag("--double", options.twice, "Run twice and compare the fingerprints");
}

}  // namespace

void add_run(CLI::App& app, Session& session) {
  auto options = std::make_shared<RunFlags>();
  CLI::App* verb = app.add_subcommand("run", "One seed: verdict table and report");
  verb->add_option("scenario", options->load.name, "A file, or a name of the library");
  verb->add_option("--seed", options->load.seed, "N, 0xN or a commit hash");
  verb->add_option("--set", options->load.settings,
                   "Change the scenario: path=value, such as clients.P1.config.acks=1")
      ->take_all();
  verb->add_option("--records", options->load.records,
                   "A JSON Lines file in place of the scenario's records");
  verb->add_option("--plant", options->load.plant, "Run the code with this planted bug");
  verb->add_option("--futures", options->futures,
                   "Where something is violated: draw so many futures anew after each step of\n"
                   "its story, and say when it became inevitable");
  verb->add_option("--stop-on", options->stop_on,
                   "end, or first: where a check first objects to what it sees")
      ->check(CLI::IsMember({"first", "end"}))
      ->capture_default_str();
  add_output_flags(*verb, *options);
  verb->add_option("--junit", options->junit, "Write JUnit's XML: a test case a guarantee");
  verb->footer("The run lands in runs/<scenario>/<seed>/; the same run gives the same bytes.");
  verb->callback([options, &session] { session.exit_code = run(session, *options); });
}

void add_replay(CLI::App& app, Session& session) {
  auto options = std::make_shared<RunFlags>();
  CLI::App* verb = app.add_subcommand("replay", "Repeat a kept run and assert its fingerprint");
  verb->add_option("run", options->load.name,
                   "A repro.json, a run's folder, or an address such as crash-and-return/0x7;\n"
                   "with an event, crash-and-return/0x7#126, the replay stops there")
      ->required();
  verb->add_option("--until", options->until,
                   "Stop at a time (7.5s) or an event (#18277) and show what led to it");
  verb->add_flag("--verbose", options->verbose, "Print every fact, a line each");
  verb->add_flag("--break", options->break_at_violation, "SIGTRAP when a guarantee is violated");
  add_output_flags(*verb, *options);
  verb->callback([options, &session] { session.exit_code = replay(session, *options); });
}

}  // namespace weir::cli
