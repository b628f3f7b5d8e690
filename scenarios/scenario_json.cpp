// From a file's text to a scenario: parse, apply settings, read, check; and every mistake with its
// place.
#include "scenarios/scenario_json.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "broker/base/text.h"
#include "checkers/history_json.h"
#include "scenarios/scenario_json_check.h"
#include "scenarios/scenario_json_draw.h"
#include "scenarios/scenario_json_place.h"
#include "scenarios/scenario_json_set.h"

namespace weir {

using namespace scenario_json;

namespace {

// "[json.exception.parse_error.101] parse error at line 3, column 5: <reason>", or without a place.
std::string reason_of(const Json::exception& error) {
  const std::string text = error.what();
  const std::size_t at = text.find(text.find(": ") == std::string::npos ? "] " : ": ");
  return at == std::string::npos ? text : text.substr(at + 2);
}

std::optional<Json> parse(std::string_view text, std::vector<ScenarioProblem>& problems) {
  if (text.size() > kMaxScenarioBytes) {
    problems.push_back({"", 0, "is larger than a scenario may be, 16 MiB"});
    return std::nullopt;
  }
  bool too_deep = false;
  const auto shallow = [&too_deep](int depth, Json::parse_event_t, Json&) {
    if (depth > static_cast<int>(kMaxScenarioDepth)) too_deep = true;
    return !too_deep;
  };
  try {
    Json json = Json::parse(text, shallow);
    if (!too_deep) return json;
    problems.push_back({"", 0, "is nested more deeply than a scenario may be"});
  } catch (const Json::parse_error& error) {
    // The byte where parsing stopped may be the first of the next line.
    const std::size_t byte = error.byte > 0 ? error.byte - 1 : 0;
    problems.push_back({"", line_of(text, byte), "is not valid JSON: " + reason_of(error)});
  } catch (const Json::out_of_range& error) {
    problems.push_back({"", 0, "is not valid JSON: " + reason_of(error)});
  }
  return std::nullopt;
}

// Lines for what is in the file, the setting's text for what came from one; in the file's order.
void place(std::vector<ScenarioProblem>& problems, std::size_t first, const Places& places,
           const std::vector<std::pair<std::string, std::string>>& set_paths) {
  for (std::size_t i = first; i < problems.size(); ++i) {
    ScenarioProblem& problem = problems[i];
    const auto from = std::ranges::find_if(
        set_paths, [&](const auto& set) { return problem.path.starts_with(set.first); });
    if (from == set_paths.end()) {
      problem.line = places.line_of(problem.path);
    } else {
      problem.message += " (from --set " + from->second + ")";
    }
  }
  std::multimap<std::size_t, ScenarioProblem> by_line;
  for (ScenarioProblem& problem : problems) by_line.emplace(problem.line, std::move(problem));
  problems.clear();
  for (auto& [line, problem] : by_line) problems.push_back(std::move(problem));
  if (problems.size() > kMaxScenarioProblems) {
    const std::size_t more = problems.size() - kMaxScenarioProblems;
    problems.resize(kMaxScenarioProblems);
    problems.push_back({"", 0, "and " + std::to_string(more) + " more"});
  }
}

std::string find_upwards(std::filesystem::path folder, const std::filesystem::path& name) {
  std::error_code error;
  folder = std::filesystem::absolute(folder, error).lexically_normal();
  while (!error) {
    const std::filesystem::path candidate = folder / name;
    if (std::filesystem::is_regular_file(candidate, error)) return candidate.string();
    error.clear();
    if (!folder.has_relative_path()) break;
    folder = folder.parent_path();
  }
  return {};
}

}  // namespace

ScenarioRead read_scenario(std::string_view text, std::span<const ScenarioSetting> settings) {
  ScenarioRead result;
  std::optional<Json> json = parse(text, result.problems);
  if (!json) return result;
  const Places places(text);
  result.problems = places.duplicates();
  std::vector<std::pair<std::string, std::string>> set_paths;
  const std::size_t before_settings = result.problems.size();
  for (const ScenarioSetting& setting : settings) {
    const std::size_t before = result.problems.size();
    const auto path = apply_setting(*json, setting, result.problems);
    const std::string written = setting.path + "=" + setting.value;
    if (path) settle_draws(*json, *path);
    if (path) set_paths.emplace_back(*path, written);
    for (std::size_t i = before; i < result.problems.size(); ++i) {
      result.problems[i].message += " (from --set " + written + ")";
    }
  }
  const bool settings_fit = result.problems.size() == before_settings;
  const std::size_t first = result.problems.size();
  const Reading root(result.problems);
  ObjectCodec{}.read(root, *json, result.scenario);
  // Of what could not be read, checks would only report consequences.
  if (result.problems.size() == first && settings_fit) {
    check(root, result.scenario);
    check_draws(root, *json, result.scenario);
  }
  place(result.problems, first, places, set_paths);
  return result;
}

ScenarioRead load_scenario(const std::string& path, std::span<const ScenarioSetting> settings) {
  ScenarioRead result;
  const std::optional<std::string> text = read_text(path);
  if (!text) {
    result.problems.push_back({"", 0, "cannot be read"});
    return result;
  }
  result = read_scenario(*text, settings);
  if (!result.ok()) return result;
  for (const std::string& what : beyond_this_build(result.scenario)) {
    result.problems.push_back({"", 0, "cannot be simulated yet: " + what});
  }
  return result;
}

std::string find_records(const std::string& directory, const std::string& name) {
  std::string found = find_upwards(directory.empty() ? "." : directory, name);
  return found.empty() ? find_upwards(".", name) : found;
}

std::vector<ScenarioProblem> check_scenario(const Scenario& scenario) {
  return read_scenario(write_scenario(scenario)).problems;
}

std::string to_text(const ScenarioProblem& problem, std::string_view file) {
  std::string text(file);
  if (problem.line > 0) text += ":" + std::to_string(problem.line);
  text += ": ";
  if (!problem.path.empty()) text += problem.path + ": ";
  return text + problem.message;
}

std::string to_text(std::span<const ScenarioProblem> problems, std::string_view file) {
  std::string text;
  for (const ScenarioProblem& problem : problems) text += to_text(problem, file) + "\n";
  return text;
}

}  // namespace weir
