// weir sweep: many seeds on every core; failures by shape, and what was never exercised.
#include "scenarios/sweep.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "broker/base/text.h"
#include "scenarios/build_id.h"
#include "scenarios/cli/progress.h"
#include "scenarios/cli/sweep_end.h"
#include "scenarios/cli/sweep_flags.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/home.h"
#include "scenarios/sweep_folder.h"

namespace weir::cli {
namespace {

// What earlier builds have shown here is not new, and its seeds run first.
std::vector<OldShape> remember(const std::string& path, SweepPlan& plan) {
  std::vector<OldShape> old_shapes = read_old_shapes(path, std::string(build_id()));
  for (const OldShape& old : old_shapes) {
    plan.options.old_shapes.push_back(old.label + " " + old.shape);
    for (std::size_t i = 0; i < plan.swept(); ++i) {
      if (plan.subjects[i].label != old.label) continue;
      for (const std::uint64_t seed : old.seeds) plan.saved.push_back({i, seed});
    }
  }
  return old_shapes;
}

// The results of the sweep that is to go on; none where there is nothing. False after complaining.
bool resume(const std::string& path, const SweepPlan& plan, std::vector<SeedResult>& known) {
  if (!std::filesystem::exists(std::filesystem::path(path) / "sweep.json")) return true;
  std::string error;
  KeptSweep kept = read_sweep(path, error);
  if (error.empty() && kept.build != build_id()) {
    error = path + ": begun by build " + kept.build + ", this is " + std::string(build_id()) +
            "; without --resume it begins anew";
  }
  if (error.empty() && kept.id != sweep_id(plan)) {
    error = path + ": of other scenarios; without --resume it begins anew";
  }
  if (!error.empty()) {
    complain("--resume: " + error);
    return false;
  }
  known = std::move(kept.results);
  return true;
}

// Says what comes in: new shapes at once, and how it goes on.
class Watch {
 public:
  Watch(const SweepPlan& plan, std::size_t max_shapes)
      : plan_(plan),
        max_shapes_(max_shapes),
        progress_(plan.options.duration ? 0 : planned(plan)) {}

  void on(const SeedResult& one) {
    ++done_;
    ++since_new_;
    if (one.doubled && one.same) ++identical_;
    if (!one.shape.empty()) fail(one);
    progress_.update(done_, count_text(shapes_.size()) + " shapes (" + count_text(failures_) +
                                " runs) | last new " + count_text(since_new_) + " runs ago | doubled " +
                                count_text(identical_) + " ok");
  }
  [[nodiscard]] std::uint64_t done() const { return done_; }

 private:
  static std::uint64_t planned(const SweepPlan& plan) {
    const std::uint64_t all =
        plan.options.seeds * plan.swept() + static_cast<std::uint64_t>(plan.saved.size());
    return std::max<std::uint64_t>(1, all / plan.options.shard.parts);
  }

  void fail(const SeedResult& one) {
    ++failures_;
    const std::string& label = plan_.subjects[one.subject].label;
    if (!shapes_.insert(label + " " + one.shape).second) return;
    since_new_ = 0;
    if (shapes_.size() > max_shapes_) return;
    progress_.line(" NEW  seed " + format_hex(one.seed) + "  " + label + "  " + one.violated +
                   "  shape " + one.shape + "  " + one.story);
  }

