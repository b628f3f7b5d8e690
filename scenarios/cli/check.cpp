// weir check: the checkers on a history from anywhere.
#include <cstdio>

#include "checkers/checkers.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {

void add_check(CLI::App& app, Session& session) {
  struct Options {
    std::string file;
    CheckOptions check;
    bool assume_drain = false;
    bool as_json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("check", "Apply the checkers to a history from anywhere");
  verb->add_option("history", options->file,
                   "A weir-history/1 file, a case file, or one of Jepsen (EDN)")
      ->required();
  verb->add_option("--contract", options->check.contract, "Judge by this contract")
      ->check(CLI::IsMember({"at-most-once", "at-least-once", "exactly-once", "idempotence",
                             "linearizable", "serializable", "kafka", "valid"}));
  verb->add_flag("--assume-drain", options->assume_drain,
                 "The history ends with a full read: absence is evidence");
  verb->add_flag("--json", options->as_json, "Findings, notes and verdicts as JSON");
  verb->footer(
      "Decided by a contract, where one is declared; else by what was promised, in a run's own\n"
      "history; else by any finding.\n"
      "Exit codes: 0 holds, 1 violated, 2 unknown, 64 no history.");
  verb->callback([options, &session] {
    if (options->assume_drain) options->check.final_drain = true;
    const CheckReport report = check_file(options->file, options->check);
    if (!report.error.empty()) complain(report.error);
    if (options->as_json) {
      std::fputs(to_json(report).c_str(), stdout);
    } else if (report.error.empty()) {
      std::fputs(to_text(report).c_str(), stdout);
      if (!report.found.findings.empty()) {
        std::printf("explain  %s explain %s 1\n", session.called_as.c_str(), options->file.c_str());
      }
    }
    session.exit_code = report.exit_code;
  });
}

}  // namespace weir::cli
