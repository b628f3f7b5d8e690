// Reading, aligning, and the difference on paper.
#include "scenarios/diff.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "broker/base/text.h"
#include "scenarios/json_text.h"
#include "scenarios/run_folder.h"
#include "scenarios/story.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path, std::string& error) {
  std::ifstream in(path, std::ios::binary);
  if (!in && error.empty()) {
    error = path.string() + ": cannot be read; `replay` of the run's repro.json writes it";
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

nlohmann::ordered_json read_object(const fs::path& path, std::string& error) {
  const std::string text = read_text(path, error);
  nlohmann::ordered_json json = parse_ordered_json(text);
  if (!json.is_object() && error.empty()) error = path.string() + ": expected a JSON object";
  return json;
}

// What a fact says, without its number and the number of its cause, which shift with all before.
std::string content(const LoggedEvent& e, Align align) {
  std::string text = align == Align::time ? std::to_string(e.at) + "|" : std::string();
  const std::string& line = e.line;
  const std::size_t from = line.find("\"n\":");
  const std::size_t cause = line.find("\"cause\":");
  const std::size_t what = line.find("\"what\":");
  if (from == std::string::npos || cause == std::string::npos || what == std::string::npos) {
    return text + line;
  }
  return text + line.substr(from, cause - from) + line.substr(what);
}

// Configurations are told apart as knobs, and are no step of the run.
bool is_step(const LoggedEvent& e) { return e.kind != FactKind::client_configured; }

std::vector<const LoggedEvent*> steps_of(const EventFile& file, const std::string* node) {
  std::vector<const LoggedEvent*> steps;
  for (const LoggedEvent& e : file.events()) {
    if (is_step(e) && (node == nullptr || e.node == *node)) steps.push_back(&e);
  }
  return steps;
}

Parting part(const std::vector<const LoggedEvent*>& a, const std::vector<const LoggedEvent*>& b,
             Align align) {
  Parting parting;
  std::size_t i = 0;
  while (i < a.size() && i < b.size() && content(*a[i], align) == content(*b[i], align)) ++i;
  parting.parts = i < a.size() || i < b.size();
  parting.equal = static_cast<std::int64_t>(i);
  if (i > 0) parting.before = a[i - 1];
  if (i < a.size()) parting.a = a[i];
  if (i < b.size()) parting.b = b[i];
  return parting;
}

void walk(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b, const std::string& path,
          std::vector<Knob>& knobs) {
  if (a == b) return;
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.items()) {
      walk(value, b.contains(key) ? b[key] : nlohmann::ordered_json(), path + "." + key, knobs);
    }
    for (const auto& [key, value] : b.items()) {
      if (!a.contains(key)) walk(nlohmann::ordered_json(), value, path + "." + key, knobs);
    }
    return;
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const bool named = a[i].is_object() && a[i].contains("id") && a[i]["id"].is_string();
      const std::string name = named ? a[i]["id"].get<std::string>() : std::to_string(i);
      walk(a[i], b[i], path + "[" + name + "]", knobs);
    }
    return;
  }
  knobs.push_back({path, a.is_null() ? "" : a.dump(), b.is_null() ? "" : b.dump()});
}

std::string fact_text(const LoggedEvent* e) {
  if (e == nullptr) return "nothing more";
  return "#" + grouped(e->sequence) + "  " + e->node + "  " + comment_of(*e);
}

std::string text_of(const nlohmann::ordered_json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

std::string parting_text(const Parting& p) {
  if (!p.parts) return "the same facts to the end\n";
  std::string text;
  if (p.before == nullptr) {
    text = "they part at once:\n";
  } else {
    text = "identical for " + readable_duration(Duration(p.before->at)) + " (" + grouped(p.equal) +
           (p.equal == 1 ? " fact" : " facts") + ", up to #" + grouped(p.before->sequence) +
           "), then:\n";
  }
  return text + "  A  " + fact_text(p.a) + "\n  B  " + fact_text(p.b) + "\n";
}

}  // namespace