  const SweepPlan& plan_;
  const std::size_t max_shapes_;
  Progress progress_;
  std::uint64_t done_ = 0;
  std::uint64_t since_new_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t identical_ = 0;
  std::set<std::string> shapes_;
};

// What would run, and nothing else.
int print_plan(const SweepPlan& plan) {
  const SweepOptions& options = plan.options;
  std::uint64_t mine = 0;
  for (std::uint64_t round = 0;; ++round) {
    const std::size_t runs = runs_of_round(plan, round).size();
    mine += runs;
    if (options.duration || (round + 1) * kSweepRound >= options.seeds) break;
  }
  std::printf(
      "%s: %s saved failures, then %s\n", sweep_folder_name(plan).c_str(),
      count_text(plan.saved.size()).c_str(),
      options.duration
          ? ("rounds of " + count_text(kSweepRound) + " seeds for " +
             format_duration(*options.duration))
                .c_str()
          : (count_text(options.seeds) + " seeds from " + format_hex(options.first_seed)).c_str());
  std::printf("part %s of %s: %s runs%s\n", count_text(options.shard.part).c_str(),
              count_text(options.shard.parts).c_str(), count_text(mine).c_str(),
              options.duration ? " in the first round" : "");
  for (const SweepSubject& subject : plan.subjects) {
    std::printf("  %s%s\n", subject.label.c_str(), subject.saved ? "  (saved)" : "");
  }
  return kExitOk;
}

int sweep_verb(const Session& session, const SweepFlags& flags) {
  if (flags.scenarios.empty()) {
    complain("sweep needs scenarios: files, or names of");
    for (const std::string& name : library_scenarios())
      std::fprintf(stderr, "  %s\n", name.c_str());
    return kExitUsage;
  }
  SweepPlan plan;
  if (!read_plan(flags, plan)) return kExitUsage;
  const std::string path = flags.end.top + "/" + sweep_folder_name(plan);
  std::vector<OldShape> old_shapes;
  // Parts that remember different things would not be parts of one sweep; `merge` remembers.
  const bool remembers = !flags.end.no_keep && plan.options.shard.parts == 1;
  if (remembers) old_shapes = remember(path, plan);
  if (flags.plan_only) return print_plan(plan);
  std::vector<SeedResult> known;
  if (flags.resume && !resume(path, plan, known)) return kExitUsage;
  std::unique_ptr<SweepFolder> folder;
  if (!flags.end.no_keep) {
    folder = std::make_unique<SweepFolder>(path, plan, old_shapes, known);
    if (!folder->error().empty()) {
      complain(folder->error());
      return kExitInternal;
    }
  }
  SweepResult result;
  {
    Watch watch(plan, flags.end.max_shapes);
    result = sweep(plan, std::move(known), [&](const SeedResult& one, bool was_known) {
      if (folder != nullptr && !was_known) folder->add(one);
      watch.on(one);
    });
  }
  const auto runs = static_cast<double>(result.results.size());
  const int exit_code = end_sweep(session, flags.end, plan, result, folder.get(), old_shapes);
  std::fprintf(stderr, "weir: %s runs in %.1f s (%.0f/s)\n", count_text(result.results.size()).c_str(),
               result.wall_seconds, runs / std::max(result.wall_seconds, 1e-3));
  return exit_code;
}

}  // namespace

void add_sweep(CLI::App& app, Session& session) {
  auto flags = std::make_shared<SweepFlags>();
  CLI::App* verb = app.add_subcommand("sweep", "Many seeds in parallel: failures by shape");
  verb->add_option("scenario", flags->scenarios, "Files, or names of the library");
  verb->add_option("--seeds", flags->seeds, "A..B, or a count N with --seed BASE")
      ->capture_default_str();
  verb->add_option("--seed", flags->base, "Where N seeds begin: a number or a commit hash");
  verb->add_option("--for", flags->duration, "Rounds of 256 seeds until so long has passed: 10m");
  verb->add_flag("--until-new", flags->until_new, "Stop after the round that finds a new shape");
  verb->add_option("--jobs", flags->jobs, "Processes (default: one a core)");
  verb->add_option("--double-ratio", flags->doubled, "Share of runs done twice and compared")
      ->capture_default_str();
  verb->add_option("--set", flags->settings, "Change every scenario: path=value")->take_all();
  verb->add_option("--vary", flags->vary, "Each value in turn, as a matrix: path=a,b")->take_all();
  verb->add_option("--records", flags->records, "A JSON Lines file in place of the scenarios'");
  verb->add_option("--corpus", flags->corpus,
                   "Saved failures to run first: a folder, or none (default: scenarios/regress)");
  verb->add_option("--shard", flags->shard, "I/N, or auto: as CI says; then `merge` the parts");
  verb->add_flag("--resume", flags->resume, "Go on where an interrupted sweep has stopped");
  verb->add_flag("--plan", flags->plan_only, "Print what would run, and run nothing");
  verb->add_flag("--no-keep", flags->end.no_keep, "Write no folder");
  add_sweep_end_flags(*verb, flags->end);
  verb->footer(
      "runs/sweep-<hash>/ keeps the results. They do not depend on the number of jobs or parts.");
  verb->callback([flags, &session] { session.exit_code = sweep_verb(session, *flags); });
}

}  // namespace weir::cli
