// weir shrink: the smallest explicit scenario that fails as a run did; written beside the run, and
// kept among the regression scenarios on request.
#include "scenarios/shrink.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "scenarios/build_id.h"
#include "scenarios/cli/planted.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/cpu_budget.h"
#include "scenarios/home.h"
#include "scenarios/load.h"
#include "scenarios/run_folder.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shrunk_file.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

// Of a long pass, so many attempts are shown.
constexpr std::size_t kAttemptsShown = 48;

struct ShrinkFlags {
  LoadRequest load;
  std::string top = "runs";
  std::string guarantee;
  std::string budget = "60s";
  bool keep_shape = false;
  bool keep = false;
  bool as_json = false;
};

// What is shrunk: a kept run, or a scenario at a seed.
struct Shrinkable {
  Loaded loaded;
  std::string folder;       // where the result goes
  std::string fingerprint;  // that a run of this build must have; empty: nobody knows
};

Shrinkable read_subject(const ShrinkFlags& flags, std::string& error) {
  Shrinkable subject;
  std::string no_run;
  const Repro repro = read_repro(flags.load.name, flags.top, no_run);
  if (no_run.empty()) {
    subject.loaded = load_resolved(repro.scenario, repro.directory, error);
    subject.folder = repro.directory;
    if (repro.build == build_id()) subject.fingerprint = repro.fingerprint;
    return subject;
  }
  subject.loaded = load(flags.load, error);
  if (!error.empty()) {
    error += "\n" + flags.load.name +
             " is no kept run either (a repro.json, a run's folder, or an "
             "address below " +
             flags.top + ")";
    return subject;
  }
  subject.folder = (fs::path(flags.top) / subject.loaded.address()).string();
  return subject;
}

std::string shown(const std::string& attempts) {
  if (attempts.size() <= kAttemptsShown) return attempts;
  return attempts.substr(0, kAttemptsShown - 3) + "...";
}

void print_pass(const ShrinkPass& pass) {
  if (pass.attempts.find('!') == std::string::npos) return;
  const std::string change =
      pass.before == pass.after ? std::string() : pass.before + " -> " + pass.after;
  std::printf("  %-11s %-14s %s\n", pass.name.c_str(), change.c_str(),
              shown(pass.attempts).c_str());
  std::fflush(stdout);
}

void print_json(const Shrunk& shrunk, const std::string& written, double seconds) {
  nlohmann::ordered_json json = {{"guarantee", shrunk.failure.guarantee},
                                 {"shape", shrunk.shape},
                                 {"faults", shrunk.faults},
                                 {"operations", shrunk.operations},
                                 {"runs", shrunk.runs},
                                 {"out_of_time", shrunk.out_of_time},
                                 {"cpu_seconds", seconds},
                                 {"written", written}};
  std::printf("%s\n", json.dump().c_str());
}

void print_end(const Session& session, const ShrinkFlags& flags, const Shrunk& shrunk,
               const std::string& written, const std::string& kept) {
  std::printf("%s: the same violation (%s, shape %s), %s runs\n", size_text(shrunk).c_str(),
              shrunk.failure.guarantee.c_str(), shrunk.shape.c_str(),
              grouped(static_cast<std::int64_t>(shrunk.runs)).c_str());
  if (shrunk.out_of_time) {
    std::printf("stopped by --budget %s: it is smaller, not the smallest\n", flags.budget.c_str());
  }
  const char* called_as = session.called_as.c_str();
  std::printf("written  %s\n", written.c_str());
  std::printf("replay   %s run %s\n", called_as, written.c_str());
  std::printf("explain  %s explain %s\n", called_as, written.c_str());
  if (kept.empty()) {
    std::printf("keep     %s shrink %s --keep\n", called_as, written.c_str());
  } else {
    std::printf("kept     %s\n", kept.c_str());
  }
}

