// weir explain: a finding of a history in sentences and as a picture, with the smallest history
// that shows it.
#include "checkers/explain.h"

#include <cstdio>
#include <fstream>

#include "checkers/history_json.h"
#include "checkers/picture.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {
namespace {

struct Explain {
  std::string file, finding, keep, picture;
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
  const std::optional<std::string> text = read_text(path);
  if (!text) {
    complain(path + ": cannot be read; expected a history");
    return kExitUsage;
  }
  auto read = read_history_so_far(*text, path);
  if (const auto* error = std::get_if<HistoryError>(&read)) {
    complain(error->text);
    return kExitUsage;
  }
  const History& history = std::get<History>(read);
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
  CLI::App* verb = app.add_subcommand("explain", "A finding of a history, in sentences");
  verb->add_option("history", options->file, "What `weir check` takes")->required();
  verb->add_option("finding", options->finding,
                   "Its number as `weir check` lists them, from 1, or its kind");
  verb->add_option("--keep", options->keep, "Write the smallest history that shows it here");
  verb->add_option("--picture", options->picture,
                   "Draw it here: a page that stands alone, or only the figure (.svg)");
  verb->callback([options, &session] { session.exit_code = explain_history(*options); });
}

}  // namespace weir::cli
