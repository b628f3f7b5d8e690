// read_history: tells case files, weir-history/1 and Jepsen's histories apart, and reads each.
#include <algorithm>
#include <string>

#include "broker/base/text.h"
#include "checkers/edn/jepsen.h"
#include "checkers/file_pieces.h"
#include "checkers/history_json.h"
#include "checkers/history_lines.h"
#include "checkers/history_parse.h"

namespace weir {
namespace {

// Where the last whole element of the list "history" ends that lies before a position, or npos
// where that list has not begun.
std::size_t whole_operations(std::string_view text, std::size_t before) {
  constexpr std::string_view kList = "\"history\"";
  std::size_t depth = 0, end = std::string_view::npos;
  bool inside = false;  // the list
  for (std::size_t at = 0; at < before; ++at) {
    const char c = text[at];
    if (c == '"') {
      const bool list = depth == 1 && text.substr(at).starts_with(kList);
      for (++at; at < before && text[at] != '"'; ++at) at += text[at] == '\\';
      if (list && !inside) {
        at = text.find_first_not_of(" \t\r\n:", at + 1);
        if (at == std::string_view::npos || at >= before || text[at] != '[') return end;
        inside = true;
        depth = 2;
        end = at + 1;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
      if (inside && depth < 2) return end;
      if (inside && depth == 2) end = at + 1;
    }
  }
  return end;
}

class CaseReader {
 public:
  CaseReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::variant<History, HistoryError> read() {
    JsonTape tape;
    if (tape.parse(text_)) return document(JsonValue(tape, 0));
    const std::size_t position = tape.problem().position;
    const HistoryError error = error_at(file_, line_of(text_, position), tape.problem().what);
    const std::size_t end = whole_operations(text_, std::min(position, text_.size()));
    if (end == std::string_view::npos) return error;
    const std::string so_far = std::string(text_.substr(0, end)) + "]}";
    if (!tape.parse(so_far)) return error;
    auto read = document(JsonValue(tape, 0));
    if (auto* history = std::get_if<History>(&read); history != nullptr) {
      history->complete = false;
      if (history->broken.empty()) history->broken = error.text;
    }
    return read;
  }

 private:
  std::variant<History, HistoryError> document(JsonValue document) {
    const JsonPath root;
    const auto list = HistoryParser::find(document, "history");
    if (!list) {
      parser_.fail(document, root, kExpectedHistory);
      return mistake();
    }
    copy_text(document, "name", history_.title);
    copy_text(document, "family", history_.family);
    if (const auto config = HistoryParser::find(document, "config"); config) {
      if (!parser_.config(*config, root.member("config"))) return mistake();
    }
    const JsonPath place = root.member("history");
    if (!list->is(JsonType::array)) {
      parser_.fail(*list, place, "a list of operations");
      return mistake();
    }
    std::int64_t i = 0;
    for (const JsonValue op : *list) {
      if (parser_.operation(op, place.element(i++))) continue;
      history_.broken = mistake().text;
      history_.complete = false;
      break;
    }
    return std::move(history_);
  }

  HistoryError mistake() {
    return error_at(file_, line_of(text_, parser_.position()), parser_.mistake());
  }

  std::string_view text_;
  const std::string& file_;
  History history_;
  HistoryParser parser_{history_};
};

// The first line that is not blank.
std::string_view first_line(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!blank_line(line)) return line;
    at = end + 1;
  }
  return {};
}

}  // namespace

std::variant<History, HistoryError> read_history(std::string_view text,
                                                 const std::string& file_name) {
  auto read = read_history_so_far(text, file_name);
  const auto* history = std::get_if<History>(&read);
  if (history != nullptr && !history->broken.empty()) return HistoryError{history->broken};
  return read;
}

std::variant<History, HistoryError> read_history_so_far(std::string_view text,
                                                        const std::string& file_name) {
  Pieces pieces(text);
  return read_history_so_far(pieces, file_name);
}

std::variant<History, HistoryError> read_history_so_far(Pieces& pieces,
                                                        const std::string& file_name) {
  // Only lines and forms are read as they come.
  const std::string_view begun = first_line(pieces.text());
  const bool line = !begun.empty() && begun.end() != pieces.text().end();
  bool lines = line && looks_like_lines(pieces.text());
  const bool known = lines || (line && looks_like_edn(pieces.text()));
  if (!known) {
    pieces.rest();
    lines = looks_like_lines(pieces.text());
  }
  const std::string_view text = pieces.text();
  const std::string_view first = first_line(text);
  if (first.empty()) {
    return error_at(file_name, 1, "found nothing, expected " + std::string(kExpectedHistory));
  }
  if (lines) {
    LineReader reader(file_name);
    reader.take_all(pieces);
    return reader.result();
  }
  if (looks_like_console(first)) return read_console(text, file_name);
  if (looks_like_edn(text)) return read_edn(pieces, file_name);
  return CaseReader(text, file_name).read();
}

bool looks_like_lines(std::string_view text) {
  const std::string_view first = first_line(text);
  if (first.empty() || looks_like_console(first) || looks_like_edn(text)) return false;
  JsonTape tape;
  return tape.parse(first) && !HistoryParser::find(JsonValue(tape, 0), "history").has_value();
}

}  // namespace weir
