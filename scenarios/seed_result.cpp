// Byte-stable: fixed order of keys, integers and texts only.
#include "scenarios/seed_result.h"

#include <nlohmann/json.hpp>

#include "checkers/verdict_json.h"
#include "scenarios/exit_code.h"
#include "scenarios/json_text.h"
#include "scenarios/run_folder.h"
#include "scenarios/witnesses.h"

namespace weir {
SeedResult seed_result_of(const Scenario& scenario, const RunOutcome& outcome,
                          const Judgement& judgement) {
  SeedResult result;
  result.seed = scenario.seed;
  result.fingerprint = outcome.fingerprint;
  result.simulated_ns = outcome.cost.simulated.ns;
  result.exit_code = judgement.exit_code;
  result.coverage = to_text(outcome.coverage);
  result.witnessed = witnesses_of(outcome.verdicts);
  for (const Verdict& verdict : outcome.verdicts) {
    result.verdicts.emplace_back(verdict.id, std::string(json_name_of(verdict.word)));
  }
  if (const Verdict* verdict = unexpected_violation(scenario, outcome)) {
    result.violated = verdict->id;
    result.headline = verdict->text;
  }
  if (judgement.exit_code != kExitViolation) {
    result.violated.clear();
    result.headline = judgement.exit_code == kExitOk ? std::string() : judgement.reason;
    return result;
  }
  result.shape = shape_of_failure(outcome);
  result.story = fault_story(outcome);
  if (result.violated.empty()) result.violated = "expect";
  if (result.shape.empty()) result.shape = "0000";
  if (result.headline.empty()) result.headline = judgement.reason;
  return result;
}

std::string to_json_line(const SeedResult& r) {
  nlohmann::ordered_json verdicts = nlohmann::ordered_json::object();
  for (const auto& [guarantee, word] : r.verdicts) verdicts[guarantee] = word;
  nlohmann::ordered_json line = {{"index", r.index},
                                 {"subject", r.subject},
                                 {"seed", r.seed},
                                 {"saved", r.saved},
                                 {"fingerprint", fingerprint_text(r.fingerprint)},
                                 {"sim_ns", r.simulated_ns},
                                 {"verdicts", std::move(verdicts)},
                                 {"shape", r.shape},
                                 {"violated", r.violated},
                                 {"story", r.story},
                                 {"headline", r.headline},
                                 {"coverage", r.coverage},
                                 {"witnessed", r.witnessed},
                                 {"doubled", r.doubled},
                                 {"same", r.same},
                                 {"exit", r.exit_code},
                                 {"trouble", r.trouble}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

SeedResult seed_result_from(const std::string& json_line) {
  const nlohmann::ordered_json line = parse_ordered_json(json_line);
  SeedResult r;
  r.index = line.at("index").get<std::uint64_t>();
  r.subject = line.at("subject").get<std::size_t>();
  r.seed = line.at("seed").get<std::uint64_t>();
  r.saved = line.at("saved").get<bool>();
  r.fingerprint = std::stoull(line.at("fingerprint").get<std::string>(), nullptr, 16);
  r.simulated_ns = line.at("sim_ns").get<std::int64_t>();
  for (const auto& [guarantee, word] : line.at("verdicts").items()) {
    r.verdicts.emplace_back(guarantee, word.get<std::string>());
  }
  r.shape = line.at("shape").get<std::string>();
  r.violated = line.at("violated").get<std::string>();
  r.story = line.at("story").get<std::string>();
  r.headline = line.at("headline").get<std::string>();
  r.coverage = line.at("coverage").get<std::string>();
  r.witnessed = line.at("witnessed").get<std::vector<std::string>>();
  r.doubled = line.at("doubled").get<bool>();
  r.same = line.at("same").get<bool>();
  r.exit_code = line.at("exit").get<int>();
  r.trouble = line.at("trouble").get<std::string>();
  return r;
}

}  // namespace weir
