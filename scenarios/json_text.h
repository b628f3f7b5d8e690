// JSON from text, compiled once: nlohmann's parser is a template that would be made anew in every
// unit of compilation, for every kind of input.
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string_view>

namespace weir {

// What cannot be read is discarded: is_discarded() of the result.
[[nodiscard]] nlohmann::json parse_json(std::string_view text);
[[nodiscard]] nlohmann::json parse_json(std::istream&);
// The same, with its members in the order of the text.
[[nodiscard]] nlohmann::ordered_json parse_ordered_json(std::string_view text);
[[nodiscard]] nlohmann::ordered_json parse_ordered_json(std::istream&);

}  // namespace weir
