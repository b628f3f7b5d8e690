// One run of a sweep: untraced; a violation is run again with traces and must keep its fingerprint.
#include <algorithm>

#include "scenarios/exit_code.h"
#include "scenarios/outcome.h"
#include "scenarios/records.h"
#include "scenarios/sweep.h"

namespace weir {

RunInputs inputs_of(const SweepSubject& subject, const Scenario& scenario) {
  RunInputs inputs = subject.inputs;
  for (const ClientSpec& client : scenario.clients) {
    const auto* producer = std::get_if<ProducerSpec>(&client.role);
    if (producer == nullptr || !producer->workload.records_file.empty()) continue;
    inputs.records[client.id] = generated_records(producer->workload, scenario.seed, client.id);
  }
  return inputs;
}

SeedResult run_seed(const SweepSubject& subject, std::size_t number, std::uint64_t index,
                    std::uint64_t seed, bool doubled) {
  Scenario scenario = subject.scenario;
  scenario.seed = seed;
  const RunInputs inputs = inputs_of(subject, scenario);
  const RunOutcome outcome = run_scenario(scenario, inputs);
  const Judgement judgement = judgement_of(scenario, outcome);
  SeedResult result;
  result.index = index;
  result.subject = number;
  result.seed = seed;
  result.fingerprint = outcome.fingerprint;
  result.simulated_ns = outcome.cost.simulated.ns;
  result.exit_code = judgement.exit_code;
  for (const Verdict& verdict : outcome.verdicts) {
    result.verdicts.emplace_back(verdict.id, std::string(json_name_of(verdict.word)));
    if (verdict.word == VerdictWord::violated && result.violated.empty()) {
      result.violated = verdict.id;
      result.headline = verdict.text;
    }
  }
  const bool failed = judgement.exit_code == kExitViolation;
  if (failed) {
    result.shape = shape_of_failure(outcome);
    result.story = fault_story(outcome);
    if (result.violated.empty()) result.violated = "expect";
    if (result.shape.empty()) result.shape = "0000";
    if (result.headline.empty()) result.headline = judgement.reason;
  }
  if (doubled || failed) {
    RunOptions traced;
    traced.trace = failed;
    result.doubled = true;
    result.same = run_scenario(scenario, inputs, traced).fingerprint == outcome.fingerprint;
    if (!result.same) result.exit_code = worse_exit(result.exit_code, kExitNotDeterministic);
  }
  return result;
}

}  // namespace weir
