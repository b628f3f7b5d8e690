// A fold over the tally, so that the text is the same for any number of jobs and shards.
#include "scenarios/sweep_report.h"

#include <algorithm>
#include <map>

#include "broker/base/text.h"
#include "scenarios/exit_code.h"
#include "scenarios/sweep_summary.h"

namespace weir {
namespace {

std::string plural(std::uint64_t n, const std::string& what) {
  return count_text(n) + " " + what + (n == 1 ? "" : "s");
}

// As a shell takes it.
std::string shell_word(const std::string& word) {
  const bool plain = std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-/=:,+@%").find(c) != std::string_view::npos;
  });
  if (plain && !word.empty()) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string more_text(std::size_t all, std::size_t shown) {
  return all > shown ? "   and " + count_text(all - shown) + " more in summary.json\n" : std::string();
}

std::string saved_text(const SweepPlan& plan, const SweepTally& sweep,
                       const SweepTextOptions& options) {
  if (sweep.saved.empty()) return {};
  std::string lines;
  std::size_t back = 0;
  for (const SeedResult* saved : sweep.saved) {
    if (saved->exit_code == kExitOk) continue;
    const SweepSubject& subject = plan.subjects[saved->subject];
    if (++back > options.max_shapes) continue;
    lines += "   " + subject.label + "  " + saved->violated + "  " + saved->headline +
             "\n         " + run_command(options.called_as, subject, saved->seed) + "\n";
  }
  return " " + plural(sweep.saved.size(), "saved failure") +
         " ran first: " + (back == 0 ? "none came back" : count_text(back) + " CAME BACK") + "\n" +
         lines + more_text(back, options.max_shapes);
}

std::string shapes_text(const SweepPlan& plan, const SweepTally& sweep,
                        const SweepTextOptions& options) {
  std::string text = " " + plural(sweep.shapes.size(), "failure shape") + "\n";
  std::size_t shown = 0;
  for (const ShapeTally& shape : sweep.shapes) {
    if (++shown > options.max_shapes) break;
    const SweepSubject& subject = plan.subjects[shape.subject];
    const std::uint64_t of = sweep.subjects[shape.subject].runs;
    text += "   " + shape.shape + "  " + shape.first->violated + "  " + subject.label + "  " +
            count_text(shape.runs) + " of " + plural(of, "seed") + " (" + rate_text(shape.runs, of) +
            ")  " + shape.first->story + "\n         " + shape.first->headline + "\n         " +
            run_command(options.called_as, subject, shape.first->seed) + "\n";
    const auto shrunk = options.shrunk.find(shape.shape);
    if (shrunk != options.shrunk.end()) text += "         " + shrunk->second + "\n";
  }
  text += more_text(sweep.shapes.size(), options.max_shapes);
  for (const OldShape& old : options.old_shapes) {
    text += " " + old_shape_text(old, plan, sweep) + "\n";
  }
  return text;
}

std::string guarantees_text(const SweepPlan& plan, const SweepTally& sweep) {
  std::map<std::string, std::uint64_t> words;
  std::map<std::string, bool> exercised;  // by guarantee
  for (const SubjectTally& subject : sweep.subjects) {
    for (const auto& [id, guarantee] : subject.guarantees) {
      if (guarantee.words.empty()) continue;
      ++words[guarantee.worst()];
      bool& seen = exercised[id];
      seen = seen || guarantee.exercised() > 0 || guarantee.runs_of("not promised") > 0;
    }
  }
  std::string text = " " + count_text(exercised.size()) + " guarantees x " +
                     plural(plan.swept(), "scenario") + ": " + count_text(words["holds"]) + " hold, " +
                     count_text(words["violated"]) + " violated, " + count_text(words["not exercised"]) +
                     " not exercised, " + count_text(words["not promised"]) + " not promised, " +
                     count_text(words["unknown"]) + " unknown\n";
  for (const auto& [id, seen] : exercised) {
    if (!seen) {
      text += "   never exercised anywhere: " + id +
              "   <- add a scenario, or this sweep says nothing about it\n";
    }
  }
  return text;
}

std::string coverage_line(const SweepPlan& plan, const SweepTally& sweep,
                          const SweepTextOptions& options) {
  std::size_t struck = 0;
  for (const FaultTraits& fault : fault_catalogue()) {
    struck += sweep.coverage.struck(fault.kind) > 0 ? 1 : 0;
  }
  std::size_t seen = 0;
  for (std::size_t s = 0; s < kProtocolStates; ++s) {
    seen += sweep.coverage.seen(static_cast<ProtocolState>(s)) > 0 ? 1 : 0;
  }
  const CellCount cells = cells_of(sweep.coverage);
  std::string text = " coverage: " + count_text(struck) + " of " +
                     plural(fault_catalogue().size(), "kind") + " of faults struck, " +
                     count_text(seen) + " of " + count_text(kProtocolStates) + " states were seen, " +
                     count_text(cells.visited) + " of " + count_text(cells.all) + " pairs of them met";
  if (!options.folder.empty()) text += "     " + options.called_as + " coverage " + options.folder;
  text += "\n";
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    for (const std::string& what : sweep.subjects[i].lacking) {
      text += "   INCONCLUSIVE  " + plan.subjects[i].label + ": " + what + "\n";
    }
  }
  return text;
}

