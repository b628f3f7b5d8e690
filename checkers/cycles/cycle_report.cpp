// Cycles as findings.
#include "checkers/cycles/cycle_report.h"

#include "checkers/json_tape.h"

namespace weir::analysis {
namespace {

std::string key_of(const History& h, NameId key) {
  std::string json;
  append_json_string(json, h.name(key));
  return json;
}

std::string step_json(const History& h, const CycleStep& s, TxnOps from, TxnOps to) {
  const auto value = [&](ValueId v) { return datum_of(h, v).json; };
  const auto index = [&](std::uint32_t op) { return std::to_string(h.index_of(op)); };
  switch (s.type) {
    case EdgeType::ww:
      return "[\"ww\"," + key_of(h, s.key) + "," + value(s.a) + "," + value(s.b) + "]";
    case EdgeType::wr: return "[\"wr\"," + key_of(h, s.key) + "," + value(s.a) + "]";
    case EdgeType::rw:
      return "[\"rw\"," + key_of(h, s.key) + "," + value(s.a) + "," + value(s.b) + "]";
    case EdgeType::process: return "[\"process\"," + std::to_string(h.ops[from.op()].process) + "]";
    case EdgeType::realtime:
      return "[\"realtime\"," + index(from.op()) + "," + index(to.invoked) + "]";
    case EdgeType::link: break;
  }
  return "[]";
}

std::string step_text(const History& h, const CycleStep& s, TxnOps from, TxnOps to) {
  const auto value = [&](ValueId v) { return datum_of(h, v).json; };
  const std::string key(h.name(s.key));
  const std::string first = op_text(h, from.op()), second = op_text(h, to.op());
  switch (s.type) {
    case EdgeType::ww:
      return first + " wrote " + value(s.a) + " to " + key + " before " + second + " wrote " +
             value(s.b);
    case EdgeType::wr:
      return second + " read " + value(s.a) + " of " + key + ", which " + first + " wrote";
    case EdgeType::rw:
      return first + " read " + key +
             (s.a == kNoValue ? " from its beginning" : " up to " + value(s.a)) + " and not " +
             value(s.b) + ", which " + second + " wrote next";
    case EdgeType::process:
      return first + " came before " + second + " in process " +
             std::to_string(h.ops[from.op()].process);
    case EdgeType::realtime: return first + " had completed before " + second + " was invoked";
    case EdgeType::link: break;
  }
  return {};
}

}  // namespace

void describe_cycle(const History& h, const Cycle& cycle, FindingBuilder& f,
                    const std::function<TxnOps(std::uint32_t)>& ops_of) {
  std::string nodes = "[", steps = "[", text;
  for (std::size_t i = 0; i < cycle.steps.size(); ++i) {
    const CycleStep& s = cycle.steps[i];
    const TxnOps from = ops_of(s.from), to = ops_of(s.to);
    nodes += std::to_string(h.index_of(from.op())) + ",";
    steps += (i == 0 ? "" : ",") + step_json(h, s, from, to);
    text += (i == 0 ? "" : "; ") + step_text(h, s, from, to);
  }
  nodes += std::to_string(h.index_of(ops_of(cycle.steps.front().from).op())) + "]";
  f.with_json("cycle", nodes).with_json("steps", steps + "]");
  f.with("length", static_cast<std::int64_t>(cycle.steps.size()));
  f.because(text + ": each must come before the next, and the last before the first");
}

}  // namespace weir::analysis
