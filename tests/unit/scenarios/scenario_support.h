// Small scenario files for the tests of this folder.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "scenarios/scenario_json.h"

namespace weir {

// A valid file with room for further top-level keys, each on a line of its own.
inline std::string scenario_with(std::string_view keys) {
  return "{\n\"format\": \"weir-scenario/1\",\n\"name\": \"x\",\n"
         "\"topics\": [{\"name\": \"orders\", \"partitions\": 2}],\n" +
         std::string(keys) + "\n}\n";
}

inline std::string read_whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// All problems, one a line, as a user sees them.
inline std::string problems_of(std::string_view text, std::vector<ScenarioSetting> settings = {}) {
  return to_text(read_scenario(text, settings).problems, "x.json");
}

}  // namespace weir
