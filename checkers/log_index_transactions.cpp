// LogIndex: which operations belong to which transaction, and what became of each.
#include <algorithm>
#include <unordered_map>

#include "checkers/log_index.h"

namespace weir::analysis {

// A label joins operations; without one, what a process does between begin and the end belongs
// together. The completion of the commit or abort says what became of it.
void LogIndex::find_transactions() {
  transaction_of.assign(history.ops.size(), kNone);
  std::vector<std::uint32_t> by_label(history.names.size(), kNone);
  std::unordered_map<std::int64_t, std::uint32_t> open;  // per process; looked up only
  const auto fresh = [&](std::uint32_t begun, NameId label) {
    transactions.emplace_back().begun = begun;
    transactions.back().label = label;
    return static_cast<std::uint32_t>(transactions.size()) - 1;
  };
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (op.type == OpType::event) continue;
    const NameId label = history.context_of(op).txn;
    std::uint32_t id = kNone;
    if (op.function == OpFunction::txn) {
      const bool first = op.type == OpType::invoke || partner[i] == kNoOperation;
      id = first ? fresh(i, label) : transaction_of[partner[i]];
    } else if (label != kNoName) {
      if (by_label[label] == kNone) by_label[label] = fresh(i, label);
      id = by_label[label];
    } else if (op.function == OpFunction::begin && op.type == OpType::invoke) {
      id = open[op.process] = fresh(i, kNoName);
    } else if (const auto it = open.find(op.process); it != open.end()) {
      // What was invoked before the begin is no part of it.
      if (invocation_of(i) >= transactions[it->second].begun) id = it->second;
    }
    if (id == kNone) continue;
    transaction_of[i] = id;
    note_transaction_op(id, i);
    const bool over = op.function == OpFunction::commit_txn || op.function == OpFunction::abort_txn;
    const bool undone = op.function == OpFunction::begin && op.type == OpType::fail;
    if ((over && op.type != OpType::invoke) || undone) open.erase(op.process);
  }
}

void LogIndex::note_transaction_op(std::uint32_t transaction, std::uint32_t i) {
  Transaction& t = transactions[transaction];
  const HistoryOp& op = history.ops[i];
  const bool commit = op.function == OpFunction::commit_txn;
  if (op.function == OpFunction::txn) {
    t.whole = true;
    if (t.invoked == kNoOperation) t.invoked = i;
  }
  if (commit && op.type == OpType::invoke) t.invoked = i;
  if (op.function == OpFunction::abort_txn) t.aborting = std::min(t.aborting, i);
  if (commit || op.function == OpFunction::txn) {
    if (op.type != OpType::invoke) t.completed = i;
    if (commit && t.invoked == kNoOperation) t.invoked = i;
    if (op.type == OpType::ok) t.outcome = Outcome::ok;
    if (op.type == OpType::fail) t.outcome = Outcome::failed;
  } else if (op.function == OpFunction::abort_txn && op.type == OpType::ok) {
    t.outcome = Outcome::failed;
    t.completed = i;
  }
  if (polls(op)) t.polls.push_back(i);
  // Offsets count as the completion tells them, or as they were asked for.
  const bool told = op.type != OpType::invoke || partner[i] == kNoOperation ||
                    history.ops[partner[i]].items_begin == history.ops[partner[i]].items_end;
  if (!told) return;
  NameId group = kNoName;
  for (const HistoryItem& item : history.items_of(op)) {
    if (item.kind == ItemKind::offsets) {
      group = item.key;
    } else if (item.kind == ItemKind::entry && group != kNoName) {
      t.offsets.push_back({group, item.key, item.offset, i});
    } else {
      group = kNoName;
    }
  }
}

std::string LogIndex::transaction_text(std::uint32_t transaction) const {
  const Transaction& t = transactions[transaction];
  if (t.label != kNoName) return std::string(history.name(t.label));
  return "operation " + std::to_string(history.index_of(t.op()));
}

std::uint32_t LogIndex::send_of(std::uint32_t log, ValueId value) const {
  const std::uint32_t id = identity_of(log, value);
  if (id == kNone || !history.config.values_unique) return kNone;
  const Identity& i = identities[id];
  if (i.sends == 1) return i.first_send;
  if (i.sends - i.failed_sends != 1) return kNone;
  for (std::uint32_t s = i.first_send; s != kNone; s = sends[s].next) {
    if (sends[s].outcome != Outcome::failed) return s;
  }
  return kNone;
}

}  // namespace weir::analysis
