// Expectations against verdicts, and the shape of a failure.
#include "scenarios/outcome.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "broker/base/hash.h"
#include "checkers/verdict_json.h"
#include "scenarios/exit_code.h"

namespace weir {
namespace {

std::set<std::string> kinds_of(const RunOutcome& outcome) {
  std::set<std::string> kinds;
  for (const Strike& strike : outcome.strikes) {
    if (strike.skipped.empty()) kinds.insert(std::string(name_of(strike.fault.kind)));
  }
  return kinds;
}

const Verdict* find_verdict(const std::vector<Verdict>& verdicts, const std::string& id) {
  const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&id](const Verdict& v) { return v.id == id; });
  return found == verdicts.end() ? nullptr : &*found;
}

// The expectations that were not met, in words; empty when all were.
std::string unmet(const Scenario& scenario, const std::vector<Verdict>& verdicts) {
  for (const auto& [id, words] : scenario.expect) {
    const Verdict* verdict = find_verdict(verdicts, id);
    const std::string word(verdict == nullptr ? "not judged" : json_name_of(verdict->word));
    if (std::find(words.begin(), words.end(), word) != words.end()) continue;
    std::string wanted;
    for (const std::string& w : words) wanted += (wanted.empty() ? "" : " or ") + w;
    return "the scenario expects " + id + " to be '" + wanted + "', and it is '" + word + "'";
  }
  return {};
}

}  // namespace

Judgement judgement_of(const Scenario& scenario, const RunOutcome& outcome) {
  // An expected violation is no failure: it is judged by `expect` instead.
  std::vector<Verdict> others;
  bool expected_violation = false;
  for (const Verdict& verdict : outcome.verdicts) {
    const auto expected = scenario.expect.find(verdict.id);
    const bool met = expected != scenario.expect.end() &&
                     std::find(expected->second.begin(), expected->second.end(),
                               json_name_of(verdict.word)) != expected->second.end();
    if (met && verdict.word == VerdictWord::violated) expected_violation = true;
    if (!met) others.push_back(verdict);
  }
  Judgement judgement;
  judgement.exit_code = exit_code_of(others, scenario.check.require_exercised);
  if (!outcome.limit.empty()) {
    judgement.exit_code = worse_exit(judgement.exit_code, kExitInconclusive);
    judgement.reason = "the run was cut short: " + outcome.limit;
  }
  const std::string missing = unmet(scenario, outcome.verdicts);
  if (!missing.empty()) {
    judgement.exit_code = worse_exit(judgement.exit_code, kExitViolation);
    judgement.reason = missing;
  } else if (expected_violation && judgement.exit_code == kExitOk) {
    judgement.reason = "the scenario expects this violation";
  }
  return judgement;
}

std::string fault_story(const RunOutcome& outcome) {
  std::string story;
  for (const std::string& kind : kinds_of(outcome)) story += (story.empty() ? "" : ", ") + kind;
  return "(" + story + ")";
}

std::string shape_of_failure(const RunOutcome& outcome) {
  std::uint64_t hash = 0;
  for (const Verdict& verdict : outcome.verdicts) {
    if (verdict.word == VerdictWord::violated) hash = fold(hash, hash_text(verdict.id));
  }
  if (hash == 0) return {};
  for (const std::string& kind : kinds_of(outcome)) hash = fold(hash, hash_text(kind));
  char digits[5];
  std::snprintf(digits, sizeof digits, "%04x", static_cast<unsigned>(mix(hash) & 0xffff));
  return digits;
}

}  // namespace weir
