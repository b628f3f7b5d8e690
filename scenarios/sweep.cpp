// The order of a sweep: saved failures, then rounds; what is known is taken, the rest is run.
#include "scenarios/sweep.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <tuple>

#include "scenarios/sweep_workers.h"

namespace weir {
namespace {

bool is_doubled(const SweepPlan& plan, std::size_t subject, std::uint64_t seed) {
  Random random = Random::keyed(seed, 0, "doubled", plan.subjects[subject].label);
  return random.chance(plan.options.doubled);
}

bool falls_to(const Shard& shard, std::uint64_t position) {
  return position % shard.parts == shard.part - 1;
}

using Key = std::tuple<bool, std::size_t, std::uint64_t>;
Key key_of(const SeedResult& result) { return {result.saved, result.subject, result.seed}; }
Key key_of(const PlannedRun& run) { return {run.saved, run.subject, run.seed}; }

// Whether it says all that the run of the plan would: with another share of doubled runs it may
// not, and trouble is tried again.
bool serves(const SeedResult& known, const PlannedRun& run) {
  const bool failed = !known.shape.empty();
  return known.trouble.empty() && (known.doubled == run.doubled || failed);
}

bool is_new(const SweepPlan& plan, const SeedResult& result) {
  if (result.shape.empty()) return false;
  const std::string name = plan.subjects[result.subject].label + " " + result.shape;
  const std::vector<std::string>& old = plan.options.old_shapes;
  return std::ranges::find(old, name) == old.end();
}

}  // namespace

std::size_t SweepPlan::swept() const {
  const auto saved_ones = std::ranges::count_if(subjects, &SweepSubject::saved);
  return subjects.size() - static_cast<std::size_t>(saved_ones);
}

std::vector<PlannedRun> runs_of_round(const SweepPlan& plan, std::uint64_t round) {
  const SweepOptions& options = plan.options;
  std::vector<PlannedRun> runs;
  std::uint64_t index = 0;
  for (const SavedRun& saved : plan.saved) {
    const std::uint64_t mine = index++;
    if (round > 0 || !falls_to(options.shard, mine)) continue;
    runs.push_back(
        {mine, saved.subject, saved.seed, true, is_doubled(plan, saved.subject, saved.seed)});
  }
  const std::uint64_t before = round * kSweepRound;  // seeds of each scenario
  if (!options.duration && before >= options.seeds) return runs;
  const std::uint64_t seeds =
      options.duration ? kSweepRound : std::min(kSweepRound, options.seeds - before);
  index += before * plan.swept();
  for (std::size_t subject = 0; subject < plan.swept(); ++subject) {
    for (std::uint64_t k = 0; k < seeds; ++k, ++index) {
      if (!falls_to(options.shard, before + k)) continue;
      const std::uint64_t seed = options.first_seed + before + k;
      runs.push_back({index, subject, seed, false, is_doubled(plan, subject, seed)});
    }
  }
  return runs;
}

namespace {

// What is known of the plan's runs, taken over round by round; of a sweep with a time limit, up to
// the first round of which nothing is known.
class Known {
 public:
  explicit Known(std::vector<SeedResult> results) {
    for (SeedResult& result : results) {
      const Key key = key_of(result);
      results_.insert_or_assign(key, std::move(result));
    }
  }

  // The result of the run, or nothing; once.
  std::optional<SeedResult> take(const PlannedRun& run) {
    const auto found = results_.find(key_of(run));
    if (found == results_.end()) return std::nullopt;
    SeedResult result = std::move(found->second);
    results_.erase(found);
    if (!serves(result, run)) return std::nullopt;
    result.index = run.index;
    return result;
  }
  [[nodiscard]] bool empty() const { return results_.empty(); }

 private:
  std::map<Key, SeedResult> results_;
};

}  // namespace

SweepResult sweep(const SweepPlan& plan, std::vector<SeedResult> known, const OnResult& on_result) {
  const Interruptible interruptible;
  const SweepOptions& options = plan.options;
  const auto began = std::chrono::steady_clock::now();
  const auto passed = [began] { return std::chrono::steady_clock::now() - began; };
  SweepResult sweep;
  const auto take = [&](SeedResult result, bool was_known) {
    sweep.found_new = sweep.found_new || (options.until_new && is_new(plan, result));
    on_result(result, was_known);
    sweep.results.push_back(std::move(result));
  };
  Known kept(std::move(known));
  std::set<Key> done;
  for (std::uint64_t round = 0; !kept.empty(); ++round) {
    const std::vector<PlannedRun> runs = runs_of_round(plan, round);
    const std::size_t before = done.size();
    for (const PlannedRun& run : runs) {
      std::optional<SeedResult> result = kept.take(run);
      if (!result) continue;
      done.insert(key_of(run));
      take(std::move(*result), true);
    }
    if (runs.empty() || (options.duration && done.size() == before)) break;
  }
  for (std::uint64_t round = 0; !Interruptible::asked() && !sweep.found_new; ++round) {
    std::vector<PlannedRun> left = runs_of_round(plan, round);
    if (left.empty()) {
      // Beyond the last round; or an early one, of which nothing falls to this shard.
      if (options.duration || round * kSweepRound >= options.seeds) break;
      continue;
    }
    const std::size_t planned = left.size();
    std::erase_if(left, [&done](const PlannedRun& run) { return done.contains(key_of(run)); });
    if (options.duration && left.size() == planned && passed() >= *options.duration) break;
    run_on_workers(plan, left, [&take](SeedResult result) { take(std::move(result), false); });
  }
  std::ranges::sort(sweep.results, {}, &SeedResult::index);
  sweep.interrupted = Interruptible::asked();
  sweep.wall_seconds = std::chrono::duration<double>(passed()).count();
  return sweep;
}

}  // namespace weir
