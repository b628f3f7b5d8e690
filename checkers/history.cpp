// History: names of its words, values, contexts and the pairing of operations.
#include "checkers/history.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

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

// Invocations of one process that have no completion yet, by their numbers. Those mostly come in
// ascending order; the others are kept apart.
class OpenOperations {
 public:
  void add(std::int64_t op, std::uint32_t index) {
    if (ascending_.empty() || ascending_.back().op < op) {
      ascending_.push_back({op, index});
    } else if (Open* known = find(op)) {
      known->index = index;
    } else {
      others_[op] = index;
    }
  }
  // kNoOperation: there is none.
  [[nodiscard]] std::uint32_t take(std::int64_t op) {
    if (Open* known = find(op)) {
      const std::uint32_t index = std::exchange(known->index, kNoOperation);
      while (first_ < ascending_.size() && ascending_[first_].index == kNoOperation) ++first_;
      if (index != kNoOperation) return index;
    }
    const auto other = others_.find(op);
    if (other == others_.end()) return kNoOperation;
    const std::uint32_t index = other->second;
    others_.erase(other);
    return index;
  }

 private:
  struct Open {
    std::int64_t op;
    std::uint32_t index;  // kNoOperation: it was taken
  };

  // Most end in the order in which they began, or soon; where one is never heard of again, the
  // others are among the last.
  Open* find(std::int64_t op) {
    constexpr std::size_t kLast = 8;
    if (first_ == ascending_.size()) return nullptr;
    if (ascending_[first_].op == op) return &ascending_[first_];
    const std::size_t last =
        std::max(first_, ascending_.size() - std::min(kLast, ascending_.size()));
    for (std::size_t i = ascending_.size(); i-- > last;) {
      if (ascending_[i].op == op) return &ascending_[i];
    }
    const auto begin = ascending_.begin() + static_cast<std::ptrdiff_t>(first_);
    const auto end = ascending_.begin() + static_cast<std::ptrdiff_t>(last);
    const auto at = std::lower_bound(
        begin, end, op, [](const Open& o, std::int64_t wanted) { return o.op < wanted; });
    return at != end && at->op == op ? &*at : nullptr;
  }

  std::vector<Open> ascending_;
  std::size_t first_ = 0;                                   // all before it were taken
  std::unordered_map<std::int64_t, std::uint32_t> others_;  // looked up only, never iterated
};

}  // namespace

std::string_view name_of(OpFunction f) { return kFunctions[static_cast<std::size_t>(f)]; }
std::string_view name_of(OpType t) { return kTypes[static_cast<std::size_t>(t)]; }

ValueId History::integer_value(std::int64_t value) {
  return values.intern("i" + std::to_string(value));
}

ValueId History::text_value(std::string_view text) { return values.intern("s", text); }

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
  std::unordered_map<std::int64_t, OpenOperations> pipelined;
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (op.type == OpType::event) continue;
    if (op.type == OpType::invoke) {
      if (op.op >= 0) {
        pipelined[op.process].add(op.op, i);
      } else {
        open[op.process] = i;
      }
      continue;
    }
    std::uint32_t invoked = kNoOperation;
    if (op.op >= 0) {
      invoked = pipelined[op.process].take(op.op);
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
