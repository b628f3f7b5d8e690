// What the reader of scenarios asks about their draws.
#pragma once

#include <string_view>

#include "scenarios/scenario_json_codec.h"

namespace weir::scenario_json {

// Reports each path that leads nowhere and each value that would not be read there. `json` is the
// scenario's own.
void check_draws(const Reading& root, const Json& json, const Scenario&);

// What was set by hand is no longer drawn: removes the draws of this JSON path and below it.
void settle_draws(Json& json, std::string_view set_path);

}  // namespace weir::scenario_json