RunFiles read_run(const std::string& what, const std::string& top, std::string& error) {
  RunFiles run;
  std::error_code ignored;
  fs::path folder = what;
  if (!fs::exists(folder, ignored)) folder = fs::path(top) / what;
  if (fs::is_regular_file(folder, ignored)) folder = folder.parent_path();
  if (!fs::is_directory(folder, ignored)) {
    error = what + ": no kept run; expected a run's folder, or an address below " + top +
            " such as crash-and-return/0x7";
    return run;
  }
  run.folder = folder.string();
  run.scenario = read_object(folder / "scenario.json", error);
  run.verdict = read_object(folder / "verdict.json", error);
  const std::string events = read_text(folder / "events.jsonl", error);
  if (!error.empty()) return run;
  run.events = EventFile::parse(events, error);
  if (!error.empty()) error = (folder / "events.jsonl").string() + ": " + error;
  return run;
}

// By cause, the nodes are compared one by one; the first to go its own way, in the order of A, is
// where the runs part.
Parting where_they_part(const EventFile& a, const EventFile& b, Align align) {
  if (align == Align::time) return part(steps_of(a, nullptr), steps_of(b, nullptr), align);
  std::map<std::string, bool> nodes;
  for (const EventFile* file : {&a, &b}) {
    for (const LoggedEvent& e : file->events()) nodes[e.node] = true;
  }
  Parting first;
  for (const auto& [node, is_there] : nodes) {
    const Parting parting = part(steps_of(a, &node), steps_of(b, &node), align);
    if (!parting.parts) continue;
    const auto place = [](const Parting& p) {
      const std::int64_t in_a = p.a != nullptr ? p.a->at : INT64_MAX;
      const std::int64_t in_b = p.b != nullptr ? p.b->at : INT64_MAX;
      return std::min(in_a, in_b);
    };
    if (!first.parts || place(parting) < place(first)) first = parting;
  }
  return first;
}

std::vector<Knob> changed_knobs(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b) {
  std::vector<Knob> knobs;
  walk(a, b, "$", knobs);
  return knobs;
}

std::string diff_text(const RunFiles& a, const RunFiles& b, Align align) {
  std::string text;
  for (const auto& [name, run] : {std::pair("A", &a), std::pair("B", &b)}) {
    text += std::string(name) + "  " + run->folder + "   build " + text_of(run->verdict, "build") +
            ", fingerprint " + text_of(run->verdict, "fingerprint") + "\n";
  }
  for (const Knob& knob : changed_knobs(a.scenario, b.scenario)) {
    text += "changed  " + knob.path + ": " + (knob.a.empty() ? "absent" : knob.a) + " -> " +
            (knob.b.empty() ? "absent" : knob.b) + "\n";
  }
  text += "\n" + parting_text(where_they_part(a.events, b.events, align));
  std::string effects;
  for (const Consequence& c : consequences(a, b)) {
    effects += "  " + c.name + std::string(c.name.size() < 34 ? 34 - c.name.size() : 1, ' ') +
               (c.a == c.b ? c.a + " = " + c.b : c.a + " -> " + c.b) + "\n";
  }
  return text + "consequences\n" + effects;
}

std::string diff_json(const RunFiles& a, const RunFiles& b, Align align) {
  nlohmann::ordered_json json;
  json["format"] = "weir-diff/1";
  json["a"] = a.folder;
  json["b"] = b.folder;
  json["changed"] = nlohmann::ordered_json::array();
  for (const Knob& knob : changed_knobs(a.scenario, b.scenario)) {
    json["changed"].push_back({{"path", knob.path}, {"a", knob.a}, {"b", knob.b}});
  }
  const Parting parting = where_they_part(a.events, b.events, align);
  json["same"] = !parting.parts;
  json["equal_facts"] = parting.equal;
  json["a_event"] =
      parting.a == nullptr ? nlohmann::ordered_json() : nlohmann::ordered_json(parting.a->sequence);
  json["b_event"] =
      parting.b == nullptr ? nlohmann::ordered_json() : nlohmann::ordered_json(parting.b->sequence);
  json["consequences"] = nlohmann::ordered_json::array();
  for (const Consequence& c : consequences(a, b)) {
    json["consequences"].push_back({{"name", c.name}, {"a", c.a}, {"b", c.b}});
  }
  return json.dump(2) + "\n";
}

}  // namespace weir
