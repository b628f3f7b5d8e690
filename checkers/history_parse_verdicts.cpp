// HistoryParser: what a run judged by the facts of its nodes, in the form of verdict.json (see
// verdict_json.cpp, which writes it).
#include <array>
#include <charconv>

#include "checkers/history_parse.h"
#include "checkers/verdict_json.h"

namespace weir {
namespace {

// In the order of the words.
constexpr std::array<std::string_view, 5> kWords = {"holds", "violated", "not exercised",
                                                    "not promised", "unknown"};

}  // namespace

bool HistoryParser::guarantees(JsonValue v, Place at) {
  if (!v.is(JsonType::array)) return fail(v, at, "a list of verdicts");
  std::int64_t i = 0;
  for (const JsonValue told : v) {
    const JsonPath here = at.element(i++);
    if (!guarantee(told, here, history_.truth->judged.emplace_back())) return false;
  }
  return true;
}

bool HistoryParser::guarantee(JsonValue v, Place at, Verdict& out) {
  if (!v.is(JsonType::object)) return fail(v, at, "a verdict (an object)");
  return members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    if (key == "id") return text(m, here, out.id);
    if (key == "promised") return flag(m, here, out.promised);
    if (key == "because") return texts(m, here, out.because);
    if (key == "text") return text(m, here, out.text);
    if (key == "verdict") {
      std::size_t which = 0;
      if (!word(m, here, kWords, which)) return false;
      out.word = static_cast<VerdictWord>(which);
    } else if (key == "looked_at") {
      if (!m.is(JsonType::object)) return fail(m, here, "counts by name");
      return members(m, here, [&](std::string_view name, JsonValue count, Place place) {
        return integer(count, place, -1, "a count, or -1 for none",
                       out.looked_at.emplace_back(name, 0).second);
      });
    } else if (key == "violations") {
      if (!m.is(JsonType::array)) return fail(m, here, "a list of violations");
      std::int64_t i = 0;
      for (const JsonValue told : m) {
        const JsonPath place = here.element(i++);
        if (!violation(told, place, out.violations.emplace_back())) return false;
      }
    }
    return true;
  });
}

bool HistoryParser::violation(JsonValue v, Place at, Violation& out) {
  if (!v.is(JsonType::object)) return fail(v, at, "a violation (an object)");
  return members(v, at, [&](std::string_view key, JsonValue m, Place here) {
    if (key == "record") return text(m, here, out.record);
    if (key == "made") return event(m, here, out.made);
    if (key == "broken") return event(m, here, out.broken);
    if (key == "argument") return texts(m, here, out.argument);
    if (key != "seen") return true;
    if (!m.is(JsonType::array)) return event(m, here, out.seen.emplace_back());
    std::int64_t i = 0;
    for (const JsonValue told : m) {
      const JsonPath place = here.element(i++);
      if (!event(told, place, out.seen.emplace_back())) return false;
    }
    return true;
  });
}

// "#117".
bool HistoryParser::event(JsonValue v, Place at, std::int64_t& out) {
  const std::string_view told = v.is(JsonType::text) ? v.node().text : std::string_view();
  const char* last = told.data() + told.size();
  if (told.starts_with('#')) {
    const auto [end, error] = std::from_chars(told.data() + 1, last, out);
    if (error == std::errc() && end == last && out >= 0) return true;
  }
  return fail(v, at, "an event such as \"#117\"");
}

}  // namespace weir
