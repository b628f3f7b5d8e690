// From flags to a plan: scenarios times what is varied, seeds, shard, corpus.
#include "scenarios/cli/sweep_flags.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "broker/base/hash.h"
#include "broker/base/text.h"
#include "scenarios/home.h"
#include "scenarios/load.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shard.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

// "A..B", or N with --seed BASE. Complains and yields false where it is neither.
bool read_seeds(const SweepFlags& flags, SweepOptions& out) {
  const std::size_t dots = flags.seeds.find("..");
  if (dots != std::string::npos) {
    const auto first = parse_unsigned(std::string_view(flags.seeds).substr(0, dots));
    const auto last = parse_unsigned(std::string_view(flags.seeds).substr(dots + 2));
    if (first && last && *first <= *last && flags.base.empty()) {
      out.first_seed = *first;
      out.seeds = *last - *first + 1;
      return true;
    }
  } else if (const auto count = parse_unsigned(flags.seeds); count && *count > 0) {
    const auto base = parse_seed(flags.base.empty() ? "1" : flags.base);
    if (base) {
      out.first_seed = *base;
      out.seeds = *count;
      return true;
    }
  }
  complain("--seeds " + flags.seeds + (flags.base.empty() ? "" : " --seed " + flags.base) +
           ": expected A..B, or a count N with --seed BASE");
  return false;
}

bool read_options(const SweepFlags& flags, SweepOptions& out) {
  if (!read_seeds(flags, out)) return false;
  if (!flags.duration.empty()) {
    out.duration = parse_duration(flags.duration);
    if (!out.duration) {
      complain("--for " + flags.duration + ": expected " + std::string(kDurationForm));
      return false;
    }
  }
  const auto doubled = parse_ratio(flags.doubled);
  if (!doubled) {
    complain("--double-ratio " + flags.doubled + ": expected " + std::string(kRatioForm));
    return false;
  }
  out.doubled = *doubled;
  if (!flags.shard.empty()) {
    std::string error;
    out.shard = parse_shard(flags.shard, [](const char* name) { return std::getenv(name); }, error);
    if (!error.empty()) {
      complain("--shard " + flags.shard + ": " + error);
      return false;
    }
  }
  out.until_new = flags.until_new;
  out.jobs = flags.jobs > 0 ? flags.jobs
                            : static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  return true;
}

// The values of "key=a,b": at commas outside of brackets and quotation marks, so that JSON may
// stand there.
std::vector<std::string> values_in(const std::string& text) {
  std::vector<std::string> values(1);
  int depth = 0;
  bool in_quotes = false;
  for (const char c : text) {
    if (c == '"') in_quotes = !in_quotes;
    if (!in_quotes && (c == '[' || c == '{')) ++depth;
    if (!in_quotes && (c == ']' || c == '}')) --depth;
    if (c == ',' && depth == 0 && !in_quotes) {
      values.emplace_back();
    } else {
      values.back() += c;
    }
  }
  return values;
}

// Every combination of what is varied, the first key slowest; one empty combination without any.
bool combinations(const SweepFlags& flags, std::vector<std::vector<std::string>>& out) {
  out = {{}};
  for (const std::string& vary : flags.vary) {
    const std::size_t equals = vary.find('=');
    const std::vector<std::string> values = equals == std::string::npos
                                                ? std::vector<std::string>{}
                                                : values_in(vary.substr(equals + 1));
    if (values.empty() || std::ranges::find(values, std::string()) != values.end()) {
      complain("--vary " + vary + ": expected path=a,b, such as clients.P1.config.acks=1,all");
      return false;
    }
    std::vector<std::vector<std::string>> longer;
    for (const std::vector<std::string>& shorter : out) {
      for (const std::string& value : values) {
        longer.push_back(shorter);
        longer.back().push_back(vary.substr(0, equals + 1) + value);
      }
    }
    out = std::move(longer);
  }
  return true;
}

