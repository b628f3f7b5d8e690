// A fold over the results in the order of their indexes, so that the text is the same for any
// number of jobs.
//
// Intervals are Wilson's (1927) at 95 %; for clean sweeps the rule of three (Hanley and
// Lippman-Hand 1983).
#include "scenarios/sweep_report.h"

#include <cmath>
#include <cstdio>
#include <map>

#include "broker/base/text.h"
#include "scenarios/exit_code.h"

namespace weir {
namespace {

struct Shape {
  std::uint64_t runs = 0;
  const SeedResult* first = nullptr;
};

std::string number(std::uint64_t n) { return grouped(static_cast<std::int64_t>(n)); }

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", 100 * share);
  return text;
}

std::string rate_text(std::uint64_t hits, std::uint64_t runs) {
  constexpr double kZ = 1.959964;
  const auto n = static_cast<double>(runs);
  const double p = static_cast<double>(hits) / n;
  const double centre = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / (1 + kZ * kZ / n);
  return percent(p) + " %, 95 % CI " + percent(std::max(0.0, centre - half)) + "-" +
         percent(centre + half);
}

bool was_run(const SeedResult& result) { return result.exit_code != kExitInterrupted; }

std::string shapes_text(const std::vector<SweepSubject>& subjects, const SweepResult& sweep,
                        const std::string& called_as) {
  std::map<std::pair<std::size_t, std::string>, Shape> shapes;
  for (const SeedResult& result : sweep.results) {
    if (result.shape.empty()) continue;
    Shape& shape = shapes[{result.subject, result.shape}];
    ++shape.runs;
    if (shape.first == nullptr) shape.first = &result;
  }
  std::string text =
      " " + number(shapes.size()) + " failure shape" + (shapes.size() == 1 ? "" : "s") + "\n";
  for (const auto& [key, shape] : shapes) {
    const SweepSubject& subject = subjects[key.first];
    text += "   " + key.second + "  " + shape.first->violated + "  " + subject.scenario.name +
            "  " + number(shape.runs) + " of " + number(sweep.seeds_done) + " seeds (" +
            rate_text(shape.runs, sweep.seeds_done) + ")  " + shape.first->story + "\n         " +
            shape.first->headline + "\n         " + called_as + " run " + subject.path +
            " --seed " + format_hex(shape.first->seed) + "\n";
  }
  return text;
}

std::string guarantees_text(const std::vector<SweepSubject>& subjects, const SweepResult& sweep) {
  std::map<std::string, std::uint64_t> words;
  std::map<std::string, bool> exercised;                             // by guarantee
  std::map<std::pair<std::size_t, std::string>, std::string> worst;  // per scenario and guarantee
  const auto rank = [](const std::string& word) {
    if (word == "violated") return 4;
    if (word == "unknown") return 3;
    if (word == "holds") return 2;
    return word == "not promised" ? 1 : 0;
  };
  for (const SeedResult& result : sweep.results) {
    for (const auto& [id, word] : result.verdicts) {
      std::string& kept = worst[{result.subject, id}];
      if (kept.empty() || rank(word) > rank(kept)) kept = word;
      exercised[id] = exercised[id] || (word != "not exercised" && word != "unknown");
    }
  }
  for (const auto& [key, word] : worst) ++words[word];
  std::string text = " " + number(exercised.size()) + " guarantees x " + number(subjects.size()) +
                     " scenario" + (subjects.size() == 1 ? "" : "s") + ": " +
                     number(words["holds"]) + " hold, " + number(words["violated"]) +
                     " violated, " + number(words["not exercised"]) + " not exercised, " +
                     number(words["not promised"]) + " not promised, " + number(words["unknown"]) +
                     " unknown\n";
  for (const auto& [id, seen] : exercised) {
    if (!seen) {
      text += "   never exercised anywhere: " + id +
              "   <- add a scenario, or this sweep says nothing about it\n";
    }
  }
  return text;
}

}  // namespace

std::string sweep_text(const std::vector<SweepSubject>& subjects, const SweepOptions& options,
                       const SweepResult& sweep, const std::string& called_as) {
  std::uint64_t runs = 0;
  std::uint64_t doubled = 0;
  std::uint64_t identical = 0;
  std::int64_t simulated = 0;
  std::map<std::size_t, bool> dirty;
  std::string troubles;
  for (const SeedResult& result : sweep.results) {
    if (!was_run(result)) continue;
    ++runs;
    simulated += result.simulated_ns / 1'000'000;
    doubled += result.doubled ? 1 : 0;
    identical += result.doubled && result.same ? 1 : 0;
    if (!result.shape.empty()) dirty[result.subject] = true;
    const std::string where =
        "   " + subjects[result.subject].scenario.name + " --seed " + format_hex(result.seed);
    if (!result.same) troubles += where + "  NOT DETERMINISTIC: run it with --double\n";
    if (!result.trouble.empty()) troubles += where + "  INTERNAL ERROR: " + result.trouble + "\n";
  }
  std::string text = number(sweep.seeds_done) + " seeds x " + number(subjects.size()) +
                     " scenario" + (subjects.size() == 1 ? "" : "s") + " = " + number(runs) +
                     " runs, " + readable_duration(Duration(simulated * 1'000'000)) +
                     " simulated, from seed " + format_hex(options.first_seed) + "\n";
  text += shapes_text(subjects, sweep, called_as);
  text += guarantees_text(subjects, sweep);
  text +=
      " determinism: " + number(doubled) + " runs doubled, " + number(identical) + " identical\n";
  text += troubles;
  const std::size_t clean = subjects.size() - dirty.size();
  if (clean > 0 && sweep.seeds_done >= 3) {
    text += " the " + number(clean) + " clean scenario" + (clean == 1 ? "" : "s") +
            ": each fails on fewer than 1 in " + number(sweep.seeds_done / 3) + " seeds (95 %)\n";
  }
  if (sweep.interrupted) text += " interrupted: the figures are those of the runs that were done\n";
  return text + "exit " + std::to_string(sweep_exit_code(subjects, sweep)) + "\n";
}

int sweep_exit_code(const std::vector<SweepSubject>&, const SweepResult& sweep) {
  int worst = kExitOk;
  for (const SeedResult& result : sweep.results) {
    if (was_run(result)) worst = worse_exit(worst, result.exit_code);
  }
  return sweep.interrupted && worst == kExitOk ? kExitInterrupted : worst;
}

}  // namespace weir
