// Vector clocks over facts: messages are matched by their ends, direction and correlation id.
#include "scenarios/shiviz.h"

#include <algorithm>

namespace weir {
namespace {

std::string message_of(const Observed& seen) {
  const Fact& f = seen.fact;
  const bool at_client = f.kind == FactKind::request_sent || f.kind == FactKind::response_received;
  const bool response = f.kind == FactKind::response_sent || f.kind == FactKind::response_received;
  const std::string_view client = at_client ? seen.node_name : f.peer;
  const std::string_view broker = at_client ? f.peer : seen.node_name;
  std::string id(client);
  id += response ? '<' : '>';
  id += broker;
  return id + ' ' + std::to_string(f.operation);
}

}  // namespace

void ShivizLog::on(const Observed& seen) {
  if (seen.node == kNoNode) return;
  const Fact& f = seen.fact;
  Clock& clock = clocks_[std::string(seen.node_name)];
  if (f.kind == FactKind::request_received || f.kind == FactKind::response_received) {
    const auto sent = under_way_.find(message_of(seen));
    if (sent != under_way_.end()) {
      for (const auto& [node, time] : sent->second) clock[node] = std::max(clock[node], time);
      under_way_.erase(sent);
    }
  }
  ++clock[std::string(seen.node_name)];
  if (f.kind == FactKind::request_sent || f.kind == FactKind::response_sent) {
    under_way_[message_of(seen)] = clock;
  }
  text_ += seen.node_name;
  text_ += " {";
  bool first = true;
  for (const auto& [node, time] : clock) {
    if (!first) text_ += ',';
    first = false;
    text_ += '"' + node + "\":" + std::to_string(time);
  }
  text_ += "}\n#" + std::to_string(seen.sequence) + ' ';
  text_ += name_of(f.kind);
  if (!f.why.empty()) {
    text_ += ' ';
    text_ += f.why;
  }
  text_ += '\n';
}

}  // namespace weir
