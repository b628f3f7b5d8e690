// The shrinker's state: the smallest scenario so far that fails, and the question whether another
// one does, too. Passes (shrink_*.cpp) ask it.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/shrink.h"

namespace weir {

class Shrinker {
 public:
  Shrinker(const Loaded& loaded, const ShrinkOptions& options)
      : loaded_(loaded), options_(options) {}

  // Runs the scenario; what it fails with is what every step must fail with. False: it holds.
  [[nodiscard]] bool begin(const Scenario&);

  // Whether the candidate fails in the same way; then it is the smallest so far.
  bool attempt(Scenario candidate);
  // The same, without taking it.
  [[nodiscard]] bool fails(const Scenario& candidate);
  [[nodiscard]] bool out_of_time();

  [[nodiscard]] const Scenario& smallest() const { return smallest_; }
  // Of `smallest`, run again with these options.
  [[nodiscard]] RunOutcome rerun(RunOptions options) const;
  [[nodiscard]] const RunOutcome& outcome() const { return outcome_; }
  [[nodiscard]] const Failure& failure() const { return failure_; }
  [[nodiscard]] const RunInputs& inputs() const { return inputs_; }
  [[nodiscard]] std::size_t runs() const { return runs_; }
  // How often a candidate was taken.
  [[nodiscard]] std::size_t steps() const { return steps_; }
  // What became of the attempts since the last call.
  [[nodiscard]] std::string take_attempts() { return std::exchange(attempts_, {}); }

 private:
  [[nodiscard]] Scenario bounded(Scenario) const;
  // Nothing where its records cannot be made of the files.
  [[nodiscard]] std::optional<RunInputs> inputs_for(const Scenario&) const;
  // Whether it fails; then its outcome is kept in `fresh_`.
  bool run(const Scenario& candidate);

  const Loaded& loaded_;
  const ShrinkOptions& options_;
  Scenario smallest_;
  RunInputs inputs_;
  RunOutcome outcome_;  // of `smallest_`
  RunOutcome fresh_;
  Failure failure_;
  std::string shape_;
  std::int64_t most_events_ = 0;     // of a candidate: more means that it has become something else
  std::set<std::uint64_t> refused_;  // candidates that did not fail, by content
  std::string attempts_;
  std::size_t runs_ = 0;
  std::size_t steps_ = 0;
  bool out_of_time_ = false;
};

// The passes, in the order in which they come.
void calm_chance(Shrinker&);
void shorten_time(Shrinker&);
void drop_faults(Shrinker&);
void drop_moves(Shrinker&);
void drop_clients(Shrinker&);
void drop_operations(Shrinker&);
void drop_brokers(Shrinker&);
void drop_controllers(Shrinker&);
void drop_partitions(Shrinker&);
void simplify_triggers(Shrinker&);
void times_to_triggers(Shrinker&);
void drop_settings(Shrinker&);
void round_times(Shrinker&);

}  // namespace weir
