// LineReader: a header, operations, what a run told, and an end mark.
#include "checkers/history_lines.h"

#include <algorithm>
#include <utility>

#include "checkers/file_pieces.h"

namespace weir {
namespace {

constexpr std::string_view kFormat = "weir-history/1";

}  // namespace

HistoryError error_at(const std::string& file, std::size_t line, const std::string& what) {
  return {file + ":" + std::to_string(line) + ": " + what};
}

void copy_text(JsonValue object, std::string_view key, std::string& out) {
  const auto found = HistoryParser::find(object, key);
  if (!found) return;
  if (found->is(JsonType::text)) {
    out = found->node().text;
  } else if (found->is(JsonType::integer)) {
    out = std::to_string(found->node().integer);
  }
}

bool blank_line(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

void foresee(History& history, std::size_t taken, std::size_t bytes) {
  constexpr std::size_t kMost = std::size_t{1} << 25;
  if (taken == 0 || bytes <= taken) return;
  const auto grow = [&](auto& column) {
    const std::size_t n = column.size();
    column.reserve(std::min(kMost, bytes / taken * (n + n / 16)));
  };
  grow(history.ops);
  grow(history.items);
  grow(history.metas);
  grow(history.elements);
}

bool LineReader::take(std::string_view line, bool last) {
  ++number_;
  if (blank_line(line)) return true;
  if (!tape_.parse(line)) {
    // A line cut off in its middle, at the end of a file without its end mark.
    if (last && started_ && !history_.complete) return false;
    return mistake("at column " + std::to_string(tape_.problem().position + 1) + ": " +
                   tape_.problem().what);
  }
  return object(JsonValue(tape_, 0)) || mistake(problem_);
}

void LineReader::take_all(Pieces& pieces) {
  std::size_t at = 0, searched = 0;
  bool first = true;
  do {
    const std::string_view text = pieces.text();
    searched -= at;
    at = 0;
    for (std::size_t end; (end = text.find('\n', std::max(at, searched))) != std::string_view::npos;
         at = end + 1) {
      if (!take(text.substr(at, end - at), false)) return;
    }
    searched = text.size();
    if (std::exchange(first, false)) foresee(history_, at, pieces.size());
  } while (pieces.more(at));
  if (at < pieces.text().size()) static_cast<void>(take(pieces.text().substr(at), true));
}

std::variant<History, HistoryError> LineReader::result() {
  if (!error_.text.empty()) return std::move(error_);
  return std::move(history_);
}

// Behind a good header there is a history, however short.
bool LineReader::mistake(const std::string& what) {
  HistoryError error = error_at(file_, number_, what);
  if (headed_) {
    history_.complete = false;
    history_.broken = std::move(error.text);
  } else {
    error_ = std::move(error);
  }
  return false;
}

bool LineReader::object(JsonValue line) {
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

bool LineReader::header(JsonValue line) {
  copy_text(line, "scenario", history_.title);
  copy_text(line, "seed", history_.seed);
  copy_text(line, "build", history_.build);
  copy_text(line, "family", history_.family);
  const auto format = HistoryParser::find(line, "format");
  if (!format) return parser_.fail(line, root_, kExpectedHistory);
  if (!format->is(JsonType::text) || format->node().text != kFormat) {
    return parser_.fail(*format, root_.member("format"), "\"weir-history/1\"");
  }
  const auto config = HistoryParser::find(line, "config");
  return !config || parser_.config(*config, root_.member("config"));
}

}  // namespace weir
