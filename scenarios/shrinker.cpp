// One question is one run; what was asked before is not asked again.
#include "scenarios/shrinker.h"

#include <exception>

#include "broker/base/hash.h"
#include "scenarios/scenario_json.h"

namespace weir {
namespace {

// A candidate may take so many times the events of the run that is shrunk.
constexpr std::uint64_t kMoreEvents = 4;

}  // namespace

std::optional<RunInputs> Shrinker::inputs_for(const Scenario& scenario) const {
  RecordsError error;
  RunInputs inputs = loaded_.inputs;
  inputs.records = inputs_of(scenario, loaded_.files, error).records;
  return error.text.empty() ? std::optional(std::move(inputs)) : std::nullopt;
}

bool Shrinker::begin(const Scenario& scenario) {
  most_events_ = scenario.limits.events;
  std::optional<RunInputs> inputs = inputs_for(scenario);
  if (!inputs) return false;
  ++runs_;
  RunOutcome outcome = run_scenario(scenario, *inputs);
  std::optional<Failure> failure = failure_of(outcome, options_.guarantee);
  if (!failure) return false;
  smallest_ = scenario;
  inputs_ = std::move(*inputs);
  failure_ = std::move(*failure);
  shape_ = shape_of_failure(outcome, failure_.guarantee);
  most_events_ = static_cast<std::int64_t>(kMoreEvents * outcome.cost.events);
  outcome_ = std::move(outcome);
  return true;
}

Scenario Shrinker::bounded(Scenario scenario) const {
  scenario.limits.events = std::min(scenario.limits.events, most_events_);
  return scenario;
}

bool Shrinker::run(const Scenario& candidate) {
  const std::optional<RunInputs> inputs = inputs_for(candidate);
  if (!inputs) return false;
  ++runs_;
  try {
    fresh_ = run_scenario(bounded(candidate), *inputs);
  } catch (const std::exception&) {
    return false;  // a check of its user's missed something that is not there any more
  }
  const std::optional<Failure> failure = failure_of(fresh_, failure_.guarantee);
  if (!failure || !failure->shares_a_way_with(failure_)) return false;
  return !options_.keep_shape || shape_of_failure(fresh_, failure_.guarantee) == shape_;
}

bool Shrinker::fails(const Scenario& candidate) {
  const Scenario resolved = resolve(candidate);
  const std::uint64_t content = hash_text(write_scenario(resolved));
  if (refused_.contains(content) || out_of_time()) return false;
  const bool failed = run(resolved);
  if (failed) return true;
  refused_.insert(content);
  attempts_ += '.';
  return false;
}

bool Shrinker::attempt(Scenario candidate) {
  candidate = resolve(std::move(candidate));
  if (candidate == smallest_ || !fails(candidate)) return false;
  inputs_ = *inputs_for(candidate);
  smallest_ = std::move(candidate);
  outcome_ = std::move(fresh_);
  attempts_ += '!';
  ++steps_;
  return true;
}

bool Shrinker::out_of_time() {
  if (!out_of_time_ && options_.out_of_time) out_of_time_ = options_.out_of_time();
  return out_of_time_;
}

RunOutcome Shrinker::rerun(RunOptions options) const {
  return run_scenario(bounded(smallest_), inputs_, options);
}

}  // namespace weir
