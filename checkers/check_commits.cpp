// Committed offsets: what the group's register may hold, who may write it, and where owners start.
//
// Per (group, partition) those puts are kept whose value the register may hold now: a put is over
// when another one that began after its end has returned. One that nobody knows about may take
// effect at any later time; a read puts what it returned; an expiry puts "nothing", and nobody
// knows when. The end of a transaction puts its offsets. A new owner asks at some moment between
// its assignment and its first records; a start outside of all that it may have been told then is a
// finding. Commits of a generation that had ended before they began must be refused. What readers
// of committed offsets see is judged in check_committed.cpp.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "checkers/members.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

struct Put {
  std::int64_t value = kNoOffset;  // kNoOffset is "nothing committed"
  std::int64_t invoked = -1;
  std::int64_t returned = -1;  // kNever: under way, or unknown for ever
};

struct Register {
  std::vector<Put> possible{Put{}};  // not over yet; before all, nothing is committed
  std::vector<Put> begun;            // all
  std::vector<std::pair<std::int64_t, std::uint32_t>> aborted;  // offsets, and whose
};

struct Start {                     // of a new owner
  std::set<std::int64_t> allowed;  // what the register may have held when it was assigned
  std::size_t begun = 0;           // how many puts had begun by then
};

struct Commits {
  const LogIndex& index;
  Report& report;
  const History& h;
  Members members;
  using Place = std::pair<NameId, NameId>;       // (group, key)
  using Seat = std::pair<std::int64_t, NameId>;  // (process, key)
  std::map<Place, Register> registers = {};
  std::map<Seat, Start> starts = {};
  std::map<Seat, std::int64_t> positions = {};
  std::map<NameId, std::int64_t> generations = {};           // per group, the newest seen
  std::map<std::uint32_t, std::int64_t> generation_at = {};  // per invoked commit

  void step(std::uint32_t i) {
    const HistoryOp& op = h.ops[i];
    members.see(op);
    const OpContext& c = h.context_of(op);
    const bool happened = op.type == OpType::event || op.type == OpType::ok;
    if (happened && c.group != kNoName && c.generation >= 0) {
      std::int64_t& newest = generations.try_emplace(c.group, -1).first->second;
      newest = std::max(newest, c.generation);
    }
    switch (op.function) {
      case OpFunction::commit: commit(i, op); break;
      case OpFunction::commit_txn: transaction(i, op); break;
      case OpFunction::committed: committed(i, op); break;
      case OpFunction::assigned:
        for (const HistoryItem& item : h.items_of(op)) assigned(op, item.key);
        break;
      case OpFunction::revoked:
      case OpFunction::lost:
        for (const HistoryItem& item : h.items_of(op)) {
          starts.erase({op.process, item.key});
          positions.erase({op.process, item.key});
        }
        break;
      case OpFunction::seek:
      case OpFunction::assign:
        for (const HistoryItem& item : h.items_of(op)) {
          starts.erase({op.process, item.key});
          positions.erase({op.process, item.key});
          const bool sought = op.function == OpFunction::seek && op.type == OpType::ok;
          if (sought && item.offset != kNoOffset) positions[{op.process, item.key}] = item.offset;
        }
        break;
      case OpFunction::offset_reset:
        for (const HistoryItem& item : h.items_of(op)) starts.erase({op.process, item.key});
        break;
      case OpFunction::poll:
        rebalances(i, op);
        polled(i, op);
        break;
      case OpFunction::txn:
        rebalances(i, op);
        polled(i, op);
        transaction(i, op);
        break;
      case OpFunction::other:
        if (op.type == OpType::event && h.name(op.name) == "offsets_expired") expired(i, op);
        break;
      default: break;
    }
  }

  // `registers` keeps references: map nodes do not move.
  Register& at(NameId group, NameId key) { return registers[{group, key}]; }

  void commit(std::uint32_t i, const HistoryOp& op) {
    const NameId group = members.group_name(op.process);
    if (group == kNoName) return;
    if (op.type == OpType::invoke) note_generation(i, group);
    for (const HistoryItem& item : h.items_of(op)) {
      if (item.kind == ItemKind::entry) commit_one(i, op, group, item.key, item.offset);
    }
  }

  void note_generation(std::uint32_t i, NameId group) {
    const auto it = generations.find(group);
    generation_at[i] = it == generations.end() ? -1 : it->second;
  }

