// weir diff: where two runs part, and what came of it.
#include "scenarios/diff.h"

#include <cstdio>

#include "scenarios/cli/verbs.h"

namespace weir::cli {
namespace {

struct DiffFlags {
  std::string a, b;
  std::string top = "runs";
  std::string align = "time";
  bool as_json = false;
};

int diff(const DiffFlags& options) {
  std::string error;
  const RunFiles a = read_run(options.a, options.top, error);
  const RunFiles b = error.empty() ? read_run(options.b, options.top, error) : RunFiles{};
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  const Align align = options.align == "cause" ? Align::cause : Align::time;
  std::fputs((options.as_json ? diff_json(a, b, align) : diff_text(a, b, align)).c_str(), stdout);
  return kExitOk;
}

}  // namespace

void add_diff(CLI::App& app, Session& session) {
  auto options = std::make_shared<DiffFlags>();
  CLI::App* verb = app.add_subcommand("diff", "Where two runs part, and what came of it");
  verb->add_option("a", options->a, "A run's folder or address")->required();
  verb->add_option("b", options->b, "Another, such as the same seed with one knob changed")
      ->required();
  verb->add_option("--align", options->align,
                   "time: the same facts at the same instants; cause: each node does the same\n"
                   "in the same order, whatever the time")
      ->check(CLI::IsMember({"time", "cause"}))
      ->capture_default_str();
  verb->add_option("--runs", options->top, "The folder of all runs")->capture_default_str();
  verb->add_flag("--json", options->as_json, "As one JSON object");
  verb->callback([options, &session] { session.exit_code = diff(*options); });
}

}  // namespace weir::cli
