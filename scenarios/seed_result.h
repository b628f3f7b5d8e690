// What is kept of one run of a sweep, and its line of JSON: the form in which workers answer, that
// `sweep --json` prints, and that results.jsonl holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/outcome.h"
#include "scenarios/run.h"

namespace weir {

struct SeedResult {
  std::uint64_t index = 0;  // in the sweep
  std::size_t subject = 0;
  std::uint64_t seed = 0;
  bool saved = false;  // a failure of earlier days, see SavedRun
  std::uint64_t fingerprint = 0;
  std::int64_t simulated_ns = 0;
  std::vector<std::pair<std::string, std::string>> verdicts;  // guarantee, word
  std::string shape;     // 4 hex digits, empty where nothing failed
  std::string violated;  // the guarantee of the first violation that nobody expected, or "expect"
  std::string story;     // "(kill, lose_response)": the kinds of faults that struck
  std::string headline;  // the first line of the violation
  std::string coverage;  // see to_text(Coverage)
  std::vector<std::string> witnessed;  // see witnesses.h
  bool doubled = false;
  bool same = true;  // of a doubled run: the second fingerprint was equal
  int exit_code = 0;
  std::string trouble;  // the process died, or another internal error
};

// All but the run's place in a sweep, and whether it was doubled.
[[nodiscard]] SeedResult seed_result_of(const Scenario&, const RunOutcome&, const Judgement&);

[[nodiscard]] std::string to_json_line(const SeedResult&);
// Throws an std::exception where the line is none of ours.
[[nodiscard]] SeedResult seed_result_from(const std::string& json_line);

}  // namespace weir
