// weir convert: histories from and to Jepsen's EDN.
#include <fstream>
#include <iostream>

#include "checkers/edn/jepsen.h"
#include "checkers/history_json.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {

namespace {

struct Options {
  std::string file;
  std::string to = "edn";
  std::string out;
};

// What went wrong, or nothing.
std::string convert(const Options& options) {
  const auto read = read_history_file(options.file);
  if (!read) return options.file + ": cannot be read; expected a history";
  if (const auto* error = std::get_if<HistoryError>(&*read)) return error->text;
  const History& history = std::get<History>(*read);
  if (!history.broken.empty()) return history.broken;
  std::ofstream file;
  if (!options.out.empty()) file.open(options.out, std::ios::binary);
  std::ostream& out = options.out.empty() ? std::cout : file;
  options.to == "edn" ? write_edn(history, out) : write_history(history, out);
  if (out.flush()) return "";
  return (options.out.empty() ? "stdout" : options.out) + ": cannot be written";
}

}  // namespace

void add_convert(CLI::App& app, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("convert", "Histories from and to Jepsen's EDN");
  verb->add_option("history", options->file, "A weir-history/1 file, a case, or one of Jepsen")
      ->required();
  verb->add_option("--to", options->to, "edn (for Jepsen's checkers) or jsonl (weir-history/1)")
      ->check(CLI::IsMember({"edn", "jsonl"}))
      ->capture_default_str();
  verb->add_option("--out", options->out, "Write here, not to stdout");
  verb->footer("Jepsen has no words for commits, seeks and facts: they are left out.");
  verb->callback([options, &session] {
    const std::string error = convert(*options);
    if (error.empty()) return;
    complain(error);
    session.exit_code = kExitUsage;
  });
}

}  // namespace weir::cli
