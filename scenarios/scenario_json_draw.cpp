// The draws of a scenario in its file: an object of paths and lists of values.
//
// Each path and each value is tried where it would go, so that a mistake in a profile is told when
// it is loaded, with its place in the list, and not by the one seed in a thousand that draws it.
#include "scenarios/scenario_json_draw.h"

#include <algorithm>
#include <array>

#include "scenarios/json_text.h"
#include "scenarios/scenario_json_fields.h"
#include "scenarios/scenario_json_set.h"

namespace weir::scenario_json {
namespace {

constexpr std::size_t kMaxDraws = 1'000;
constexpr std::size_t kMaxDrawValues = 1'000;

// What names a scenario, and what says how it is drawn.
constexpr std::array<std::string_view, 7> kNeverDrawn = {"$schema", "format", "name", "about",
                                                         "seed",    "plant",  "draw"};

std::string_view first_step(std::string_view path) { return path.substr(0, path.find('.')); }

// Whether one path leads to the other's place or beyond it; both as JSON paths.
bool leads_into(std::string_view outer, std::string_view inner) {
  return inner.starts_with(outer) &&
         (inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[');
}

std::optional<std::string> place_of(const Json& json, std::string_view path) {
  Json scratch = json;
  std::vector<ScenarioProblem> ignored;
  return apply_value(scratch, path, nullptr, ignored);
}

// Their records are read once, not for each seed.
void forbid_workloads_of_files(const Reading& at, std::string_view place, const Scenario& s) {
  for (std::size_t i = 0; i < s.clients.size(); ++i) {
    const auto* producer = std::get_if<ProducerSpec>(&s.clients[i].role);
    if (producer == nullptr || producer->workload.records_file.empty()) continue;
    const std::string workload = "$.clients[" + std::to_string(i) + "].workload";
    if (leads_into(workload, place) || leads_into(place, workload)) {
      at.report("the workload of \"" + s.clients[i].id + "\" reads a file, and so is not drawn");
    }
  }
}

}  // namespace

void DrawsCodec::read(const Reading& at, const Json& json, std::vector<Draw>& out) const {
  if (!json.is_object() || json.size() > kMaxDraws) {
    at.mismatch(json, "an object of paths and lists of values");
    return;
  }
  for (const auto& [path, values] : json.items()) {
    if (path.empty() || std::ranges::find(kNeverDrawn, first_step(path)) != kNeverDrawn.end()) {
      at.at(path).report("is not drawn: expected the path of a setting, as for --set");
      continue;
    }
    if (!values.is_array() || values.empty() || values.size() > kMaxDrawValues) {
      at.at(path).mismatch(values, "a list of 1 to 1,000 values");
      continue;
    }
    Draw& draw = out.emplace_back(Draw{path, {}});
    for (const Json& value : values) draw.values.push_back(value.dump());
  }
}

Json DrawsCodec::write(const std::vector<Draw>& draws) {
  Json json = Json::object();
  for (const Draw& draw : draws) {
    Json& values = json[draw.path] = Json::array();
    for (const std::string& value : draw.values) values.push_back(parse_ordered_json(value));
  }
  return json;
}

Json DrawsCodec::schema() {
  Json values = {{"type", "array"}};
  values["minItems"] = 1;
  Json schema = {{"type", "object"}};
  schema["additionalProperties"] = std::move(values);
  return schema;
}

void check_draws(const Reading& root, const Json& json, const Scenario& scenario) {
  Json plain = json;
  plain.erase("draw");
  for (const Draw& draw : scenario.draws) {
    const Reading at = root.at("draw").at(draw.path);
    for (std::size_t i = 0; i < draw.values.size(); ++i) {
      Json changed = plain;
      std::vector<ScenarioProblem> problems;
      const auto place =
          apply_value(changed, draw.path, parse_ordered_json(draw.values[i]), problems);
      if (!place) {
        for (const ScenarioProblem& p : problems) at.report(p.path + ": " + p.message);
        break;
      }
      if (i == 0) forbid_workloads_of_files(at, *place, scenario);
      Scenario ignored;
      ObjectCodec{}.read(Reading(problems), changed, ignored);
      for (const ScenarioProblem& p : problems) at.at(i).report(p.path + ": " + p.message);
    }
  }
}

void settle_draws(Json& json, std::string_view set_path) {
  const auto draws = json.is_object() ? json.find("draw") : json.end();
  if (draws == json.end() || !draws->is_object()) return;
  std::vector<std::string> settled;
  for (const auto& [path, values] : draws->items()) {
    const auto place = place_of(json, path);
    if (place && leads_into(set_path, *place)) settled.push_back(path);
  }
  for (const std::string& path : settled) draws->erase(path);
  if (draws->empty()) json.erase("draw");
}

}  // namespace weir::scenario_json
