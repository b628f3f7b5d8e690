// From JSON lines to columns.
#include "scenarios/timeline.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "broker/base/text.h"
#include "scenarios/json_text.h"

namespace weir {
namespace {

constexpr std::string_view kColumns[] = {"tp",    "topic",  "peer",   "epoch", "old",
                                         "value", "record", "digest", "why"};

void add_member(const nlohmann::json& line, std::string_view key, std::string& out) {
  const auto found = line.find(key);
  if (found == line.end()) return;
  out += key == "tp" || key == "topic" || key == "why" ? " " : " " + std::string(key) + "=";
  out += found->is_string() ? found->get<std::string>() : found->dump();
}

std::string line_text(std::string_view text) {
  const nlohmann::json line = parse_json(text);
  if (!line.is_object() || !line.contains("t") || !line.contains("what")) return {};
  char head[96];
  std::snprintf(head, sizeof head, "%12.6f s %9s  %-10s %-20s",
                static_cast<double>(line.at("t").get<std::int64_t>()) / 1e9,
                ("#" + grouped(line.value("seq", std::int64_t{0}))).c_str(),
                line.value("n", std::string()).c_str(), line.at("what").get<std::string>().c_str());
  std::string out = head;
  for (const std::string_view key : kColumns) add_member(line, key, out);
  return out + "\n";
}

}  // namespace

std::string timeline_text(std::string_view events, std::size_t most) {
  std::size_t from = 0;
  if (most > 0) {
    std::size_t lines = 0;
    for (from = events.size(); from > 0; --from) {
      if (events[from - 1] == '\n' && lines++ == most) break;
    }
  }
  std::string out;
  for (std::string_view rest = events.substr(from); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    out += line_text(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return out;
}

}  // namespace weir
