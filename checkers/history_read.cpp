// read_history: tells case files, weir-history/1 and Jepsen's histories apart, and reads each.
#include <algorithm>
#include <string>

#include "broker/base/text.h"
#include "checkers/edn/jepsen.h"
#include "checkers/history_json.h"
#include "checkers/history_parse.h"

namespace weir {
namespace {

constexpr std::string_view kFormat = "weir-history/1";
constexpr std::string_view kExpected =
    "a case file (an object with \"history\") or a history that begins with "
    "{\"format\":\"weir-history/1\", ...}, or one of Jepsen (EDN)";

HistoryError error_at(const std::string& file, std::size_t line, const std::string& what) {
  return {file + ":" + std::to_string(line) + ": " + what};
}

// Texts of a header that are only passed on.
void copy_text(JsonValue object, std::string_view key, std::string& out) {
  const auto found = HistoryParser::find(object, key);
  if (!found) return;
  if (found->is(JsonType::text)) {
    out = found->node().text;
  } else if (found->is(JsonType::integer)) {
    out = std::to_string(found->node().integer);
  }
}

bool blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

class LineReader {
 public:
  LineReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::variant<History, HistoryError> read() {
    history_.complete = false;
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      const std::string_view line = text_.substr(at_, end - at_);
      const bool last = end == text_.size();
      at_ = end + 1;
      ++number_;
      if (blank(line)) continue;
      if (!tape_.parse(line)) {
        // A line cut off in its middle, at the end of a file without its end mark.
        if (last && started_ && !history_.complete) break;
        return mistake("at column " + std::to_string(tape_.problem().position + 1) + ": " +
                       tape_.problem().what);
      }
      if (!take(JsonValue(tape_, 0))) return mistake(problem_);
    }
    return std::move(history_);
  }

 private:
  // Behind a good header there is a history, however short.
  std::variant<History, HistoryError> mistake(const std::string& what) {
    const HistoryError error = error_at(file_, number_, what);
    if (!headed_) return error;
    history_.complete = false;
    history_.broken = error.text;
    return std::move(history_);
  }

  bool take(JsonValue line) {
    if (history_.complete) {
      problem_ = "found more lines, expected nothing behind the end mark";
      return false;
    }
    bool good = true;
    if (!started_) {
      started_ = true;
      good = headed_ = header(line);
    } else if (const auto end = HistoryParser::find(line, "end"); end) {
      if (end->is(JsonType::boolean) && end->node().truth) {
        history_.complete = true;
        copy_text(line, "fingerprint", history_.fingerprint);
      } else {
        good = parser_.fail(*end, root_.member("end"), "true");
      }
    } else if (const auto run = HistoryParser::find(line, "run"); run) {
      good = parser_.run(*run, root_.member("run"));
    } else if (const auto stored = HistoryParser::find(line, "stored"); stored) {
      good = parser_.stored(*stored, root_.member("stored"));
    } else if (history_.ops.size() >= kMaxHistoryOps) {
      problem_ = "expected at most " + std::to_string(kMaxHistoryOps) + " operations";
      return false;
    } else {
      good = parser_.operation(line, root_);
    }
    if (!good) problem_ = parser_.mistake();
    return good;
  }

  bool header(JsonValue line) {
    copy_text(line, "scenario", history_.title);
    copy_text(line, "seed", history_.seed);
    copy_text(line, "build", history_.build);
    copy_text(line, "family", history_.family);
    const auto format = HistoryParser::find(line, "format");
    if (!format) return parser_.fail(line, root_, kExpected);
    if (!format->is(JsonType::text) || format->node().text != kFormat) {
      return parser_.fail(*format, root_.member("format"), "\"weir-history/1\"");
    }
    const auto config = HistoryParser::find(line, "config");
    return !config || parser_.config(*config, root_.member("config"));
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
  bool started_ = false;
  bool headed_ = false;
  std::string problem_;
  JsonPath root_;
  JsonTape tape_;
  History history_;
  HistoryParser parser_{history_};
};

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
      parser_.fail(document, root, kExpected);
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
    if (!blank(line)) return line;
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
  const std::string_view first = first_line(text);
  if (first.empty()) {
    return error_at(file_name, 1, "found nothing, expected " + std::string(kExpected));
  }
  if (looks_like_console(first)) return read_console(text, file_name);
  if (looks_like_edn(text)) return read_edn(text, file_name);
  JsonTape tape;
  const bool lines =
      tape.parse(first) && !HistoryParser::find(JsonValue(tape, 0), "history").has_value();
  if (lines) return LineReader(text, file_name).read();
  return CaseReader(text, file_name).read();
}

}  // namespace weir
