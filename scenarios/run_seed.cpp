// One run of a sweep: untraced; a violation is run again with traces and must keep its fingerprint.
#include "scenarios/draw.h"
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

SeedResult in_trouble(const PlannedRun& run, std::string trouble) {
  SeedResult result;
  result.index = run.index;
  result.subject = run.subject;
  result.seed = run.seed;
  result.saved = run.saved;
  result.trouble = std::move(trouble);
  result.exit_code = kExitInternal;
  return result;
}

SeedResult run_seed(const SweepSubject& subject, const PlannedRun& run) {
  std::string trouble;
  const Scenario scenario = at_seed(subject.scenario, run.seed, trouble);
  if (!trouble.empty()) return in_trouble(run, std::move(trouble));
  const RunInputs inputs = inputs_of(subject, scenario);
  const RunOutcome outcome = run_scenario(scenario, inputs);
  SeedResult result = seed_result_of(scenario, outcome, judgement_of(scenario, outcome));
  result.index = run.index;
  result.subject = run.subject;
  result.saved = run.saved;
  const bool failed = !result.shape.empty();
  if (run.doubled || failed) {
    RunOptions traced;
    traced.trace = failed;
    result.doubled = true;
    result.same = run_scenario(scenario, inputs, traced).fingerprint == outcome.fingerprint;
    if (!result.same) result.exit_code = worse_exit(result.exit_code, kExitNotDeterministic);
  }
  return result;
}

}  // namespace weir