int shrink_subject(const Session& session, const ShrinkFlags& flags, const Shrinkable& subject) {
  const auto budget = parse_duration(flags.budget);
  if (!budget) {
    complain("--budget " + flags.budget + ": expected " + std::string(kDurationForm));
    return kExitUsage;
  }
  const double began = cpu_used();
  ShrinkOptions options;
  options.guarantee = flags.guarantee;
  options.keep_shape = flags.keep_shape;
  options.out_of_time = cpu_budget(*budget);
  if (!flags.as_json) {
    options.on_begin = [&subject](std::uint64_t fingerprint) {
      const std::string text = fingerprint_text(fingerprint);
      std::printf("fingerprint %s%s\n", text.c_str(),
                  text == subject.fingerprint ? " reproduced" : "");
    };
    options.on_pass = print_pass;
  }
  const Shrunk shrunk = shrink(subject.loaded, options);
  if (!shrunk.failed_because.empty()) {
    complain(flags.load.name + ": " + shrunk.failed_because);
    return kExitUsage;
  }
  const std::string fingerprint = fingerprint_text(shrunk.fingerprint);
  if (!subject.fingerprint.empty() && fingerprint != subject.fingerprint) {
    complain("the kept run has the fingerprint " + subject.fingerprint + ", this one " +
             fingerprint);
    return kExitNotDeterministic;
  }
  Scenario result = presentable(shrunk, subject.loaded.scenario);
  if (const auto problems = check_scenario(result); !problems.empty()) {
    complain(to_text(problems, "the shrunk scenario"));
    return kExitInternal;
  }
  const std::string written = (fs::path(subject.folder) / "shrunk.json").string();
  std::string error;
  write_shrunk(written, result, subject.loaded.files, "records-", error);
  std::string kept;
  if (flags.keep && error.empty()) {
    result.schema = "../schema/scenario-1.schema.json";
    kept = (fs::path(home()) / "scenarios/regress" / (result.name + ".json")).string();
    write_shrunk(kept, result, subject.loaded.files, result.name + "-", error);
  }
  if (!error.empty()) {
    complain(error);
    return kExitInternal;
  }
  const double seconds = cpu_used() - began;
  if (flags.as_json) {
    print_json(shrunk, written, seconds);
  } else {
    print_end(session, flags, shrunk, written, kept);
    std::fprintf(stderr, "weir: shrunk in %.1f CPU-s\n", seconds);
  }
  return kExitOk;
}

int shrink_verb(const Session& session, const ShrinkFlags& flags) {
  const auto ids = guarantee_ids();
  if (!flags.guarantee.empty() && std::ranges::find(ids, flags.guarantee) == ids.end()) {
    complain("--guarantee " + flags.guarantee + ": no such guarantee" +
             did_you_mean(flags.guarantee, ids) + "; see `list guarantees`");
    return kExitUsage;
  }
  std::string error;
  const Shrinkable subject = read_subject(flags, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  if (needs_planting(subject.loaded.scenario)) return run_planted(subject.loaded.scenario);
  return shrink_subject(session, flags, subject);
}

}  // namespace

void add_shrink(CLI::App& app, Session& session) {
  auto flags = std::make_shared<ShrinkFlags>();
  CLI::App* verb = app.add_subcommand("shrink", "The smallest scenario that fails as a run did");
  verb->add_option("what", flags->load.name,
                   "A run's folder, a repro.json, an address such as storm/0x7, or a scenario")
      ->required();
  verb->add_option("--seed", flags->load.seed, "Of a scenario: N, 0xN or a commit hash");
  verb->add_option("--set", flags->load.settings, "Of a scenario: change it first, path=value")
      ->take_all();
  verb->add_option("--plant", flags->load.plant, "Of a scenario: with this planted bug");
  verb->add_option("--guarantee", flags->guarantee,
                   "The violation to keep (default: the first of the table)");
  verb->add_option("--budget", flags->budget, "CPU time; then the smallest so far is written")
      ->capture_default_str();
  verb->add_flag("--keep-shape", flags->keep_shape,
                 "No step may change the shape: the sorts of faults stay as they are");
  verb->add_flag("--keep", flags->keep, "Also write it to scenarios/regress");
  verb->add_option("--runs", flags->top, "The folder of all runs")->capture_default_str();
  verb->add_flag("--json", flags->as_json, "One object instead of the table");
  verb->footer(
      "Written to shrunk.json in the run's folder. In the table, ! is a step that still\n"
      "fails in the same way and stands, . is one that does not.");
  verb->callback([flags, &session] { session.exit_code = shrink_verb(session, *flags); });
}

}  // namespace weir::cli
