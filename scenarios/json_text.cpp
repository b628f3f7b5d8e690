// The one place where texts are parsed, but for a scenario's, whose errors tell their place.
#include "scenarios/json_text.h"

#include <istream>
#include <iterator>
#include <string>

namespace weir {
namespace {

std::string all_of(std::istream& in) { return {std::istreambuf_iterator<char>(in), {}}; }

}  // namespace

nlohmann::json parse_json(std::string_view text) {
  return nlohmann::json::parse(text, nullptr, false);
}

nlohmann::ordered_json parse_ordered_json(std::string_view text) {
  return nlohmann::ordered_json::parse(text, nullptr, false);
}

nlohmann::json parse_json(std::istream& in) { return parse_json(all_of(in)); }
nlohmann::ordered_json parse_ordered_json(std::istream& in) {
  return parse_ordered_json(all_of(in));
}

}  // namespace weir
