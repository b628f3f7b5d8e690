// Applying `--set path=value` to a scenario's JSON, before it is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario_json_codec.h"

namespace weir::scenario_json {

// The JSON path that was set; nothing, and a problem, where the path leads nowhere.
std::optional<std::string> apply_value(Json& json, std::string_view path, Json value,
                                       std::vector<ScenarioProblem>& problems);
// The same of a text: JSON where it reads as such, but below `config` always a text.
std::optional<std::string> apply_setting(Json& json, const ScenarioSetting& setting,
                                         std::vector<ScenarioProblem>& problems);

}  // namespace weir::scenario_json