  // The offsets of a transaction are committed when it is.
  void transaction(std::uint32_t i, const HistoryOp& op) {
    const std::uint32_t id = index.transaction_of[i];
    if (id == kNone) return;
    const Transaction& t = index.transactions[id];
    for (const TransactionOffset& o : t.offsets) {
      if (op.type == OpType::invoke) note_generation(i, o.group);
      if (op.type == OpType::invoke && t.outcome == Outcome::failed) {
        at(o.group, o.key).aborted.push_back({o.next, id});
      }
      commit_one(i, op, o.group, o.key, o.next);
    }
  }

  void commit_one(std::uint32_t i, const HistoryOp& op, NameId group, NameId key,
                  std::int64_t offset) {
    Register& r = at(group, key);
    const bool begins = op.type == OpType::invoke || index.partner[i] == kNoOperation;
    const std::uint32_t invoked = begins ? i : index.partner[i];
    const std::uint32_t completed = op.type == OpType::invoke ? index.partner[i] : i;
    // What will have failed never happens.
    if (completed != kNoOperation && h.ops[completed].type == OpType::fail) return;
    if (begins) begin(r, {offset, invoked, kNever});
    if (op.type != OpType::ok) return;
    end(r, {offset, invoked, i});
    ahead(i, op, key, offset);
    zombie(i, op, key, offset);
  }

  static void begin(Register& r, const Put& put) {
    r.possible.push_back(put);
    r.begun.push_back(put);
  }

  // It has certainly taken effect; what was over before it began is history.
  static void end(Register& r, const Put& put) {
    std::erase_if(r.possible, [&put](const Put& p) {
      return p.returned < put.invoked || (p.invoked == put.invoked && p.value == put.value);
    });
    r.possible.push_back(put);
  }

  void ahead(std::uint32_t i, const HistoryOp& op, NameId key, std::int64_t offset) {
    if (!op.automatic) return;
    const auto it = positions.find({op.process, key});
    const std::uint32_t log = index.log_at(key, i);
    if (it == positions.end() || log == kNone || offset <= it->second) return;
    if (existing(log, it->second, offset).empty()) return;  // only markers in between
    if (!report.room(FindingKind::commit_ahead)) return;
    FindingBuilder f(index, FindingKind::commit_ahead, log);
    f.with("position", it->second).with("committed", offset).with_op("op", i);
    f.because("the automatic commit of " + op_text(index, i) + " stored " + std::to_string(offset) +
              ", but the consumer's position was " + std::to_string(it->second));
    report.add(f);
  }

  void zombie(std::uint32_t i, const HistoryOp& op, NameId key, std::int64_t offset) {
    const std::int64_t generation = h.context_of(op).generation;
    const auto newest = generation_at.find(index.invocation_of(i));
    if (generation < 0 || newest == generation_at.end() || newest->second <= generation) return;
    if (!report.room(FindingKind::zombie_commit)) return;
    FindingBuilder f(index, FindingKind::zombie_commit, index.log_at(key, i));
    f.with("generation", generation).with("current", newest->second);
    f.with("committed", offset).with_op("op", i);
    f.because(op_text(index, i) + " committed for generation " + std::to_string(generation) +
              " and was accepted, though generation " + std::to_string(newest->second) +
              " had begun before it was sent");
    report.add(f);
  }

  // What was read as committed is; whether it may be is judged elsewhere.
  void committed(std::uint32_t i, const HistoryOp& op) {
    const NameId group = members.group_name(op.process);
    if (group == kNoName || op.type != OpType::ok) return;
    for (const HistoryItem& item : h.items_of(op)) {
      if (item.kind != ItemKind::entry) continue;
      Register& r = at(group, item.key);
      const Put put{item.offset, index.invocation_of(i), i};
      r.begun.push_back(put);
      end(r, put);
    }
  }

  void expired(std::uint32_t i, const HistoryOp& op) {
    const NameId group = h.names.find(event_text(h, op, "group"));
    for (const std::string& text : event_list(h, op, "keys")) {
      const NameId key = h.names.find(text);
      if (group == Interner::kUnknown || key == Interner::kUnknown) continue;
      begin(at(group, key), {kNoOffset, i, i});
    }
  }

  void assigned(const HistoryOp& op, NameId key) {
    positions.erase({op.process, key});
    starts.erase({op.process, key});
    const NameId group = h.context_of(op).group;
    if (group == kNoName) return;
    const Register& r = at(group, key);
    Start& start = starts[{op.process, key}];
    start.begun = r.begun.size();
    for (const Put& put : r.possible) start.allowed.insert(put.value);
  }

