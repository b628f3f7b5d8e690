// Ownership: one owner of a partition per generation, and records only for owners.
//
// An assignment is a partition of the partitions: two members in one generation never hold the
// same. Under the cooperative protocol a partition is revoked before another member gets it, in a
// later generation (KIP-429). A zombie that does not know yet that it was removed only believes to
// own: that is no finding. Redelivery after a change of owners is what at-least-once allows.
#include <map>
#include <set>
#include <tuple>

#include "checkers/members.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Holding {
  bool held = false;
  std::int64_t generation = -1;
  NameId member = kNoName;
  NameId instance = kNoName;
  std::uint32_t since = kNoOperation;     // the event that assigned it
  std::uint32_t released = kNoOperation;  // the event that took it away
};

struct Delivered {
  std::int64_t next = 0;  // of the group
};

struct Ownership {
  const LogIndex& index;
  Report& report;
  const History& h;
  Members members;

  std::map<std::pair<std::int64_t, NameId>, Holding> holdings = {};                // (process, key)
  std::map<std::pair<std::uint64_t, NameId>, std::set<std::int64_t>> owners = {};  // (group, key)
  std::set<std::int64_t> managed = {};  // processes that were assigned partitions by a group
  std::map<std::pair<std::uint64_t, std::uint32_t>, Delivered> delivered = {};       // (group, log)
  std::map<std::uint32_t, std::pair<std::int64_t, std::uint32_t>> redelivered = {};  // per log
  std::set<std::pair<std::int64_t, NameId>> fresh = {};  // assigned, nothing delivered yet
  std::map<std::int64_t, std::int64_t> last_sign = {};   // of life: process -> time

  void step(std::uint32_t i) {
    const HistoryOp& op = h.ops[i];
    members.see(op);
    last_sign[op.process] = op.time;
    switch (op.function) {
      case OpFunction::assigned:
        for (const HistoryItem& item : h.items_of(op)) assigned(i, op, item.key);
        break;
      case OpFunction::revoked:
      case OpFunction::lost:
        for (const HistoryItem& item : h.items_of(op)) release(op.process, item.key, i);
        break;
      case OpFunction::crash: release_all(op.process, i); break;
      case OpFunction::seek:
        for (const HistoryItem& item : h.items_of(op)) fresh.erase({op.process, item.key});
        break;
      case OpFunction::poll:
      case OpFunction::txn:
        // Taken as early and given as late as can be: two such operations prove no overlap.
        if (op.type == OpType::invoke && index.rebalances_inside) {
          for (const Rebalanced& r : rebalances_in(h, index.partner[i])) {
            if (r.taken) release(op.process, r.key, i);
          }
        }
        if (LogIndex::polls(op) && op.type != OpType::fail) polled(i, op);
        if (op.type != OpType::invoke && index.rebalances_inside) {
          for (const Rebalanced& r : rebalances_in(h, i)) {
            if (r.given) assigned(i, op, r.key);
          }
        }
        break;
      case OpFunction::other:
        if (op.type == OpType::event && h.name(op.name) == "member_removed") removed(i, op);
        break;
      default: break;
    }
  }

  void assigned(std::uint32_t i, const HistoryOp& op, NameId key) {
    const OpContext& context = h.context_of(op);
    managed.insert(op.process);
    auto& who = owners[{members.group_of(op.process), key}];
    for (const std::int64_t other : who) {
      if (other == op.process) continue;
      overlap(i, context, key, holdings[{other, key}], is_out(other, op.time));
    }
    who.insert(op.process);
    holdings[{op.process, key}] = {true, context.generation, context.member, context.instance,
                                   i,    kNoOperation};
    fresh.insert({op.process, key});
  }

  // Silent for longer than the group bears: it was removed, and cannot revoke anything.
  [[nodiscard]] bool is_out(std::int64_t process, std::int64_t now) const {
    const auto it = last_sign.find(process);
    const auto& limit = h.config.session_timeout_ns;
    return limit && it != last_sign.end() && now - it->second > *limit;
  }

