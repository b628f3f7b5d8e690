// weir sweep: many seeds on every core; failures by shape, and what was never exercised.
#include "scenarios/sweep.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "broker/base/text.h"
#include "scenarios/cli/progress.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/home.h"
#include "scenarios/load.h"
#include "scenarios/sweep_report.h"

namespace weir::cli {
namespace {

struct SweepFlags {
  std::vector<std::string> scenarios;
  std::vector<std::string> settings;
  std::string records;
  std::string seeds = "1..100";
  std::string base;
  std::string duration;
  std::string doubled = "1/20";
  unsigned jobs = 0;
  std::size_t max_shapes = 5;
  bool as_json = false;
};

// "A..B", or N with --seed BASE. Complains and yields false where it is neither.
bool read_seeds(const SweepFlags& options, SweepOptions& out) {
  const std::size_t dots = options.seeds.find("..");
  if (dots != std::string::npos) {
    const auto first = parse_unsigned(std::string_view(options.seeds).substr(0, dots));
    const auto last = parse_unsigned(std::string_view(options.seeds).substr(dots + 2));
    if (first && last && *first <= *last && options.base.empty()) {
      out.first_seed = *first;
      out.seeds = *last - *first + 1;
      return true;
    }
  } else if (const auto count = parse_unsigned(options.seeds); count && *count > 0) {
    const auto base = parse_seed(options.base.empty() ? "1" : options.base);
    if (base) {
      out.first_seed = *base;
      out.seeds = *count;
      return true;
    }
  }
  complain("--seeds " + options.seeds + (options.base.empty() ? "" : " --seed " + options.base) +
           ": expected A..B, or a count N with --seed BASE");
  return false;
}

bool read_options(const SweepFlags& options, SweepOptions& out) {
  if (!read_seeds(options, out)) return false;
  if (!options.duration.empty()) {
    out.duration = parse_duration(options.duration);
    if (!out.duration) {
      complain("--for " + options.duration + ": expected " + std::string(kDurationForm));
      return false;
    }
  }
  const auto doubled = parse_ratio(options.doubled);
  if (!doubled) {
    complain("--double-ratio " + options.doubled + ": expected " + std::string(kRatioForm));
    return false;
  }
  out.doubled = *doubled;
  out.jobs = options.jobs > 0
                 ? options.jobs
                 : static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  return true;
}

std::vector<SweepSubject> load_subjects(const SweepFlags& options, std::string& error) {
  std::vector<SweepSubject> subjects;
  for (const std::string& name : options.scenarios) {
    LoadRequest request;
    request.name = name;
    request.settings = options.settings;
    request.records = options.records;
    std::string mistake;
    Loaded loaded = load(request, mistake);
    if (mistake.empty() && !loaded.profile.plant.empty()) {
      mistake = name + ": has a planted bug; `run` builds and runs it, a sweep does not";
    }
    if (!mistake.empty()) {
      error += (error.empty() ? "" : "\n") + mistake;
      continue;
    }
    subjects.push_back({loaded.path, std::move(loaded.profile), std::move(loaded.inputs)});
  }
  return subjects;
}

int sweep_verb(const Session& session, const SweepFlags& options) {
  if (options.scenarios.empty()) {
    complain("sweep needs scenarios: files, or names of");
    for (const std::string& name : library_scenarios())
      std::fprintf(stderr, "  %s\n", name.c_str());
    return kExitUsage;
  }
  SweepOptions sweeping;
  if (!read_options(options, sweeping)) return kExitUsage;
  std::string error;
  const std::vector<SweepSubject> subjects = load_subjects(options, error);
  if (!error.empty()) {
    complain(error);
    return kExitUsage;
  }
  Progress progress(sweeping.duration ? 0 : sweeping.seeds * subjects.size());
  std::uint64_t done = 0;
  std::set<std::string> shapes;
  std::uint64_t failures = 0;
  const SweepResult result = sweep(subjects, sweeping, [&](const SeedResult& one) {
    ++done;
    if (!one.shape.empty()) ++failures;
    if (!one.shape.empty() && shapes.insert(one.shape).second &&
        shapes.size() <= options.max_shapes) {
      progress.line(" NEW  seed " + format_hex(one.seed) + "  " +
                    subjects[one.subject].scenario.name + "  " + one.violated + "  shape " +
                    one.shape + "  " + one.story);
    }
    progress.update(done, grouped(static_cast<std::int64_t>(shapes.size())) + " shapes (" +
                              grouped(static_cast<std::int64_t>(failures)) + " runs)");
  });
  if (options.as_json) {
    for (const SeedResult& one : result.results) std::printf("%s\n", to_json_line(one).c_str());
  } else {
    std::fputs(sweep_text(subjects, sweeping, result, session.called_as).c_str(), stdout);
  }
  std::fprintf(stderr, "weir: %s runs in %.1f s (%.0f/s)\n",
               grouped(static_cast<std::int64_t>(done)).c_str(), result.wall_seconds,
               static_cast<double>(done) / std::max(result.wall_seconds, 1e-3));
  return sweep_exit_code(subjects, result);
}

}  // namespace

void add_sweep(CLI::App& app, Session& session) {
  auto options = std::make_shared<SweepFlags>();
  CLI::App* verb = app.add_subcommand("sweep", "Many seeds in parallel: failures by shape");
  verb->add_option("scenario", options->scenarios, "Files, or names of the library");
  verb->add_option("--seeds", options->seeds, "A..B, or a count N with --seed BASE")
      ->capture_default_str();
  verb->add_option("--seed", options->base, "Where N seeds begin: a number or a commit hash");
  verb->add_option("--for", options->duration, "Rounds of 256 seeds until so long has passed: 10m");
  verb->add_option("--jobs", options->jobs, "Processes (default: one a core)");
  verb->add_option("--double-ratio", options->doubled, "Share of runs done twice and compared")
      ->capture_default_str();
  verb->add_option("--set", options->settings, "Change every scenario: path=value")->take_all();
  verb->add_option("--records", options->records, "A JSON Lines file in place of the scenarios'");
  verb->add_option("--max-shapes", options->max_shapes, "NEW lines to print")
      ->capture_default_str();
  verb->add_flag("--json", options->as_json, "One line a run, in order");
  verb->footer("The result does not depend on the number of jobs.");
  verb->callback([options, &session] { session.exit_code = sweep_verb(session, *options); });
}

}  // namespace weir::cli
