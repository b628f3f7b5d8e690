// GitHub Actions: workflow commands (docs.github.com, "Workflow commands for GitHub Actions") and
// the job summary.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "broker/base/text.h"
#include "scenarios/ci_reports.h"
#include "scenarios/home.h"
#include "scenarios/sweep_report.h"

namespace weir {
namespace {

// GitHub shows ten annotations of a kind for each step: nine shapes and the count of the others.
constexpr std::size_t kAnnotations = 9;
constexpr std::size_t kSummaryBytes = 1 << 20;

// The escapes that the runner undoes; in properties also what would end them.
std::string escaped(const std::string& text, bool property) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':': out += property ? "%3A" : ":"; break;
      case ',': out += property ? "%2C" : ","; break;
      default: out += c;
    }
  }
  return out;
}

// Where the faults of the scenario's file are told, or its first line.
std::size_t line_of_faults(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t at = text.find("\"faults\"");
  return at == std::string::npos ? 1 : line_of(text, at);
}

// Relative to the repository where it lies in it, which is what an annotation needs.
std::string path_in_repository(const std::string& path) {
  const std::string top = home() + "/";
  return path.starts_with(top) ? path.substr(top.size()) : path;
}

std::string annotation(const SweepSubject& subject, const std::string& title,
                       const std::string& message) {
  const std::string path = find_scenario(subject.asked_as);
  return "::error file=" + escaped(path_in_repository(path), true) +
         ",line=" + std::to_string(line_of_faults(path)) + ",title=" + escaped(title, true) +
         "::" + escaped(message, false) + "\n";
}

// A cell of a table: no line ends, no bars.
std::string cell(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string verdict_table(const SweepPlan& plan, const SweepTally& sweep, std::size_t number) {
  const SubjectTally& subject = sweep.subjects[number];
  std::string text = "\n#### " + cell(plan.subjects[number].label) + "\n\n" +
                     "| guarantee | verdict | runs |\n|---|---|---|\n";
  for (const std::string& id : subject.order) {
    const GuaranteeTally& guarantee = subject.guarantees.at(id);
    const bool failed = guarantee.failures > 0;
    const std::string word = guarantee.worst();
    std::string runs;
    for (const auto& [each, n] : guarantee.words) {
      runs += (runs.empty() ? "" : ", ") + std::to_string(n) + " " + each;
    }
    text += "| " + cell(id) + " | " + (failed ? "**VIOLATED**" : word) + " | " + runs + " |\n";
  }
  return text;
}

}  // namespace

std::string github_annotations(const SweepPlan& plan, const SweepTally& sweep,
                               const std::string& called_as) {
  std::string text;
  std::size_t told = 0;
  std::size_t all = sweep.shapes.size();
  for (const ShapeTally& shape : sweep.shapes) {
    if (told == kAnnotations) break;
    ++told;
    const SweepSubject& subject = plan.subjects[shape.subject];
    text += annotation(subject, shape.first->violated + " violated, shape " + shape.shape,
                       subject.label + ": " + shape.first->headline + "\n" +
                           rate_text(shape.runs, sweep.subjects[shape.subject].runs) + "\n" +
                           run_command(called_as, subject, shape.first->seed));
  }
  for (const SeedResult* saved : sweep.saved) {
    if (saved->shape.empty()) continue;
    ++all;
    if (told == kAnnotations) continue;
    ++told;
    const SweepSubject& subject = plan.subjects[saved->subject];
    text += annotation(subject, saved->violated + " violated again",
                       subject.label + ": " + saved->headline + "\n" +
                           run_command(called_as, subject, saved->seed));
  }
  if (all > told) text += "::error::and " + std::to_string(all - told) + " more failures\n";
  if (!sweep.differing.empty()) text += "::error::runs were not deterministic\n";
  if (sweep.lacking() > 0) text += "::error::required coverage or witnesses are missing\n";
  return text;
}

std::string github_summary(const SweepPlan& plan, const SweepTally& sweep, const std::string& text,
                           const std::map<std::string, std::string>& sequences) {
  std::string out = "### Weir\n\n```text\n" + text + "```\n";
  for (const auto& [shape, sequence] : sequences) {
    out += "\n#### What led to the first failure of shape " + shape + "\n\n```text\n" + sequence +
           "```\n";
  }
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    if (sweep.subjects[i].runs == 0) continue;
    const std::string table = verdict_table(plan, sweep, i);
    if (out.size() + table.size() + 100 > kSummaryBytes) {
      out += "\nand " + std::to_string(plan.swept() - i) + " more scenarios\n";
      break;
    }
    out += table;
  }
  return out;
}

}  // namespace weir
