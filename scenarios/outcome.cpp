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

// What a fault comes to for those whom it strikes: a bug that a kill shows, a loss of power shows.
std::string_view sort_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kill:
    case FaultKind::power_loss:
    case FaultKind::wipe:
    case FaultKind::stop:
    case FaultKind::rolling_restart: return "crash";
    case FaultKind::partition:
    case FaultKind::isolate:
    case FaultKind::bridge:
    case FaultKind::ring:
    case FaultKind::clog:
    case FaultKind::swizzle: return "cut";
    case FaultKind::pause:
    case FaultKind::slow_node:
    case FaultKind::tangle:
    case FaultKind::slow_link:
    case FaultKind::narrow_link:
    case FaultKind::late_delivery:
    case FaultKind::slow_disk:
    case FaultKind::stuck_disk: return "slow";
    case FaultKind::reset:
    case FaultKind::half_open:
    case FaultKind::refuse:
    case FaultKind::lose_response: return "connection";
    case FaultKind::fail_read:
    case FaultKind::fail_write:
    case FaultKind::fail_sync:
    case FaultKind::disk_full:
    case FaultKind::bit_rot:
    case FaultKind::misdirected: return "disk";
    case FaultKind::clock_step:
    case FaultKind::clock_skew: return "clock";
  }
  return {};
}

// The faults that had struck when the guarantee was broken first; all, where nobody knows when.
std::vector<FaultKind> struck_before(const RunOutcome& outcome, const Verdict* broken) {
  const std::int64_t end =
      broken == nullptr || broken->violations.empty() ? -1 : broken->violations.front().broken;
  std::vector<FaultKind> kinds;
  for (const Strike& strike : outcome.strikes) {
    if (!strike.skipped.empty()) continue;
    if (end < 0 || strike.event < static_cast<std::uint64_t>(end)) {
      kinds.push_back(strike.fault.kind);
    }
  }
  return kinds;
}

const Verdict* violated(const RunOutcome& outcome, const std::string& guarantee) {
  for (const Verdict& verdict : outcome.verdicts) {
    const bool asked = guarantee.empty() || verdict.id == guarantee;
    if (asked && verdict.word == VerdictWord::violated) return &verdict;
  }
  return nullptr;
}

// A word that names something or counts it.
bool is_particular(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

const Verdict* find_verdict(const std::vector<Verdict>& verdicts, const std::string& id) {
  const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&id](const Verdict& v) { return v.id == id; });
  return found == verdicts.end() ? nullptr : &*found;
}

bool is_expected(const Scenario& scenario, const Verdict& verdict) {
  const auto expected = scenario.expect.find(verdict.id);
  return expected != scenario.expect.end() &&
         std::ranges::find(expected->second, json_name_of(verdict.word)) != expected->second.end();
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
    const bool met = is_expected(scenario, verdict);
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

const Verdict* unexpected_violation(const Scenario& scenario, const RunOutcome& outcome) {
  const auto found = std::ranges::find_if(outcome.verdicts, [&](const Verdict& verdict) {
    return verdict.word == VerdictWord::violated && !is_expected(scenario, verdict);
  });
  return found == outcome.verdicts.end() ? nullptr : &*found;
}

std::string fault_story(const RunOutcome& outcome) {
  std::set<std::string_view> kinds;
  for (const FaultKind kind : struck_before(outcome, violated(outcome, {}))) {
    kinds.insert(name_of(kind));
  }
  std::string story;
  for (const std::string_view kind : kinds) {
    if (!story.empty()) story += ", ";
    story += kind;
  }
  return "(" + story + ")";
}

// What stands in brackets, or follows the first clause, gives details, which differ from run to
// run.
std::string first_clause(const Violation& violation) {
  if (violation.argument.empty()) return {};
  const std::string& argument = violation.argument.front();
  std::string clause;
  int brackets = 0;
  for (std::size_t i = 0; i < argument.size(); ++i) {
    const char c = argument[i];
    // The comma of 20,657 ends nothing.
    if (brackets == 0 && c == ',' && argument.substr(i + 1, 1) == " ") break;
    if (c == '(') ++brackets;
    const bool doubled = c == ' ' && clause.ends_with(' ');
    if (brackets == 0 && !doubled) clause += c;
    if (c == ')') --brackets;
  }
  while (clause.ends_with(' ')) clause.pop_back();
  return clause;
}

std::string way_of(const Violation& violation) {
  const std::string clause = first_clause(violation);
  std::string way;
  for (std::size_t begin = 0; begin < clause.size();) {
    const std::size_t end = std::min(clause.find(' ', begin), clause.size());
    const std::string_view word = std::string_view(clause).substr(begin, end - begin);
    if (!way.empty()) way += ' ';
    way += is_particular(word) ? "#" : word;
    begin = end + 1;
  }
  return way;
}

bool Failure::shares_a_way_with(const Failure& other) const {
  return guarantee == other.guarantee &&
         std::ranges::any_of(ways, [&](const auto& way) { return other.ways.contains(way); });
}

std::optional<Failure> failure_of(const RunOutcome& outcome, const std::string& guarantee) {
  const Verdict* verdict = violated(outcome, guarantee);
  if (verdict == nullptr) return std::nullopt;
  Failure failure{verdict->id, {}};
  for (const Violation& violation : verdict->violations) failure.ways.insert(way_of(violation));
  if (failure.ways.empty()) failure.ways.insert("");
  return failure;
}

std::string shape_of_failure(const RunOutcome& outcome, const std::string& guarantee) {
  const Verdict* verdict = violated(outcome, guarantee);
  if (verdict == nullptr) return {};
  std::uint64_t hash = hash_text(verdict->id);
  if (!verdict->violations.empty()) hash = hash_text(way_of(verdict->violations.front()), hash);
  std::set<std::string_view> sorts;
  for (const FaultKind kind : struck_before(outcome, verdict)) sorts.insert(sort_of(kind));
  for (const std::string_view sort : sorts) hash = fold(hash, hash_text(sort));
  char digits[5];
  std::snprintf(digits, sizeof digits, "%04x", static_cast<unsigned>(mix(hash) & 0xffff));
  return digits;
}

}  // namespace weir
