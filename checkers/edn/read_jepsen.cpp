// Reading Jepsen's histories: each operation as JSON, then by the parser of our own.
#include <algorithm>
#include <utility>

#include "broker/base/text.h"
#include "checkers/edn/edn.h"
#include "checkers/edn/jepsen.h"
#include "checkers/file_pieces.h"
#include "checkers/history_lines.h"
#include "checkers/history_parse.h"

namespace weir {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n,");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// Collects operations given as JSON, and learns from them what kind of history it is.
class Collector {
 public:
  bool add(const std::string& json) {
    if (!tape_.parse(json)) {
      mistake_ = tape_.problem().what;
      return false;
    }
    const JsonValue op(tape_, 0);
    const auto process = HistoryParser::find(op, "process");
    if (process && process->is(JsonType::text)) return add_fault(op);
    const auto value = HistoryParser::find(op, "value");
    learn(HistoryParser::find(op, "f"), value);
    if (parser_.operation(op, root_)) return true;
    mistake_ = parser_.mistake();
    return false;
  }

  [[nodiscard]] const std::string& mistake() const { return mistake_; }
  void foresee(std::size_t taken, std::size_t bytes) { weir::foresee(history_, taken, bytes); }
  [[nodiscard]] bool any() const { return !history_.ops.empty(); }
  History take(bool complete) {
    history_.complete = complete;
    return std::move(history_);
  }
  // What there is up to a mistake; the mistake alone where there is nothing.
  std::variant<History, HistoryError> stop(const std::string& mistake) {
    if (!any()) return HistoryError{mistake};
    history_.broken = mistake;
    return take(false);
  }

 private:
  // The nemesis is no process: what it did are events.
  bool add_fault(JsonValue op) {
    std::string event = "{\"process\":null,\"type\":\"event\",\"f\":\"fault\"";
    for (const std::string_view key : {"index", "time"}) {
      const auto found = HistoryParser::find(op, key);
      if (!found || !found->is(JsonType::integer) || found->node().integer < 0) continue;
      event += ",\"" + std::string(key) + "\":" + std::to_string(found->node().integer);
    }
    event += ",\"value\":{\"kind\":";
    const auto f = HistoryParser::find(op, "f");
    const auto value = HistoryParser::find(op, "value");
    f ? append_json(event, *f) : void(event += "null");
    event += ",\"value\":";
    value ? append_json(event, *value) : void(event += "null");
    event += "}}";
    JsonTape tape;
    if (tape.parse(event) && parser_.operation(JsonValue(tape, 0), root_)) return true;
    mistake_ = parser_.mistake();
    return false;
  }

  void learn(std::optional<JsonValue> f, std::optional<JsonValue> value) {
    if (settled_ || !f || !f->is(JsonType::text)) return;
    const std::string_view name = f->node().text;
    if (name == "read" || name == "write" || name == "cas") {
      history_.family = "register";
      settled_ = true;
    }
    if (!value || !value->is(JsonType::array)) return;
    for (const JsonValue micro : *value) {
      if (!micro.is(JsonType::array)) continue;
      for (const JsonValue head : micro) {
        const bool word = head.is(JsonType::text);
        if (word && (head.node().text == "append" || head.node().text == "r")) {
          history_.family = "list-append";
          settled_ = true;
        } else if (word && (head.node().text == "send" || head.node().text == "poll")) {
          settled_ = true;
        }
        break;
      }
    }
  }

  History history_;
  HistoryParser parser_{history_};
  JsonTape tape_;
  JsonPath root_;
  std::string mistake_;
  bool settled_ = false;
};

}  // namespace

bool looks_like_edn(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with("{:") || text.starts_with("#") || text.starts_with(";")) return true;
  if (!text.starts_with("[") && !text.starts_with("(")) return false;
  text = trimmed(text.substr(1));
  return text.starts_with("{:") || text.starts_with("#");
}

std::variant<History, HistoryError> read_edn(Pieces& pieces, const std::string& file_name) {
  Collector collector;
  EdnReader reader(pieces.text());
  std::size_t line = 1;  // in which the piece begins
  bool first = true;
  std::string json;
  const auto stop = [&](const std::string& what) {
    const std::size_t at = line - 1 + line_of(pieces.text(), reader.position());
    return collector.stop(file_name + ":" + std::to_string(at) + ": " + what);
  };
  while (true) {
    json.clear();
    const EdnReader before = reader;
    const EdnReader::Next next = reader.next(json);
    if (reader.cut_off()) {
      // The form may go on behind the piece.
      const std::size_t taken = before.position();
      const std::size_t lines = line_of(pieces.text(), taken) - 1;
      if (pieces.more(taken)) {
        if (std::exchange(first, false)) collector.foresee(taken, pieces.size());
        line += lines;
        reader = before;
        reader.go_on(pieces.text(), taken);
        continue;
      }
    }
    if (next == EdnReader::Next::end) return collector.take(true);
    if (next == EdnReader::Next::broken) {
      // A form cut off in its middle, at the end of the file.
      if (reader.cut_off() && collector.any()) return collector.take(false);
      return stop(reader.problem());
    }
    if (!collector.add(json)) return stop(collector.mistake());
  }
}

bool looks_like_console(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return text.starts_with("INFO") && text.find(" - ") != std::string_view::npos &&
         text.find(':') != std::string_view::npos;
}

std::variant<History, HistoryError> read_console(std::string_view text,
                                                 const std::string& file_name) {
  Collector collector;
  std::size_t at = 0, number = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    // Process, type, function, value.
    EdnReader reader(line.substr(dash + 3));
    std::string json = "{", word;
    for (const std::string_view key : {"process", "type", "f", "value"}) {
      word.clear();
      if (reader.next_whole(word) != EdnReader::Next::form) break;
      json += (json.size() > 1 ? ",\"" : "\"") + std::string(key) + "\":" + word;
    }
    json += "}";
    if (json.find("\"f\":") == std::string::npos) continue;  // another line of the log
    if (!collector.add(json)) {
      return collector.stop(file_name + ":" + std::to_string(number) + ": " + collector.mistake());
    }
  }
  return collector.take(true);
}

}  // namespace weir
