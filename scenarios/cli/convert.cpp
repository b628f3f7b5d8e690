// weir convert: histories from and to Jepsen's EDN.
#include <cstdio>
#include <fstream>

#include "checkers/edn/jepsen.h"
#include "checkers/history_json.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {

void add_convert(CLI::App& app, Session& session) {
  struct Options {
    std::string file;
    std::string to = "edn";
    std::string out;
  };
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
    const std::optional<std::string> text = read_text(options->file);
    auto read = text ? read_history(*text, options->file)
                     : HistoryError{options->file + ": cannot be read; expected a history"};
    if (const auto* error = std::get_if<HistoryError>(&read)) {
      complain(error->text);
      session.exit_code = kExitUsage;
      return;
    }
    const History& history = std::get<History>(read);
    const std::string written = options->to == "edn" ? write_edn(history) : write_history(history);
    if (options->out.empty()) {
      std::fwrite(written.data(), 1, written.size(), stdout);
      return;
    }
    std::ofstream out(options->out, std::ios::binary);
    out << written;
    if (!out.flush()) {
      complain(options->out + ": cannot be written");
      session.exit_code = kExitUsage;
    }
  });
}

}  // namespace weir::cli
