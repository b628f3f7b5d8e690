// Reads of committed offsets: per (group, partition) a linearizable register.
//
// A commit puts, the end of a transaction puts its offsets, reading gets. A commit that nobody
// knows about may take effect at any later time or never, and so may an expiry of offsets. A read
// that fits into no order is a commit-regression; where what it returned are the offsets of an
// aborted transaction, that is the finding (aborted-offset-commit).
#include <map>

#include "checkers/linear/objects.h"
#include "checkers/members.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Aborted {
  std::int64_t next;
  std::uint32_t transaction;
};

struct Place {
  std::vector<RegisterOp> ops;
  std::vector<Aborted> aborted;
};

struct Committed {
  const LogIndex& index;
  Report& report;
  const History& h;
  Members members;
  std::map<std::pair<NameId, NameId>, Place> places = {};  // (group, key)

  void add(NameId group, NameId key, RegisterAction action, std::int64_t value,
           std::uint32_t invoked, std::uint32_t completed, OpType end) {
    if (end == OpType::fail || (action == RegisterAction::get && end != OpType::ok)) return;
    RegisterOp o;
    o.invoked = invoked;
    if (end == OpType::ok) o.returned = completed;
    o.op = completed != kNoOperation ? completed : invoked;
    o.action = action;
    o.value = value;
    places[{group, key}].ops.push_back(o);
  }

  void step(std::uint32_t i) {
    const HistoryOp& op = h.ops[i];
    members.see(op);
    if (op.type == OpType::event) return expired(i, op);
    const bool commit = op.function == OpFunction::commit;
    if (!commit && op.function != OpFunction::committed) return transaction(i, op);
    if (op.type != OpType::invoke && index.partner[i] != kNoOperation) return;
    const std::uint32_t done = op.type == OpType::invoke ? index.partner[i] : i;
    const OpType end = done == kNoOperation ? OpType::info : h.ops[done].type;
    // What was read stands in the completion, what is committed in both.
    const std::uint32_t told = done != kNoOperation && (!commit || has_items(done)) ? done : i;
    const NameId group = members.group_name(op.process);
    if (group == kNoName) return;
    for (const HistoryItem& item : h.items_of(h.ops[told])) {
      if (item.kind != ItemKind::entry) continue;
      add(group, item.key, commit ? RegisterAction::put : RegisterAction::get, item.offset, i, done,
          end);
    }
  }

  [[nodiscard]] bool has_items(std::uint32_t op) const {
    return h.ops[op].items_begin != h.ops[op].items_end;
  }

  // The offsets of a transaction are put when it ends.
  void transaction(std::uint32_t i, const HistoryOp& op) {
    const std::uint32_t id = index.transaction_of[i];
    if (id == kNone || index.transactions[id].offsets.empty()) return;
    const Transaction& t = index.transactions[id];
    const bool begins = t.never_committed() ? i == t.begun : i == t.invoked;
    if (!begins || op.type == OpType::event) return;
    for (const TransactionOffset& o : t.offsets) {
      if (t.outcome == Outcome::failed || t.never_committed()) {
        places[{o.group, o.key}].aborted.push_back({o.next, id});
        continue;
      }
      add(o.group, o.key, RegisterAction::put, o.next, i, t.completed,
          t.outcome == Outcome::ok ? OpType::ok : OpType::info);
    }
  }

  void expired(std::uint32_t i, const HistoryOp& op) {
    if (op.function != OpFunction::other || h.name(op.name) != "offsets_expired") return;
    const NameId group = h.names.find(event_text(h, op, "group"));
    for (const std::string& text : event_list(h, op, "keys")) {
      const NameId key = h.names.find(text);
      if (group == Interner::kUnknown || key == Interner::kUnknown) continue;
      add(group, key, RegisterAction::put, kNoOffset, i, kNoOperation, OpType::info);
    }
  }

  void judge(NameId group, NameId key, const Place& place) {
    const RegisterResult found = check_register_ops(place.ops, kNoOffset, true);
    if (found.gave_up) {
      report.unknown("the committed offset of " + std::string(h.name(key)) +
                     " (too many operations at once)");
    }
    for (const RegisterBreach& b : found.breaches) {
      std::uint32_t transaction = kNone;
      for (const Aborted& a : place.aborted) {
        if (a.next == b.seen && index.transactions[a.transaction].begun < b.op) {
          transaction = a.transaction;
        }
      }
      transaction == kNone ? regressed(group, key, place, b) : applied(key, transaction, b);
    }
  }

  static std::string text(std::int64_t offset) {
    return offset == kNoOffset ? std::string("nothing") : std::to_string(offset);
  }

  // The last operation on the register that had returned before this one did.
  static std::uint32_t before(const Place& place, const RegisterBreach& b) {
    std::uint32_t last = kNoOperation, at = 0;
    for (const RegisterOp& o : place.ops) {
      if (o.returned >= b.op || o.op == b.op || (last != kNoOperation && o.returned < at)) continue;
      last = o.op;
      at = o.returned;
    }
    return last;
  }

  void regressed(NameId, NameId key, const Place& place, const RegisterBreach& b) {
    if (!report.room(FindingKind::commit_regression)) return;
    const std::uint32_t last = before(place, b);
    FindingBuilder f(h, FindingKind::commit_regression);
    f.about(key);
    b.held == kNoOffset ? f.with_null("from") : f.with("from", b.held);
    b.seen == kNoOffset ? f.with_null("to") : f.with("to", b.seen);
    f.with_ops({last, b.op});
    f.because("the committed offset of " + std::string(h.name(key)) + " was " + text(b.held) +
              " (" + op_text(h, last) + "), and " + op_text(h, b.op) + " read " + text(b.seen) +
              ", which nobody had committed since");
    report.add(f);
  }

  void applied(NameId key, std::uint32_t transaction, const RegisterBreach& b) {
    if (!report.room(FindingKind::aborted_offset_commit)) return;
    FindingBuilder f(h, FindingKind::aborted_offset_commit);
    f.about(key).with("offset", b.seen).with_text("txn", index.transaction_text(transaction));
    f.with_ops({index.transactions[transaction].op(), b.op});
    f.because(op_text(h, b.op) + " read " + text(b.seen) + " as the committed offset of " +
              std::string(h.name(key)) + ", which only transaction " +
              index.transaction_text(transaction) + " had stored, and that did not commit");
    report.add(f);
  }
};

}  // namespace

void check_committed(const LogIndex& index, Report& report) {
  bool any = false;
  for (const HistoryOp& op : index.history.ops) any |= op.function == OpFunction::committed;
  if (!any || index.history.config.partial_history) return;
  Committed committed{index, report, index.history, Members(index.history)};
  for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) committed.step(i);
  for (const auto& [place, what] : committed.places) {
    committed.judge(place.first, place.second, what);
  }
}

}  // namespace weir::analysis
