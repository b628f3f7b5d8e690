// weir explain: a finding of a history in sentences and as a picture, with the smallest history
// that shows it.
#include "checkers/explain.h"

#include <cstdio>
#include <fstream>

#include "broker/base/suggest.h"
#include "checkers/history_json.h"
#include "checkers/picture.h"
#include "scenarios/cli/explain_run.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/home.h"

namespace weir::cli {
namespace {

struct Explain {
  std::string file, finding, keep, picture;
  ExplainRun run;
};

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (out.flush()) return true;
  complain(path + ": cannot be written");
  return false;
}

std::string picture_of(const History& history, const Explanation& explanation, bool alone) {
  auto read = read_history(explanation.witness.text, "witness");
  const auto* small = std::get_if<History>(&read);
  const History& drawn = small == nullptr ? history : *small;
  return alone ? picture_svg(history, drawn, explanation.witness.finding)
               : picture_page(history, drawn, explanation.witness.finding);
}

int explain_history(const Explain& asked) {
  const std::string& path = asked.file;
  const auto read = read_history_file(path);
  if (!read) {
    complain(path + ": no such run, scenario or history" + did_you_mean(path, library_scenarios()));
    return kExitUsage;
  }
  if (const auto* error = std::get_if<HistoryError>(&*read)) {
    complain(error->text);
    return kExitUsage;
  }
  const History& history = std::get<History>(*read);
  if (!history.broken.empty()) complain(history.broken + "; only what comes before is explained");
  const Explanation explanation = explain(history, asked.finding);
  if (!explanation.error.empty()) {
    complain(path + ": " + explanation.error);
    return kExitUsage;
  }
  std::fputs(explanation.text.c_str(), stdout);
  bool written = asked.keep.empty() || write_file(asked.keep, explanation.witness.text);
  if (!asked.picture.empty()) {
    const bool alone = asked.picture.ends_with(".svg");
    written &= write_file(asked.picture, picture_of(history, explanation, alone));
  }
  return written ? kExitOk : kExitUsage;
}

}  // namespace

void add_explain(CLI::App& app, Session& session) {
  auto options = std::make_shared<Explain>();
  ExplainRun& run = options->run;
  CLI::App* verb = app.add_subcommand("explain", "What went wrong, step by step, and why");
  verb->add_option(
          "what", options->file,
          "A run's folder, repro.json or address (late-high-watermark/0x2a, with #126 for\n"
          "one event), a scenario, or a history as `weir check` takes it")
      ->required();
  verb->add_option("which", options->finding,
                   "A violation by its number or guarantee, or a record (orders-0@17, P1:17);\n"
                   "of a history: a finding by its number as `weir check` lists them, or kind");
  verb->add_option("--record", run.record, "The life of this record: orders-0@17 or P1:17");
  verb->add_option(
      "--futures", run.futures,
      "Draw so many futures anew after each step: when was it doomed? (The faults stay)");
  verb->add_flag("--promises", run.promises, "What was promised, and from what that follows");
  verb->add_flag("--quick", run.quick, "No re-runs that ask which step is at fault");
  verb->add_option("--format", run.format, "text, md or json")
      ->check(CLI::IsMember({"text", "md", "json"}))
      ->capture_default_str();
  verb->add_option("--jobs", run.jobs, "Processes for re-runs (default: one a core)");
  verb->add_option("--runs", run.top, "The folder of all runs")->capture_default_str();
  verb->add_option("--seed", run.load.seed, "Of a scenario: N, 0xN or a commit hash");
  verb->add_option("--set", run.load.settings, "Of a scenario: path=value")->take_all();
  verb->add_option("--plant", run.load.plant, "Of a scenario: with this planted bug");
  verb->add_option("--keep", options->keep,
                   "Of a history: write the smallest that shows the finding here");
  verb->add_option("--picture", options->picture,
                   "Of a history: draw it here, a page that stands alone, or a figure (.svg)");
  verb->callback([options, &session] {
    if (!names_run(options->file, options->run.top)) {
      session.exit_code = explain_history(*options);
      return;
    }
    options->run.load.name = options->file;
    options->run.what = options->finding;
    session.exit_code = explain_run(session, options->run);
  });
}

}  // namespace weir::cli
