// verdict.json read back: for whoever has a run's files and not the program that ran it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checkers/verdict.h"

namespace weir {

// On failure `error` names the path and what was expected; unknown keys are passed over.
[[nodiscard]] std::vector<Verdict> read_verdicts(const nlohmann::ordered_json& file,
                                                 std::string& error);

}  // namespace weir
