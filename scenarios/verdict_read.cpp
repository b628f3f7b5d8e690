// The inverse of checkers/verdict_json.h, as far as people are told of a verdict.
#include "scenarios/verdict_read.h"

#include <array>
#include <optional>

#include "broker/base/text.h"

namespace weir {
namespace {

std::string text_at(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> texts_at(const nlohmann::ordered_json& object, const char* key) {
  std::vector<std::string> texts;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return texts;
  for (const nlohmann::ordered_json& text : *found) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

// "#117"; -1: none.
std::int64_t event_of(const std::string& address) {
  if (!address.starts_with('#')) return -1;
  const auto number = parse_unsigned(std::string_view(address).substr(1));
  return number ? static_cast<std::int64_t>(*number) : -1;
}

std::optional<VerdictWord> word_named(const std::string& name) {
  static constexpr std::array kWords = {VerdictWord::holds, VerdictWord::violated,
                                        VerdictWord::not_exercised, VerdictWord::not_promised,
                                        VerdictWord::unknown};
  for (const VerdictWord word : kWords) {
    if (name == json_name_of(word)) return word;
  }
  return std::nullopt;
}

Violation violation_from(const nlohmann::ordered_json& json) {
  Violation v;
  v.record = text_at(json, "record");
  v.made = event_of(text_at(json, "made"));
  v.broken = event_of(text_at(json, "broken"));
  std::vector<std::string> seen = texts_at(json, "seen");
  if (const std::string one = text_at(json, "seen"); !one.empty()) seen = {one};
  for (const std::string& address : seen) v.seen.push_back(event_of(address));
  v.argument = texts_at(json, "argument");
  return v;
}

}  // namespace

std::vector<Verdict> read_verdicts(const nlohmann::ordered_json& file, std::string& error) {
  std::vector<Verdict> verdicts;
  if (text_at(file, "format") != "weir-verdict/1" || !file.contains("guarantees") ||
      !file["guarantees"].is_array()) {
    error = "$: expected an object of the format \"weir-verdict/1\" with \"guarantees\"";
    return verdicts;
  }
  for (const nlohmann::ordered_json& json : file["guarantees"]) {
    const std::string where = "$.guarantees[" + std::to_string(verdicts.size()) + "]";
    const auto word = json.is_object() ? word_named(text_at(json, "verdict")) : std::nullopt;
    if (!word || text_at(json, "id").empty()) {
      error = where + ": expected an object with \"id\" and a \"verdict\" such as \"holds\"";
      return verdicts;
    }
    Verdict v;
    v.id = text_at(json, "id");
    v.word = *word;
    v.promised = json.contains("promised") && json["promised"] == true;
    v.because = texts_at(json, "because");
    v.text = text_at(json, "text");
    if (const auto list = json.find("violations"); list != json.end() && list->is_array()) {
      for (const nlohmann::ordered_json& violation : *list) {
        if (violation.is_object()) v.violations.push_back(violation_from(violation));
      }
    }
    verdicts.push_back(std::move(v));
  }
  return verdicts;
}

}  // namespace weir
