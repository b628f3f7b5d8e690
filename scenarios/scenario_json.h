// Scenario <-> JSON: strict reading with errors for people, canonical writing, the JSON Schema.
//
// One description of every object (scenario_json_fields.h) serves reading, writing and the schema.
// Unknown keys are errors, since a typo must not be a silent default. All mistakes of a file are
// reported, each with its line, its JSON path, the value, what was expected and what was probably
// meant. Equal values are written as equal bytes, so a resolved scenario can be hashed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"

namespace weir {

inline constexpr std::size_t kMaxScenarioBytes = 16 << 20;
inline constexpr std::size_t kMaxScenarioDepth = 32;
// Further mistakes of one file are counted, not listed.
inline constexpr std::size_t kMaxScenarioProblems = 100;

struct ScenarioProblem {
  std::string path;      // "$.clients[0].workload.records"; empty where the text is no JSON
  std::size_t line = 0;  // 1-based; 0 where the place is not in the file (a setting's)
  std::string message;   // `expected a whole number from 0 to 10, found "many"`
  friend bool operator==(const ScenarioProblem&, const ScenarioProblem&) = default;
};

// "file.json:12: $.clients[0].workload.records: expected ..."
[[nodiscard]] std::string to_text(const ScenarioProblem&, std::string_view file);
// One line a problem.
[[nodiscard]] std::string to_text(std::span<const ScenarioProblem>, std::string_view file);

// `--set path=value`: "clients.P1.config.acks=1". Items of arrays are addressed by id, name, label
// or index; what follows `config` or `expect` is one key, dots and all. The value is JSON where it
// reads as such, otherwise a text.
struct ScenarioSetting {
  std::string path;
  std::string value;
};
// Splits at the first '='; nothing where there is none.
[[nodiscard]] std::optional<ScenarioSetting> parse_setting(std::string_view text);

struct ScenarioRead {
  Scenario scenario;  // of no use while there are problems
  std::vector<ScenarioProblem> problems;
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

// The value that a file's text means, after settings were applied to it; not resolved.
[[nodiscard]] ScenarioRead read_scenario(std::string_view text,
                                         std::span<const ScenarioSetting> settings = {});
// The same from a file that is to be run: what this build cannot simulate is a problem too.
[[nodiscard]] ScenarioRead load_scenario(const std::string& path,
                                         std::span<const ScenarioSetting> settings = {});

// Where a workload's records_file is: in the scenario's folder, or in the nearest folder above it,
// or in the working directory and above; so a scenario that was kept elsewhere still finds it.
// Empty where it is nowhere.
[[nodiscard]] std::string find_records(const std::string& directory, const std::string& name);

// What is wrong with a value that was not read but made, e.g. by the shrinker.
[[nodiscard]] std::vector<ScenarioProblem> check_scenario(const Scenario&);

// Canonical: fixed order of keys, two spaces, one line end at the end.
[[nodiscard]] std::string write_scenario(const Scenario&);
// Of the resolved value, without its name, about and $schema: what a run depends on.
[[nodiscard]] std::uint64_t content_hash(const Scenario&);

// An explicit list of faults in the same form, as a JSON array.
[[nodiscard]] std::string write_faults(std::span<const Fault>);

// The text of schema/scenario-1.schema.json.
[[nodiscard]] std::string scenario_schema();

}  // namespace weir