  void overlap(std::uint32_t i, const OpContext& now, NameId key, const Holding& other, bool out) {
    // A static member that comes back takes its partitions over from its former self.
    if (now.instance != kNoName && now.instance == other.instance) return;
    const bool same = now.generation >= 0 && now.generation == other.generation;
    if (!same && (!h.config.cooperative || out)) return;
    if (!report.room(FindingKind::overlapping_ownership)) return;
    FindingBuilder f(index, FindingKind::overlapping_ownership, kNone);
    f.about(key);
    if (same) f.with("generation", now.generation);
    f.with_texts("members", {std::string(h.name(other.member)), std::string(h.name(now.member))});
    f.with_ops({other.since, i});
    f.because(std::string(h.name(key)) + " was assigned to " + std::string(h.name(now.member)) +
              " (" + op_text(index, i) + ") while " + std::string(h.name(other.member)) +
              " held it (" + op_text(index, other.since) + ")" +
              (same ? " in the same generation" : " and had not revoked it"));
    report.add(f);
  }

  void release(std::int64_t process, NameId key, std::uint32_t i) {
    const auto it = holdings.find({process, key});
    if (it == holdings.end() || !it->second.held) return;
    it->second.held = false;
    it->second.released = i;
    owners[{members.group_of(process), key}].erase(process);
  }

  void release_all(std::int64_t process, std::uint32_t i) {
    for (auto it = holdings.lower_bound({process, 0});
         it != holdings.end() && it->first.first == process; ++it) {
      if (it->second.held) release(process, it->first.second, i);
    }
  }

  // The coordinator took the member's partitions; the member may not know it yet.
  void removed(std::uint32_t, const HistoryOp& op) {
    const std::string member = event_text(h, op, "member");
    for (const auto& [place, holding] : holdings) {
      if (holding.held && h.name(holding.member) == member) {
        owners[{members.group_of(place.first), place.second}].erase(place.first);
      }
    }
  }

  void polled(std::uint32_t i, const HistoryOp& op) {
    NameId key = kNoName;
    for (const HistoryItem& item : h.items_of(op)) {
      if (item.kind != ItemKind::record) continue;
      if (item.key != key) {
        key = item.key;
        if (managed.contains(op.process)) unowned(i, op, key);
      }
      const std::uint32_t log = index.log_at(key, i);
      if (log == kNone || members.group_name(op.process) == kNoName) continue;
      Delivered& d = delivered[{members.group_of(op.process), log}];
      const bool first = fresh.erase({op.process, key}) > 0;
      if (first && item.offset < d.next) {
        auto& [count, where] = redelivered[log];
        count += d.next - item.offset;
        where = i;
      }
      d.next = std::max(d.next, item.offset + 1);
    }
  }

  void unowned(std::uint32_t i, const HistoryOp& op, NameId key) {
    const auto it = holdings.find({op.process, key});
    if (it != holdings.end() && it->second.held) return;
    // Taken away while this poll was under way: it may have held its records already.
    if (it != holdings.end() && it->second.released > index.invocation_of(i)) return;
    for (const HistoryItem& item : h.items_of(op)) {
      if (item.kind == ItemKind::rebalance && item.key == key) return;
    }
    if (!report.room(FindingKind::unowned_poll)) return;
    FindingBuilder f(index, FindingKind::unowned_poll, kNone);
    const std::string member(h.name(h.context_of(op).member));
    f.about(key).with_text("member", member).with_op("op", i);
    f.because(op_text(index, i) + " of " + (member.empty() ? "a member" : member) +
              " delivered records of " + std::string(h.name(key)) + ", which it does not own" +
              (it == holdings.end() ? "" : " since " + op_text(index, it->second.released)));
    report.add(f);
  }

  void notes() {
    for (const auto& [log, what] : redelivered) {
      if (!report.room_for_note(FindingKind::redelivery)) continue;
      FindingBuilder f(index, FindingKind::redelivery, log);
      f.with("count", what.first).with_op("op", what.second);
      f.because(std::to_string(what.first) + " records of " +
                std::string(h.name(index.logs[log].key)) +
                " were delivered to the group again after a change of owners");
      report.note(f);
    }
  }
};

}  // namespace

void check_ownership(const LogIndex& index, Report& report) {
  bool any = index.rebalances_inside;
  for (const HistoryOp& op : index.history.ops) any |= op.function == OpFunction::assigned;
  if (!any) return;
  Ownership ownership{index, report, index.history, Members(index.history)};
  for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) ownership.step(i);
  ownership.notes();
}

}  // namespace weir::analysis
