// weir shrink: the smallest explicit scenario that fails as a run did; written beside the run, and
// kept among the regression scenarios on request.
#include "scenarios/shrink.h"

#include <sys/resource.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "scenarios/build_id.h"
#include "scenarios/cli/planted.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/home.h"
#include "scenarios/load.h"
#include "scenarios/run_folder.h"
#include "scenarios/scenario_json.h"

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

double cpu_used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

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

bool write_text(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), ignored);
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (out.flush()) return true;
  complain(path.string() + ": cannot be written");
  return false;
}

// As a file of its own: with a name, a sentence and, where the bug is planted, what to expect.
Scenario presentable(const Loaded& loaded, const Shrunk& shrunk) {
  Scenario s = shrunk.scenario;
  s.schema.clear();
  s.name = loaded.scenario.name + "-" + shrunk.shape;
  s.about = "Shrunk from " + loaded.scenario.name + ", seed " + format_hex(loaded.scenario.seed) +
            ". " + shrunk.failure.guarantee + " is violated" +
            (shrunk.how.empty() ? "" : ": " + shrunk.how) + ".";
  if (!s.plant.empty()) s.expect[shrunk.failure.guarantee] = {"violated"};
  return s;
}

// Beside the scenario, with the records that its producers read.
bool write_scenario_file(const fs::path& path, Scenario s, const Loaded& loaded,
                         const std::string& records_prefix) {
  for (ClientSpec& client : s.clients) {
    auto* producer = std::get_if<ProducerSpec>(&client.role);
    const auto file = loaded.files.find(client.id);
    if (producer == nullptr || file == loaded.files.end()) continue;
    producer->workload.records_file = records_prefix + client.id + ".jsonl";
    const fs::path records = path.parent_path() / producer->workload.records_file;
    if (!write_text(records, file->second.content)) return false;
  }
  return write_text(path, write_scenario(s));
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

std::string counted(std::size_t n, const char* one, const char* many) {
  return grouped(static_cast<std::int64_t>(n)) + " " + (n == 1 ? one : many);
}

void print_end(const Session& session, const ShrinkFlags& flags, const Shrunk& shrunk,
               const std::string& written, const std::string& kept) {
  std::printf("%s and %s: the same violation (%s, shape %s), %s\n",
              counted(shrunk.faults, "fault", "faults").c_str(),
              counted(shrunk.operations, "operation", "operations").c_str(),
              shrunk.failure.guarantee.c_str(), shrunk.shape.c_str(),
              counted(shrunk.runs, "run", "runs").c_str());
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
  const double limit = static_cast<double>(budget->count()) / 1e9;
  const double began = cpu_used();
  ShrinkOptions options;
  options.guarantee = flags.guarantee;
  options.keep_shape = flags.keep_shape;
  options.out_of_time = [began, limit] { return cpu_used() - began > limit; };
  if (!flags.as_json) options.on_pass = print_pass;
  const Shrunk shrunk = shrink(subject.loaded.scenario, subject.loaded.files, options);
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
  Scenario result = presentable(subject.loaded, shrunk);
  if (const auto problems = check_scenario(result); !problems.empty()) {
    complain(to_text(problems, "the shrunk scenario"));
    return kExitInternal;
  }
  const fs::path written = fs::path(subject.folder) / "shrunk.json";
  if (!write_scenario_file(written, result, subject.loaded, "records-")) return kExitInternal;
  std::string kept;
  if (flags.keep) {
    result.schema = "../schema/scenario-1.schema.json";
    const fs::path path = fs::path(home()) / "scenarios/regress" / (result.name + ".json");
    if (!write_scenario_file(path, result, subject.loaded, result.name + "-")) return kExitInternal;
    kept = path.string();
  }
  const double seconds = cpu_used() - began;
  if (flags.as_json) {
    print_json(shrunk, written.string(), seconds);
  } else {
    print_end(session, flags, shrunk, written.string(), kept);
    std::fprintf(stderr, "weir: shrunk in %.1f CPU-s\n", seconds);
  }
  return kExitOk;
}

int shrink_verb(const Session& session, const ShrinkFlags& flags) {
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
