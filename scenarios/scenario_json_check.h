// The checks of a scenario that need more than one key.
#pragma once

#include "scenarios/scenario_json_fields.h"

namespace weir::scenario_json {

// Reports at the places, under `root`, where each mistake would be mended.
void check(const Reading& root, const Scenario&);

}  // namespace weir::scenario_json