  // Those inside an operation come before its records, unless it polls several times; whatever is
  // committed from its invocation on may be what was asked for.
  void rebalances(std::uint32_t i, const HistoryOp& op) {
    if (!index.rebalances_inside) return;
    const bool begins = op.type == OpType::invoke;
    const std::uint32_t completed = begins ? index.partner[i] : i;
    for (const Rebalanced& r : rebalances_in(h, completed)) {
      const auto polls =
          std::ranges::count(h.items_of(h.ops[completed]), ItemKind::poll, &HistoryItem::kind);
      if (r.given && polls == 1) {
        if (begins) assigned(op, r.key);
      } else {
        starts.erase({op.process, r.key});
        positions.erase({op.process, r.key});
      }
    }
  }

  void polled(std::uint32_t i, const HistoryOp& op) {
    if (!LogIndex::polls(op) || op.type == OpType::fail) return;
    for (const HistoryItem& item : h.items_of(op)) {
      if (item.kind != ItemKind::record) continue;
      const auto it = starts.find({op.process, item.key});
      if (it != starts.end()) {
        started(i, op, item, it->second);
        starts.erase(it);
      }
      positions[{op.process, item.key}] = item.offset + 1;
    }
  }

  // Known records in [from, to) that a reader must not pass over.
  [[nodiscard]] std::vector<ValueId> existing(std::uint32_t log, std::int64_t from,
                                              std::int64_t to) const {
    const Log& l = index.logs[log];
    std::vector<ValueId> values;
    const std::uint32_t begin = l.first[l.rank_below(from)], end = l.first[l.rank_below(to)];
    for (std::uint32_t p = begin; p < end && values.size() < kMaxListed; ++p) {
      if (!l.points[p].optional) values.push_back(l.points[p].value);
    }
    return values;
  }

  void started(std::uint32_t i, const HistoryOp& op, const HistoryItem& item, Start start) {
    const NameId group = members.group_name(op.process);
    const std::uint32_t log = index.log_at(item.key, i);
    if (group == kNoName || log == kNone || item.offset < index.logs[log].start) return;
    const Register& r = at(group, item.key);
    for (std::size_t p = start.begun; p < r.begun.size(); ++p) {
      start.allowed.insert(r.begun[p].value);
    }
    // Nothing was ever committed for all one knows: the reset policy decides.
    if (start.allowed.contains(kNoOffset)) return;
    const std::int64_t least = *start.allowed.begin(), most = *start.allowed.rbegin();
    if (item.offset >= least && item.offset <= most) return;
    for (const auto& [offset, transaction] : r.aborted) {
      if (offset == item.offset) return applied(i, log, item, transaction);
    }
    if (item.offset > most) {
      const std::vector<ValueId> skipped = existing(log, most, item.offset);
      if (!skipped.empty())
        begin_finding(i, FindingKind::start_above_committed, log, item, most, skipped);
    } else if (item.offset < least) {
      begin_finding(i, FindingKind::start_below_committed, log, item, least, {});
    }
  }

  void applied(std::uint32_t i, std::uint32_t log, const HistoryItem& item,
               std::uint32_t transaction) {
    if (!report.room(FindingKind::aborted_offset_commit)) return;
    FindingBuilder f(index, FindingKind::aborted_offset_commit, log);
    f.with("offset", item.offset).with_text("txn", index.transaction_text(transaction));
    f.with_op("op", i);
    f.because("the new owner of " + std::string(h.name(item.key)) + " began at " +
              std::to_string(item.offset) + " (" + op_text(index, i) +
              "), which only transaction " + index.transaction_text(transaction) +
              " had stored, and that did not commit");
    report.add(f);
  }

  void begin_finding(std::uint32_t i, FindingKind kind, std::uint32_t log, const HistoryItem& item,
                     std::int64_t committed_at, const std::vector<ValueId>& skipped) {
    if (!report.room(kind)) return;
    FindingBuilder f(index, kind, log);
    f.with("committed", committed_at).with("first", item.offset);
    if (!skipped.empty()) f.with_values("skipped", skipped);
    f.with_op("op", i);
    f.because("the committed offset of " + std::string(h.name(item.key)) + " was " +
              std::to_string(committed_at) + ", but the new owner began at " +
              std::to_string(item.offset) + " (" + op_text(index, i) + ")");
    report.add(f);
  }
};

}  // namespace

void check_commits(const LogIndex& index, Report& report) {
  bool any = false;
  for (const HistoryOp& op : index.history.ops) {
    any |= op.function == OpFunction::commit || op.function == OpFunction::committed;
  }
  for (const Transaction& t : index.transactions) {
    any |= !t.offsets.empty();
  }
  if (!any) return;
  Commits commits{index, report, index.history, Members(index.history)};
  for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) commits.step(i);
}

}  // namespace weir::analysis
