// weir-history/1 line by line, as the lines come: a file's text need not be held whole.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "checkers/history_json.h"
#include "checkers/history_parse.h"

namespace weir {

inline constexpr std::string_view kExpectedHistory =
    "a case file (an object with \"history\") or a history that begins with "
    "{\"format\":\"weir-history/1\", ...}, or one of Jepsen (EDN)";

[[nodiscard]] HistoryError error_at(const std::string& file, std::size_t line,
                                    const std::string& what);
// Texts of a header that are only passed on.
void copy_text(JsonValue object, std::string_view key, std::string& out);
[[nodiscard]] bool blank_line(std::string_view line);

// Whether a text that begins so is weir-history/1, not another format.
[[nodiscard]] bool looks_like_lines(std::string_view text);

// Makes room for the history of a text of so many bytes, of which so many were taken.
void foresee(History&, std::size_t taken, std::size_t bytes);

class LineReader {
 public:
  explicit LineReader(std::string file) : file_(std::move(file)) { history_.complete = false; }

  // All lines of a text, up to the first mistake.
  void take_all(Pieces&);
  [[nodiscard]] std::variant<History, HistoryError> result();

 private:
  // Whether to go on. `last`: the line ends with the text, not with a line's end.
  bool take(std::string_view line, bool last);
  bool mistake(const std::string& what);
  bool object(JsonValue line);
  bool header(JsonValue line);

  std::string file_;
  std::size_t number_ = 0;
  bool started_ = false;
  bool headed_ = false;
  std::string problem_;
  HistoryError error_;  // where there is no history at all
  JsonPath root_;
  JsonTape tape_;
  History history_;
  HistoryParser parser_{history_};
};

}  // namespace weir
