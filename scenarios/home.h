// Where the files that ship with Weir lie: scenarios, schema, reports.
#pragma once

#include <string>
#include <vector>

namespace weir {

// The source tree that this program was built from, or $WEIR_HOME where that is set.
[[nodiscard]] std::string home();

// The path of a scenario: `name` itself if such a file exists, else that name in the library or
// among the saved failures, with or without ".json"; empty where there is none.
[[nodiscard]] std::string find_scenario(const std::string& name);
// Names of the library's scenarios, sorted.
[[nodiscard]] std::vector<std::string> library_scenarios();

}  // namespace weir
