// Walking a dotted path through objects by key and through lists by id, name, label or index.
#include "scenarios/scenario_json_set.h"

#include <array>

#include "broker/base/suggest.h"
#include "broker/base/text.h"
#include "scenarios/json_text.h"

namespace weir {
namespace scenario_json {
namespace {

constexpr std::array<std::string_view, 3> kItemNames = {"id", "name", "label"};

// Below these, keys contain dots: what is left of the path is one key.
bool has_dotted_keys(std::string_view key) {
  return key == "config" || key == "expect" || key == "draw";
}

std::vector<std::string> names_of(const Json& item) {
  std::vector<std::string> names;
  if (!item.is_object()) return names;
  for (const std::string_view key : kItemNames) {
    const auto found = item.find(std::string(key));
    if (found != item.end() && found->is_string()) names.push_back(found->get<std::string>());
  }
  return names;
}

// Whether `rest` begins with this step, and what follows it.
std::optional<std::string_view> follow(std::string_view rest, std::string_view step) {
  if (rest == step) return std::string_view();
  if (rest.size() > step.size() && rest.starts_with(step) && rest[step.size()] == '.') {
    return rest.substr(step.size() + 1);
  }
  return std::nullopt;
}

struct Step {
  std::size_t index = 0;
  std::string_view rest;
};

// The item that the path means: by its longest name, since names may contain dots, or by index.
std::optional<Step> find_item(const Json& list, std::string_view path) {
  std::optional<Step> best;
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::vector<std::string> names = names_of(list[i]);
    names.push_back(std::to_string(i));
    for (const std::string& name : names) {
      const auto rest = follow(path, name);
      if (rest && (!best || rest->size() < best->rest.size())) best = Step{i, *rest};
    }
  }
  return best;
}

std::string unknown_item(const Json& list, std::string_view step) {
  std::vector<std::string> names;
  for (const Json& item : list) {
    for (std::string& name : names_of(item)) names.push_back(std::move(name));
  }
  return "no item \"" + std::string(step) + "\" here" +
         did_you_mean(step, std::span<const std::string>(names));
}

Json value_of(const std::string& text, bool always_text) {
  if (always_text) return text;
  Json json = parse_ordered_json(text);
  return json.is_discarded() ? Json(text) : json;
}

}  // namespace

namespace {

// The value at a path, made where it was absent; and where that is.
struct Found {
  Json* value = nullptr;
  std::string path;
  bool in_config = false;
};

std::optional<Found> find_value(Json& json, std::string_view rest,
                                std::vector<ScenarioProblem>& problems) {
  Json* target = &json;
  Reading at(problems);
  bool dotted = false;
  bool in_config = false;
  while (!rest.empty()) {
    const std::string_view step = dotted ? rest : rest.substr(0, rest.find('.'));
    if (target->is_array()) {
      const auto item = find_item(*target, rest);
      if (!item) {
        at.report(unknown_item(*target, step));
        return std::nullopt;
      }
      target = &(*target)[item->index];
      at = at.at(item->index);
      rest = item->rest;
      continue;
    }
    if (!target->is_object() && !target->is_null()) {
      at.report("has no \"" + std::string(step) + "\": it is no object");
      return std::nullopt;
    }
    target = &(*target)[std::string(step)];
    at = at.at(step);
    rest = step.size() < rest.size() ? rest.substr(step.size() + 1) : std::string_view();
    in_config = in_config || step == "config";
    dotted = has_dotted_keys(step);
  }
  return Found{target, at.path(), in_config};
}

}  // namespace

std::optional<std::string> apply_value(Json& json, std::string_view path, Json value,
                                       std::vector<ScenarioProblem>& problems) {
  auto found = find_value(json, path, problems);
  if (!found) return std::nullopt;
  *found->value = std::move(value);
  return std::move(found->path);
}

std::optional<std::string> apply_setting(Json& json, const ScenarioSetting& setting,
                                         std::vector<ScenarioProblem>& problems) {
  auto found = find_value(json, setting.path, problems);
  if (!found) return std::nullopt;
  *found->value = value_of(setting.value, found->in_config && !found->value->is_object());
  return std::move(found->path);
}

}  // namespace scenario_json

std::optional<ScenarioSetting> parse_setting(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return ScenarioSetting{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

}  // namespace weir
