// verdict.json, the words of verdicts, and the exit code that follows from them.
#include "checkers/verdict_json.h"

#include <algorithm>

#include "checkers/json_writer.h"

namespace weir {
namespace {

std::string event_address(std::int64_t event) { return "#" + std::to_string(event); }

void write_event(JsonWriter& json, std::string_view key, std::int64_t event) {
  if (event >= 0) json.key(key).text(event_address(event));
}

void write_violation(JsonWriter& json, const Violation& v, const std::string& shape) {
  json.begin_object();
  if (!v.record.empty()) json.key("record").text(v.record);
  write_event(json, "made", v.made);
  write_event(json, "broken", v.broken);
  if (v.seen.size() == 1) {
    write_event(json, "seen", v.seen[0]);
  } else if (!v.seen.empty()) {
    json.key("seen").begin_array();
    for (const std::int64_t event : v.seen) json.text(event_address(event));
    json.end_array();
  }
  if (!shape.empty()) json.key("shape").text(shape);
  json.key("argument").begin_array();
  for (const std::string& line : v.argument) json.text(line);
  json.end_array().end_object();
}

}  // namespace

std::string_view name_of(VerdictWord word) {
  switch (word) {
    case VerdictWord::holds: return "holds";
    case VerdictWord::violated: return "VIOLATED";
    case VerdictWord::not_exercised: return "not exercised";
    case VerdictWord::not_promised: return "not promised";
    case VerdictWord::unknown: return "unknown";
  }
  return "unknown";
}

std::string_view json_name_of(VerdictWord word) {
  return word == VerdictWord::violated ? "violated" : name_of(word);
}

void write_guarantees(JsonWriter& json, const std::vector<Verdict>& verdicts,
                      const std::string& shape) {
  json.key("guarantees").begin_array();
  for (const Verdict& v : verdicts) {
    json.begin_object();
    json.key("id").text(v.id).key("verdict").text(json_name_of(v.word));
    json.key("promised").boolean(v.promised);
    json.key("because").begin_array();
    for (const std::string& line : v.because) json.text(line);
    json.end_array().key("looked_at").begin_object();
    for (const auto& [name, count] : v.looked_at) json.key(name).integer(count);
    json.end_object().key("text").text(v.text).key("violations").begin_array();
    for (const Violation& violation : v.violations) write_violation(json, violation, shape);
    json.end_array().end_object();
  }
  json.end_array();
}

std::string to_json(const VerdictHeader& header, const std::vector<Verdict>& verdicts,
                    int exit_code) {
  JsonWriter json;
  json.begin_object().key("format").text("weir-verdict/1");
  json.key("scenario").text(header.scenario).key("seed").text(header.seed);
  json.key("build").text(header.build).key("fingerprint").text(header.fingerprint);
  write_guarantees(json, verdicts, header.shape);
  json.key("exit").integer(exit_code).end_object();
  return json.take() + "\n";
}

int exit_code_of(const std::vector<Verdict>& verdicts,
                 const std::vector<std::string>& require_exercised) {
  bool violated = false, unknown = false;
  for (const Verdict& v : verdicts) {
    if (v.word == VerdictWord::violated && v.id == "determinism") return 3;
    violated = violated || v.word == VerdictWord::violated;
    unknown = unknown || v.word == VerdictWord::unknown;
    const bool required = std::find(require_exercised.begin(), require_exercised.end(), v.id) !=
                          require_exercised.end();
    unknown = unknown || (required && v.word == VerdictWord::not_exercised);
  }
  return violated ? 1 : unknown ? 2 : 0;
}

}  // namespace weir
