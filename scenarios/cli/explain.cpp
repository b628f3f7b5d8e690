// weir explain: a finding of a history in sentences, with the smallest history that shows it.
#include "checkers/explain.h"

#include <cstdio>
#include <fstream>
#include <iterator>

#include "checkers/history_json.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {
namespace {

int explain_history(const std::string& path, const std::string& which, const std::string& keep) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto read = read_history(text, path);
  if (const auto* error = std::get_if<HistoryError>(&read)) {
    complain(file ? error->text : path + ": cannot be read; expected a history");
    return kExitUsage;
  }
  const Explanation explanation = explain(std::get<History>(read), which);
  if (!explanation.error.empty()) {
    complain(path + ": " + explanation.error);
    return kExitUsage;
  }
  std::fputs(explanation.text.c_str(), stdout);
  if (keep.empty()) return kExitOk;
  std::ofstream out(keep, std::ios::binary);
  out << explanation.witness.text;
  if (out.flush()) return kExitOk;
  complain(keep + ": cannot be written");
  return kExitUsage;
}

}  // namespace

void add_explain(CLI::App& app, Session& session) {
  struct Options {
    std::string file, finding, keep;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("explain", "A finding of a history, in sentences");
  verb->add_option("history", options->file, "What `weir check` takes")->required();
  verb->add_option("finding", options->finding,
                   "Its number as `weir check` lists them, from 1, or its kind");
  verb->add_option("--keep", options->keep, "Write the smallest history that shows it here");
  verb->callback([options, &session] {
    session.exit_code = explain_history(options->file, options->finding, options->keep);
  });
}

}  // namespace weir::cli
