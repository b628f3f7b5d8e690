// History: names of its words, values, contexts and the pairing of operations.
#include "checkers/history.h"

#include <array>
#include <unordered_map>

#include "checkers/json_tape.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 25> kFunctions = {
    "send",
    "poll",
    "txn",
    "assign",
    "subscribe",
    "seek",
    "commit",
    "committed",
    "init_txns",
    "begin",
    "commit_txn",
    "abort_txn",
    "delete_records",
    "crash",
    "handle",
    "assigned",
    "revoked",
    "lost",
    "log",
    "compaction",
    "offset_reset",
    "topic_recreated",
    "fault",
    "client",
    "other",
};
constexpr std::array<std::string_view, 5> kTypes = {"invoke", "ok", "fail", "info", "event"};

struct ProcessOp {
  std::int64_t process;
  std::int64_t op;
  bool operator==(const ProcessOp&) const = default;
};
struct ProcessOpHash {
  std::size_t operator()(const ProcessOp& p) const {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(p.process) * 0x9e3779b97f4a7c15ull ^
                                    static_cast<std::uint64_t>(p.op));
  }
};

}  // namespace

std::string_view name_of(OpFunction f) { return kFunctions[static_cast<std::size_t>(f)]; }
std::string_view name_of(OpType t) { return kTypes[static_cast<std::size_t>(t)]; }

ValueId History::integer_value(std::int64_t value) {
  return values.intern("i" + std::to_string(value));
}

ValueId History::text_value(std::string_view text) {
  return values.intern("s", text);
}

ValueId History::json_value(std::string_view canonical_json) {
  return values.intern("j" + std::string(canonical_json));
}

std::uint32_t History::intern_context(const OpContext& context) {
  if (contexts[last_context_] == context) return last_context_;
  if (context_ids_.empty()) context_ids_.emplace(contexts[0], 0);
  const auto [it, fresh] =
      context_ids_.try_emplace(context, static_cast<std::uint32_t>(contexts.size()));
  if (fresh) contexts.push_back(context);
  last_context_ = it->second;
  return last_context_;
}

Datum datum_of(const History& history, ValueId id) {
  if (id == kNoValue) return {"null", ""};
  const std::string_view tagged = history.values.text(id);
  const std::string_view text = tagged.substr(1);
  switch (tagged.front()) {
    case 'n': return {"null", "null"};
    case 's': {
      Datum datum;
      append_json_string(datum.json, text);
      datum.text = text;
      return datum;
    }
    default: return {std::string(text), std::string(text)};
  }
}

std::vector<std::uint32_t> pair_operations(const History& history) {
  std::vector<std::uint32_t> partner(history.ops.size(), kNoOperation);
  std::unordered_map<std::int64_t, std::uint32_t> open;  // looked up only, never iterated
  std::unordered_map<ProcessOp, std::uint32_t, ProcessOpHash> pipelined;
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (op.type == OpType::event) continue;
    if (op.type == OpType::invoke) {
      if (op.op >= 0) {
        pipelined[{op.process, op.op}] = i;
      } else {
        open[op.process] = i;
      }
      continue;
    }
    std::uint32_t invoked = kNoOperation;
    if (op.op >= 0) {
      if (const auto it = pipelined.find({op.process, op.op}); it != pipelined.end()) {
        invoked = it->second;
        pipelined.erase(it);
      }
    } else if (const auto it = open.find(op.process); it != open.end()) {
      // `handle` has no invocation; it may stand between an operation and its completion.
      if (op.function == history.ops[it->second].function) {
        invoked = it->second;
        open.erase(it);
      }
    }
    if (invoked == kNoOperation) continue;
    partner[i] = invoked;
    partner[invoked] = i;
  }
  return partner;
}

}  // namespace weir
