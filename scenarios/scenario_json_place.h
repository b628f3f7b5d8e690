// Where a JSON path is in a text, and which keys are given twice.
//
// The JSON library keeps no positions and lets the last of equal keys win in silence; both matter
// to a person who edits a file. Works on text that is known to be valid JSON of bounded depth.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario_json_codec.h"

namespace weir::scenario_json {

class Places {
 public:
  explicit Places(std::string_view text);

  // 1-based; of the nearest enclosing place where the path itself is not in the text, so that a
  // missing key is reported where its object begins.
  [[nodiscard]] std::size_t line_of(std::string_view path) const;
  [[nodiscard]] const std::vector<ScenarioProblem>& duplicates() const { return duplicates_; }

 private:
  void value(const Reading& at);
  void object(const Reading& at);
  void array(const Reading& at);
  [[nodiscard]] std::string_view text_token();
  void skip_space();
  [[nodiscard]] bool take(char);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::map<std::string, std::size_t, std::less<>> lines_;
  std::vector<ScenarioProblem> duplicates_;
  std::vector<ScenarioProblem> unused_;  // a Reading wants somewhere to report to
};

}  // namespace weir::scenario_json
