// Writing of the Chrome trace event format: M names, X slices, s/f flows, b/e bars, C counters.
#include "scenarios/perfetto.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "broker/base/hash.h"

namespace weir {
namespace {

constexpr std::uint32_t kFaults = 1;  // the process that shows faults

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Microseconds with three decimals, from integers alone.
std::string microseconds(Instant at) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(at.ns / 1000),
                static_cast<long long>(at.ns % 1000));
  return text;
}

std::string partition_of(const Fact& f) {
  return std::string(f.topic) + "-" + std::to_string(f.partition);
}

// What identifies a request or a response on its way: both ends, the direction and the correlation
// id.
std::uint64_t flow_id(std::string_view client, std::string_view broker, const Fact& f,
                      bool response) {
  std::uint64_t id = fold(hash_text(client), hash_text(broker));
  id = fold(id, static_cast<std::uint64_t>(f.operation));
  return fold(id, response ? 1 : 0) >> 12;  // exact as a JSON number everywhere
}

}  // namespace

std::uint32_t PerfettoTrace::process(std::string_view node) {
  const auto found = processes_.find(node);
  if (found != processes_.end()) return found->second;
  const auto id = static_cast<std::uint32_t>(processes_.size() + kFaults + 1);
  processes_.emplace(node, id);
  return id;
}

void PerfettoTrace::begin(std::string_view phase, std::uint32_t process, const Observed& seen) {
  events_ += ",\n{\"ph\":\"";
  events_ += phase;
  events_ += "\",\"pid\":" + std::to_string(process) + ",\"tid\":1,\"ts\":" + microseconds(seen.at);
}

void PerfettoTrace::on(const Observed& seen) {
  const FactKind kind = seen.fact.kind;
  if (kind == FactKind::fault_injected || kind == FactKind::fault_healed) {
    fault(seen);
    return;
  }
  slice(seen);
  if (kind == FactKind::request_sent || kind == FactKind::request_received ||
      kind == FactKind::response_sent || kind == FactKind::response_received) {
    flow(seen);
  }
  if (kind == FactKind::log_appended || kind == FactKind::hw_advanced ||
      kind == FactKind::log_start_advanced) {
    offsets(seen);
  }
}

void PerfettoTrace::slice(const Observed& seen) {
  const Fact& f = seen.fact;
  begin("X", process(seen.node_name), seen);
  std::string name(name_of(f.kind));
  if (!f.why.empty()) name += ": " + std::string(f.why);
  events_ += ",\"dur\":1,\"name\":" + json_text(name) +
             ",\"args\":{\"seq\":" + std::to_string(seen.sequence) +
             ",\"cause\":" + std::to_string(seen.cause);
  if (f.partition >= 0) events_ += ",\"tp\":" + json_text(partition_of(f));
  if (!f.record.empty()) events_ += ",\"record\":" + json_text(f.record);
  events_ += ",\"value\":" + std::to_string(f.value) + "}}";
}

void PerfettoTrace::flow(const Observed& seen) {
  const Fact& f = seen.fact;
  const bool begins = f.kind == FactKind::request_sent || f.kind == FactKind::response_sent;
  const bool response = f.kind == FactKind::response_sent || f.kind == FactKind::response_received;
  const bool at_client = f.kind == FactKind::request_sent || f.kind == FactKind::response_received;
  const std::string_view client = at_client ? seen.node_name : f.peer;
  const std::string_view broker = at_client ? f.peer : seen.node_name;
  begin(begins ? "s" : "f", process(seen.node_name), seen);
  if (!begins) events_ += ",\"bp\":\"e\"";
  events_ += ",\"id\":" + std::to_string(flow_id(client, broker, f, response)) +
             ",\"cat\":\"message\",\"name\":\"" + (response ? "response" : "request") + "\"}";
}

void PerfettoTrace::fault(const Observed& seen) {
  begin(seen.fact.kind == FactKind::fault_injected ? "b" : "e", kFaults, seen);
  events_ += ",\"id\":" + std::to_string(hash_text(seen.fact.record) >> 12) +
             ",\"cat\":\"fault\",\"name\":" + json_text(seen.fact.why) + "}";
}

void PerfettoTrace::offsets(const Observed& seen) {
  const Fact& f = seen.fact;
  const char* series = f.kind == FactKind::log_appended  ? "log end"
                       : f.kind == FactKind::hw_advanced ? "high watermark"
                                                         : "log start";
  const std::int64_t value = f.kind == FactKind::log_appended ? f.value + 1 : f.value;
  begin("C", process(seen.node_name), seen);
  events_ += ",\"name\":" + json_text(partition_of(f) + " " + series) + ",\"args\":{" +
             json_text(series) + ":" + std::to_string(value) + "}}";
}

std::string PerfettoTrace::finish() && {
  std::string text =
      "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
      "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"faults\"}}";
  for (const auto& [name, id] : processes_) {
    text += ",\n{\"ph\":\"M\",\"pid\":" + std::to_string(id) +
            ",\"name\":\"process_name\",\"args\":{\"name\":" + json_text(name) + "}}";
  }
  text += events_;
  text += "\n]}\n";
  return text;
}

}  // namespace weir