std::optional<SweepSubject> load_subject(const LoadRequest& request, std::string& error) {
  std::string mistake;
  Loaded loaded = load(request, mistake);
  if (mistake.empty() && !loaded.profile.plant.empty()) {
    mistake = request.name + ": has a planted bug; `run` builds and runs it, a sweep does not";
  }
  if (!mistake.empty()) {
    error += (error.empty() ? "" : "\n") + mistake;
    return std::nullopt;
  }
  SweepSubject subject;
  subject.label = loaded.scenario.name;
  subject.asked_as = request.name;
  subject.records = request.records;
  subject.settings = request.settings;
  Scenario anywhere = loaded.profile;
  anywhere.seed = 0;
  subject.digest = content_hash(anywhere);
  for (const auto& [client, file] : loaded.files) {
    subject.digest = fold(subject.digest, hash_text(file.content));
  }
  subject.scenario = std::move(loaded.profile);
  subject.inputs = std::move(loaded.inputs);
  return subject;
}

bool load_subjects(const SweepFlags& flags, SweepPlan& plan) {
  std::vector<std::vector<std::string>> matrix;
  if (!combinations(flags, matrix)) return false;
  std::string error;
  for (const std::string& name : flags.scenarios) {
    for (const std::vector<std::string>& varied : matrix) {
      LoadRequest request;
      request.name = name;
      request.settings = flags.settings;
      request.settings.insert(request.settings.end(), varied.begin(), varied.end());
      request.records = flags.records;
      std::optional<SweepSubject> subject = load_subject(request, error);
      if (!subject) break;
      for (const std::string& setting : varied) subject->label += " " + setting;
      const auto same = [&](const SweepSubject& other) { return other.label == subject->label; };
      if (std::ranges::any_of(plan.subjects, same)) {
        error += (error.empty() ? "" : "\n") + name + ": " + subject->label + " is there twice";
        break;
      }
      plan.subjects.push_back(std::move(*subject));
    }
  }
  if (!error.empty()) complain(error);
  return error.empty();
}

// The corpus: every scenario of the folder, with the seed that it pins. One with a planted bug
// belongs to `run`.
bool load_corpus(const SweepFlags& flags, SweepPlan& plan) {
  if (flags.corpus == "none") return true;
  const bool ours = flags.corpus.empty();
  const fs::path folder =
      ours ? fs::path(home()) / "scenarios" / "regress" : fs::path(flags.corpus);
  std::error_code failed;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (failed && !ours) {
    complain("--corpus " + flags.corpus + ": " + failed.message() +
             "; expected a folder of scenarios, or none");
    return false;
  }
  std::ranges::sort(files);
  std::string error;
  for (const fs::path& file : files) {
    LoadRequest request;
    request.name = ours ? file.stem().string() : file.string();
    std::string mistake;
    if (!load(request, mistake).scenario.plant.empty()) continue;
    std::optional<SweepSubject> subject = load_subject(request, error);
    if (!subject) continue;
    subject->saved = true;
    plan.saved.push_back({plan.subjects.size(), subject->scenario.seed});
    plan.subjects.push_back(std::move(*subject));
  }
  if (!error.empty()) complain(error);
  return error.empty();
}

}  // namespace

void add_sweep_end_flags(CLI::App& verb, SweepEndFlags& flags) {
  verb.add_option("--runs", flags.top, "The folder of all runs")->capture_default_str();
  verb.add_option("--max-shapes", flags.max_shapes, "Shapes to print, and to keep a run of")
      ->capture_default_str();
  verb.add_flag("--shrink", flags.shrink, "Shrink the run that is kept of each shape");
  verb.add_flag("--no-report", flags.no_report, "Draw no figures");
  verb.add_flag("--json", flags.as_json, "Print one line a run, in order, instead of the text");
  verb.add_option("--junit", flags.junit, "Write JUnit's XML: a test case a guarantee");
  verb.add_option("--metrics", flags.metrics, "Write totals in the OpenMetrics format");
  verb.add_flag("--github", flags.github, "Annotations and summary (by itself in GitHub Actions)");
}

bool read_plan(const SweepFlags& flags, SweepPlan& plan) {
  return read_options(flags, plan.options) && load_subjects(flags, plan) &&
         load_corpus(flags, plan);
}

}  // namespace weir::cli
