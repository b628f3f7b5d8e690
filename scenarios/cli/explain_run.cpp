// The run is made anew with all its events, so there is always everything to tell from; a kept run
// must have the fingerprint it was kept with. One that another build kept is told from its files.
#include "scenarios/cli/explain_run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "checkers/history_json.h"
#include "scenarios/biography.h"
#include "scenarios/build_id.h"
#include "scenarios/cli/planted.h"
#include "scenarios/cli/report.h"
#include "scenarios/diff.h"
#include "scenarios/forked.h"
#include "scenarios/home.h"
#include "scenarios/json_text.h"
#include "scenarios/outcome.h"
#include "scenarios/plant.h"
#include "scenarios/run_folder.h"
#include "scenarios/story_text.h"
#include "scenarios/verdict_read.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

// The format of a JSON file, or empty.
std::string format_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const auto json = parse_json(in);
  if (!json.is_object() || !json.contains("format") || !json["format"].is_string()) return {};
  return json["format"].get<std::string>();
}

std::string without_event(const std::string& name) { return name.substr(0, name.find('#')); }

struct Remade {
  Loaded loaded;
  RunOutcome outcome;
  EventFile events;
  std::string folder;       // where its files lie; empty: nowhere yet
  std::string expected;     // the fingerprint that it must have; empty: any
  bool from_files = false;  // kept by another build: told as it was, and not to be run again
};

// What was kept, as its files tell it.
void take_files(const std::string& folder, Remade& run, std::string& error) {
  const RunFiles files = read_run(folder, folder, error);
  if (!error.empty()) return;
  run.events = files.events;
  run.outcome.verdicts = read_verdicts(files.verdict, error);
  if (!error.empty()) error = folder + "/verdict.json: " + error;
  const std::string path = folder + "/history.jsonl";
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  auto history = read_history_so_far(text, path);
  if (auto* read = std::get_if<History>(&history)) run.outcome.history = std::move(*read);
  run.from_files = true;
}

// Loads what was kept, or the scenario.
void load_run(const ExplainRun& asked, Remade& run, std::string& error) {
  LoadRequest request = asked.load;
  request.name = without_event(request.name);
  const std::string file = find_scenario(request.name);
  if (!file.empty() && format_of(file) == kScenarioFormat) {
    run.loaded = load(request, error);
    return;
  }
  const Repro repro = read_repro(request.name, asked.top, error);
  if (!error.empty()) return;
  if (!request.seed.empty() || !request.settings.empty() || !request.plant.empty()) {
    error = asked.load.name + " is a kept run: --seed, --set and --plant are for scenarios";
    return;
  }
  run.loaded = load_resolved(repro.scenario, repro.directory, error);
  run.folder = repro.directory;
  run.expected = repro.fingerprint;
  if (!error.empty() || repro.build == build_id()) return;
  run.expected.clear();
  std::string incomplete;
  take_files(repro.directory, run, incomplete);
  complain("kept by build " + repro.build + ", this is " + std::string(build_id()) +
           (run.from_files ? ": told from its files, without re-runs"
                           : ": what is told is the run of this build"));
}

int remake(const Session& session, const std::string& top, Remade& run) {
  RunOptions options;
  options.trace = true;
  run.outcome = run_scenario(run.loaded.scenario, run.loaded.inputs, options);
  const std::string fingerprint = fingerprint_text(run.outcome.fingerprint);
  if (!run.expected.empty() && fingerprint != run.expected) {
    complain("the run was kept with the fingerprint " + run.expected + ", and now has " +
             fingerprint);
    return kExitNotDeterministic;
  }
  std::string error;
  run.events = EventFile::parse(run.outcome.traces.events, error);
  if (!error.empty()) {
    complain("events of the run: " + error);
    return kExitInternal;
  }
  if (run.folder.empty()) run.folder = (fs::path(top) / run.loaded.address()).string();
  if (!fs::exists(run.folder)) {
    run.folder =
        write_run_folder(run.loaded, run.outcome, judgement_of(run.loaded.scenario, run.outcome),
                         {top, session.called_as, 0}, error);
  }
  if (!error.empty()) complain(error);
  return error.empty() ? kExitOk : kExitInternal;
}

struct Chosen {
  const Verdict* verdict = nullptr;
  const Violation* violation = nullptr;
};

// What is violated, then what would be, had it been promised.
std::vector<Chosen> violations_of(const RunOutcome& outcome) {
  std::vector<Chosen> all;
  for (const VerdictWord word : {VerdictWord::violated, VerdictWord::not_promised}) {
    for (const Verdict& verdict : outcome.verdicts) {
      if (verdict.word != word) continue;
      for (const Violation& violation : verdict.violations) all.push_back({&verdict, &violation});
    }
  }
  return all;
}

std::string choices(const std::vector<Chosen>& all) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) {
    text += "\n  " + std::to_string(i + 1) + "  " + all[i].verdict->id + " " +
            std::string(name_of(all[i].verdict->word)) + "  " + all[i].violation->record;
  }
  if (all.size() > kMost) text += "\n  ... " + grouped(static_cast<std::int64_t>(all.size()));
  return text;
}

Chosen choose(const std::vector<Chosen>& all, const std::string& what, std::string& error) {
  if (all.empty()) {
    error =
        "every promise of this run holds, and nothing was lost, doubled or out of order; "
        "--promises tells why each is one, --record the life of a record";
    return {};
  }
  if (what.empty()) return all.front();
  if (const auto number = parse_unsigned(what); number && *number >= 1 && *number <= all.size()) {
    return all[*number - 1];
  }
  const auto named = std::ranges::find(all, what, [](const Chosen& c) { return c.verdict->id; });
  if (named != all.end()) return *named;
  error = "no violation " + weir::quoted(what) + " in this run; there are" + choices(all);
  return {};
}

