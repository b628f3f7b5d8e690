// What reading a small text file gave: its content, or a sentence that says what is wrong with it.
//
// Neither of the two: there is no such file, where the reader of files says so.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace weir {

template <class T>
struct ParsedText {
  std::optional<T> value = {};
  std::string complaint = {};  // for people: file or line, what was found, what was expected

  [[nodiscard]] bool ok() const { return value.has_value(); }
  [[nodiscard]] bool missing() const { return !value.has_value() && complaint.empty(); }
  [[nodiscard]] static ParsedText wrong(std::string why) { return {{}, std::move(why)}; }
};

}  // namespace weir
