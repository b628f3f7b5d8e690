// Pipelines: every input gives one output, by the lineage that outputs carry.
//
// An output counts when it has committed: what an aborted attempt wrote is void, so reading its
// input again is exactly-once at work. Two committed outputs of one input are duplicate-processing;
// none, though the group's committed offset has passed the input, is missed-processing. Where the
// run is judged by a contract that permits it, it is a note.
#include <algorithm>
#include <map>
#include <set>

#include "checkers/json_tape.h"
#include "checkers/members.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Pipeline {
  const LogIndex& index;
  Report& report;
  const History& h;
  using Input = std::pair<NameId, std::int64_t>;
  std::map<Input, std::vector<std::uint32_t>> outputs = {};  // sends that have committed
  // The offset before which every input is done: committed by a group, or told by an output that
  // says where its maker goes on; and by which operation.
  std::map<NameId, std::pair<std::int64_t, std::uint32_t>> done = {};

  [[nodiscard]] std::string done_text(std::int64_t next) const {
    return h.config.pipeline->positions_in_output
               ? "the input at offset " + std::to_string(next) + " has an output"
               : "the group has committed " + std::to_string(next);
  }

  void collect_outputs() {
    const auto& out = h.config.pipeline->out;
    for (std::uint32_t s = 0; s < index.sends.size(); ++s) {
      const Send& send = index.sends[s];
      if (!send.committed || send.meta == kNoMeta) continue;
      const RecordMeta& meta = h.metas[send.meta];
      if (meta.derived_key == kNoName) continue;
      const std::string key(h.name(index.logs[send.log].key));
      if (!out.empty() && std::find(out.begin(), out.end(), key) == out.end()) continue;
      outputs[{meta.derived_key, meta.derived_offset}].push_back(s);
      if (!h.config.pipeline->positions_in_output) continue;
      pass(meta.derived_key, meta.derived_offset, operation_of(send));
    }
  }

  void collect_commits() {
    for (std::uint32_t i = 0; i < h.ops.size(); ++i) {
      const HistoryOp& op = h.ops[i];
      if (op.function != OpFunction::commit || op.type != OpType::ok) continue;
      for (const HistoryItem& item : h.items_of(op)) pass(item.key, item.offset, i);
    }
    for (const Transaction& t : index.transactions) {
      if (t.outcome != Outcome::ok) continue;
      for (const TransactionOffset& o : t.offsets) pass(o.key, o.next, t.op());
    }
  }

  static std::uint32_t operation_of(const Send& send) {
    return send.completed != kNoOperation ? send.completed : send.invoked;
  }

  void pass(NameId key, std::int64_t next, std::uint32_t op) {
    auto& highest = done.try_emplace(key, 0, op).first->second;
    if (next > highest.first) highest = {next, op};
  }

  void emit(FindingKind kind, const char* permitting, NameId key, std::int64_t offset,
            std::size_t outputs_of_it, const std::vector<std::uint32_t>& ops,
            const std::string& argument) {
    const bool note = h.config.contract == permitting;
    if (!(note ? report.room_for_note(kind) : report.room(kind))) return;
    FindingBuilder f(h, kind);
    std::string input = "[";
    append_json_string(input, h.name(key));
    f.about(key).with_json("input", input + "," + std::to_string(offset) + "]");
    f.with("count", static_cast<std::int64_t>(outputs_of_it)).with_ops(ops).because(argument);
    note ? report.note(f) : report.add(f);
  }

  void judge_input(std::uint32_t l, const Point& point) {
    const Log& log = index.logs[l];
    const std::string what =
        record_text(index, l, point.value) + " at offset " + std::to_string(point.offset);
    std::vector<std::uint32_t> ops;
    if (const auto it = outputs.find({log.key, point.offset}); it != outputs.end()) {
      for (const std::uint32_t s : it->second) {
        ops.push_back(operation_of(index.sends[s]));
      }
    }
    if (ops.size() > 1) {
      emit(FindingKind::duplicate_processing, "at-least-once", log.key, point.offset, ops.size(),
           ops,
           what + " was turned into " + std::to_string(ops.size()) + " outputs that all committed");
    }
    const auto passed = done.find(log.key);
    if (ops.empty() && passed != done.end() && point.offset < passed->second.first &&
        !point.optional) {
      emit(FindingKind::missed_processing, "at-most-once", log.key, point.offset, 0,
           {point.first_op, passed->second.second},
           done_text(passed->second.first) + ", but no output of " + what + " was ever committed");
    }
  }
};

}  // namespace

void check_pipeline(const LogIndex& index, Report& report) {
  const auto& config = index.history.config.pipeline;
  if (!config.has_value() || !config->one_to_one) return;
  Pipeline pipeline{index, report, index.history};
  pipeline.collect_outputs();
  pipeline.collect_commits();
  for (std::uint32_t l = 0; l < index.logs.size(); ++l) {
    const std::string key(index.history.name(index.logs[l].key));
    const auto& in = config->in;
    if (!in.empty() && std::find(in.begin(), in.end(), key) == in.end()) continue;
    for (const Point& point : index.logs[l].points) pipeline.judge_input(l, point);
  }
}

}  // namespace weir::analysis