std::string troubles_text(const SweepPlan& plan, const SweepTally& sweep,
                          const SweepTextOptions& options) {
  std::string text;
  const auto list = [&](const std::vector<const SeedResult*>& runs, const auto& say) {
    std::size_t shown = 0;
    for (const SeedResult* run : runs) {
      if (++shown > options.max_shapes) break;
      text += "   " + run_command(options.called_as, plan.subjects[run->subject], run->seed);
      text += say(*run) + "\n";
    }
    text += more_text(runs.size(), options.max_shapes);
  };
  list(sweep.differing,
       [](const SeedResult&) { return std::string(" --double   NOT DETERMINISTIC"); });
  list(sweep.troubles, [](const SeedResult& r) { return "   INTERNAL ERROR: " + r.trouble; });
  list(sweep.inconclusive, [](const SeedResult& r) {
    return "   INCONCLUSIVE" + (r.headline.empty() ? "" : ": " + r.headline);
  });
  return text;
}

// What the scenarios without a failure prove; they may have been run unequally often.
std::string clean_text(const SweepPlan& plan, const SweepTally& sweep) {
  std::uint64_t clean = 0;
  std::uint64_t fewest = 0;
  for (std::size_t i = 0; i < plan.swept(); ++i) {
    const SubjectTally& subject = sweep.subjects[i];
    if (subject.runs == 0 || subject.failures > 0) continue;
    fewest = clean == 0 ? subject.runs : std::min(fewest, subject.runs);
    ++clean;
  }
  if (clean == 0 || rule_of_three(fewest) < 2) return {};
  return " the " + plural(clean, "clean scenario") + ": each fails on fewer than 1 in " +
         count_text(rule_of_three(fewest)) + " seeds (95 %)\n";
}

}  // namespace

std::string run_command(const std::string& called_as, const SweepSubject& subject,
                        std::uint64_t seed) {
  std::string text =
      called_as + " run " + shell_word(subject.asked_as) + " --seed " + format_hex(seed);
  if (!subject.records.empty()) text += " --records " + shell_word(subject.records);
  for (const std::string& setting : subject.settings) text += " --set " + shell_word(setting);
  return text;
}

std::string sweep_text(const SweepPlan& plan, const SweepResult& result, const SweepTally& sweep,
                       const SweepTextOptions& options) {
  const Shard& shard = plan.options.shard;
  std::string text = plural(sweep.seeds, "seed") + " x " + plural(plan.swept(), "scenario") +
                     " = " + plural(sweep.runs, "run") + ", " +
                     readable_duration(Duration(sweep.simulated_ms * 1'000'000)) +
                     " simulated, from seed " + format_hex(plan.options.first_seed);
  if (shard.parts > 1) {
    text += ", part " + count_text(shard.part) + " of " + count_text(shard.parts);
  }
  text += "\n" + saved_text(plan, sweep, options) + shapes_text(plan, sweep, options) +
          guarantees_text(plan, sweep) + coverage_line(plan, sweep, options) +
          " determinism: " + plural(sweep.doubled, "run") + " doubled, " + count_text(sweep.identical) +
          " identical\n" + troubles_text(plan, sweep, options) + clean_text(plan, sweep);
  if (result.interrupted) {
    text +=
        " interrupted: the figures are those of the runs that were done; the same command with "
        "--resume goes on\n";
  }
  if (result.found_new) text += " stopped: a shape that was not known before\n";
  if (options.page) text += " report   " + options.folder + "/index.html\n";
  return text + "exit " + std::to_string(sweep.exit_code) + "\n";
}

}  // namespace weir
