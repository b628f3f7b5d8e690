// Members: which consumer works for which group, as the operations tell it.
//
// A process without a group is a group of its own: manual assignment is outside every group.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "checkers/history_parse.h"
#include "checkers/log_index.h"

namespace weir::analysis {

class Members {
 public:
  explicit Members(const History& history) : history_(history) {}

  // Called for every operation in order; remembers the group of its process.
  void see(const HistoryOp& op) {
    const NameId group = history_.context_of(op).group;
    if (group != kNoName && op.process >= 0) groups_[op.process] = group;
  }
  // A number for the group of a process: the group's, or the process's own.
  [[nodiscard]] std::uint64_t group_of(std::int64_t process) const {
    const auto it = groups_.find(process);
    if (it != groups_.end()) return it->second;
    return (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(process);
  }
  [[nodiscard]] NameId group_name(std::int64_t process) const {
    const auto it = groups_.find(process);
    return it == groups_.end() ? kNoName : it->second;
  }

 private:
  const History& history_;
  std::unordered_map<std::int64_t, NameId> groups_;  // looked up only
};

// What the rebalances that ran inside an operation did to a partition. When they ran is only known
// to lie between invocation and completion.
struct Rebalanced {
  NameId key = kNoName;
  bool taken = false;  // revoked or lost, at least for a while
  bool given = false;  // held when they were over
};
[[nodiscard]] inline std::vector<Rebalanced> rebalances_in(const History& history,
                                                           std::uint32_t completed) {
  std::vector<Rebalanced> out;
  if (completed == kNoOperation) return out;
  for (const HistoryItem& item : history.items_of(history.ops[completed])) {
    if (item.kind != ItemKind::rebalance) continue;
    auto it = std::ranges::find(out, item.key, &Rebalanced::key);
    if (it == out.end()) it = out.insert(it, Rebalanced{item.key});
    it->given = history.values.text(item.value) == "sassigned";
    it->taken |= !it->given;
  }
  return out;
}

// A text member of an event whose value is kept as JSON, or an empty text.
[[nodiscard]] inline std::string event_text(const History& history, const HistoryOp& op,
                                            std::string_view member) {
  JsonTape tape;
  if (op.text == kNoName || !tape.parse(history.name(op.text))) return {};
  const auto found = HistoryParser::find(JsonValue(tape, 0), member);
  return found && found->is(JsonType::text) ? std::string(found->node().text) : std::string();
}

// The texts of a list member of such an event.
[[nodiscard]] inline std::vector<std::string> event_list(const History& history,
                                                         const HistoryOp& op,
                                                         std::string_view member) {
  std::vector<std::string> texts;
  JsonTape tape;
  if (op.text == kNoName || !tape.parse(history.name(op.text))) return texts;
  const auto found = HistoryParser::find(JsonValue(tape, 0), member);
  if (!found || !found->is(JsonType::array)) return texts;
  for (const JsonValue v : *found) {
    if (v.is(JsonType::text)) texts.emplace_back(v.node().text);
  }
  return texts;
}

}  // namespace weir::analysis