std::string seen_before(const ExplainRun& asked, const Scenario& scenario) {
  std::string error;
  const bool kept = find_scenario(asked.load.name).find("/regress/") != std::string::npos;
  if (scenario.plant.empty()) return kept ? scenario.about : std::string();
  const Mutant mutant = read_mutant(scenario.plant, error);
  return error.empty()
             ? "the planted bug " + mutant.name + " in " + mutant.file + ": " + mutant.about
             : std::string();
}

std::vector<std::string> commands(const Session& session, const ExplainRun& asked,
                                  const Remade& run) {
  const std::string weir = session.called_as + " ";
  const std::string file = find_scenario(without_event(asked.load.name));
  const std::string report = run.folder + "/report/sequence.svg";
  std::vector<std::string> lines = {"replay   " + weir + "replay " + run.folder + "/repro.json"};
  if (run.loaded.scenario.faults.fired && !file.empty()) {
    lines.push_back("keep     git add " + file);
  } else {
    lines.push_back("shrink   " + weir + "shrink " + run.folder);
  }
  lines.push_back("picture  " + (fs::exists(report) ? report : weir + "report " + run.folder));
  return lines;
}

void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

int explain_event(const ExplainRun& asked, const Remade& run, const std::string& number) {
  const auto sequence = parse_unsigned(number);
  const LoggedEvent* event =
      sequence ? run.events.find(static_cast<std::int64_t>(*sequence)) : nullptr;
  if (event == nullptr) {
    complain(asked.load.name + ": expected the number of a fact of " + run.folder +
             "/events.jsonl behind the #");
    return kExitUsage;
  }
  const Story story = tell_story(run.events, subject_of(run.events, event->sequence));
  print("how it came to event #" + grouped(event->sequence) + " of " + event->node + "\n\n" +
        steps_text(story) + "\n" + event->line + "\n");
  return kExitOk;
}

int explain_record(const ExplainRun& asked, const Remade& run, const std::string& record) {
  std::string error;
  const Biography life = biography_of(run.events, run.outcome.history, record, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  print(asked.format == "json" ? biography_json(life) : biography_text(life));
  return kExitOk;
}

int explain_violation(const Session& session, const ExplainRun& asked, const Remade& run) {
  std::string error;
  const Chosen chosen = choose(violations_of(run.outcome), asked.what, error);
  if (!error.empty()) {
    complain(error);
    return asked.what.empty() ? kExitOk : kExitUsage;
  }
  const Story story =
      tell_story(run.events, subject_of(run.events, chosen.verdict->id, *chosen.violation));
  const Repeatable repeatable{run.loaded.scenario, run.loaded.inputs, run.outcome.begin,
                              run.outcome.leader_moves};
  HowOften how;
  how.jobs = asked.jobs > 0 ? asked.jobs : default_jobs();
  Told told{run.loaded.scenario, *chosen.verdict, *chosen.violation, story, {}, {}, {}, {}};
  how.futures = asked.futures;
  if (run.from_files && asked.futures > 0) {
    complain("--futures needs the program that kept the run, or the scenario in its place");
    return kExitUsage;
  }
  if (!asked.quick && !run.from_files)
    told.what_if = ask_what_if(repeatable, run.events, story, how);
  if (asked.futures > 0) {
    told.doom = doom_curve(repeatable, story, how);
    const std::string path = run.folder + "/futures.json";
    std::ofstream out(path, std::ios::binary);
    out << to_json(story, told.doom);
    if (!out.flush()) {
      complain(path + ": cannot be written");
      return kExitInternal;
    }
    static_cast<void>(make_report({run.folder}, {}));
  }
  told.seen_before = seen_before(asked, run.loaded.scenario);
  told.commands = commands(session, asked, run);
  print(asked.format == "json" ? story_json(told)
        : asked.format == "md" ? story_markdown(told)
                               : story_text(told));
  return kExitOk;
}

bool is_record(const std::string& what) {
  return what.find('@') != std::string::npos || what.find(':') != std::string::npos;
}

}  // namespace

bool names_run(const std::string& name, const std::string& top) {
  const std::string plain = without_event(name);
  std::error_code ignored;
  if (fs::is_directory(plain, ignored)) return true;
  if (fs::is_regular_file(plain, ignored)) {
    const std::string format = format_of(plain);
    return format == kScenarioFormat || format == "weir-repro/1";
  }
  return !find_scenario(plain).empty() || fs::is_directory(fs::path(top) / plain, ignored);
}

int explain_run(const Session& session, const ExplainRun& asked) {
  std::string error;
  Remade run;
  load_run(asked, run, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  if (!run.from_files) {
    if (needs_planting(run.loaded.scenario)) return run_planted(run.loaded.scenario);
    const int made = remake(session, asked.top, run);
    if (made != kExitOk) return made;
  }
  if (asked.promises) {
    print(promises_text(run.outcome.verdicts));
    return kExitOk;
  }
  const std::size_t mark = asked.load.name.find('#');
  if (mark != std::string::npos) {
    return explain_event(asked, run, asked.load.name.substr(mark + 1));
  }
  if (!asked.record.empty()) return explain_record(asked, run, asked.record);
  if (is_record(asked.what)) return explain_record(asked, run, asked.what);
  return explain_violation(session, asked, run);
}

}  // namespace weir::cli
