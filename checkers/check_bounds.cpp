// What takes longer than the configuration allows, and watermarks that go back.
//
// A partition of a group is an orphan while no live member owns it though a live member is there;
// an owner that crashed is none, whatever the coordinator believes. A rebalance has a cause when a
// member came, left, died or changed its subscription since the one before. A last stable offset is
// stuck while it stands still below the high watermark. A bound that is absent is not checked.
#include <map>
#include <set>

#include "checkers/members.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Group {
  std::set<std::int64_t> live;                                     // processes
  std::set<std::int64_t> known;                                    // that were ever seen in it
  std::map<NameId, std::set<std::int64_t>> owners;                 // per key
  std::map<NameId, std::pair<std::int64_t, std::uint32_t>> since;  // without a live owner
  std::int64_t generation = -1;
  bool cause = true;  // something has changed since the last rebalance
  std::vector<std::uint32_t> uncaused;
};

struct GroupBounds {
  const LogIndex& index;
  Report& report;
  const History& h;
  std::map<NameId, Group> groups = {};
  std::map<std::int64_t, NameId> group_of = {};
  std::map<std::int64_t, std::int64_t> rounds = {};                  // of a process
  std::map<std::string, std::int64_t, std::less<>> process_of = {};  // of a member

  void step(std::uint32_t i) {
    const HistoryOp& op = h.ops[i];
    const OpContext& c = h.context_of(op);
    if (c.group != kNoName && op.process >= 0) {
      group_of[op.process] = c.group;
      if (c.member != kNoName) process_of[std::string(h.name(c.member))] = op.process;
    }
    const auto known = group_of.find(op.process);
    if (op.type == OpType::event && op.function == OpFunction::other) return event(i, op);
    if (known == group_of.end()) return;
    Group& g = groups[known->second];
    const bool happened = op.type == OpType::ok || op.type == OpType::event;
    switch (op.function) {
      case OpFunction::assigned:
        rebalanced(g, i, op, op.process);
        for (const HistoryItem& item : h.items_of(op)) assigned(g, i, op.process, item.key);
        break;
      case OpFunction::revoked:
      case OpFunction::lost:
        for (const HistoryItem& item : h.items_of(op)) released(g, i, op.process, item.key);
        break;
      case OpFunction::poll:
      case OpFunction::txn: rebalances(g, i, op); break;
      case OpFunction::subscribe:
        if (!happened) break;
        g.cause = true;
        if (op.items_begin == op.items_end) {
          left(g, i, op.process);
        } else {
          joined(g, i, op.process);
        }
        break;
      case OpFunction::crash:
        // What it held is nobody's, though a process of its number comes back.
        for (auto& [key, owners] : g.owners) owners.erase(op.process);
        left(g, i, op.process);
        break;
      default: break;
    }
  }

  void rebalanced(Group& g, std::uint32_t i, const HistoryOp& told, std::int64_t process) {
    joined(g, i, process);
    // Where no generation is told, a process counts how often it was assigned something.
    const std::int64_t generation = h.context_of(told).generation;
    advance(g, i, generation >= 0 ? generation : ++rounds[process]);
  }

  void assigned(Group& g, std::uint32_t i, std::int64_t process, NameId key) {
    g.owners[key].insert(process);
    settle(g, i, key);
  }

  void released(Group& g, std::uint32_t i, std::int64_t process, NameId key) {
    g.owners[key].erase(process);
    settle(g, i, key);
  }

  // Those inside an operation: given as early and taken as late as can be.
  void rebalances(Group& g, std::uint32_t i, const HistoryOp& op) {
    if (!index.rebalances_inside) return;
    const bool begins = op.type == OpType::invoke;
    const std::uint32_t completed = begins ? index.partner[i] : i;
    const std::vector<Rebalanced> keys = rebalances_in(h, completed);
    const bool given = std::ranges::any_of(keys, &Rebalanced::given);
    if (given && begins) rebalanced(g, i, h.ops[completed], op.process);
    for (const Rebalanced& r : keys) {
      if (r.given && begins) assigned(g, i, op.process, r.key);
      if (!r.given && !begins) released(g, i, op.process, r.key);
    }
  }

  void event(std::uint32_t i, const HistoryOp& op) {
    const std::string_view f = h.name(op.name);
    if (f == "member_removed") {
      const auto it = process_of.find(event_text(h, op, "member"));
      if (it != process_of.end()) left(groups[group_of[it->second]], i, it->second);
    } else if (f == "group_stable") {
      stable(i, op);
    }
    const OpContext& c = h.context_of(op);
    if (c.group != kNoName) advance(groups[c.group], i, c.generation);
  }

  // The coordinator's list of members: who is not in it has left.
  void stable(std::uint32_t i, const HistoryOp& op) {
    const std::vector<std::string> members = event_list(h, op, "members");
    const NameId group = h.context_of(op).group;
    if (members.empty() || group == kNoName) return;
    std::set<std::int64_t> gone = groups[group].live;
    for (const std::string& member : members) {
      if (const auto it = process_of.find(member); it != process_of.end()) gone.erase(it->second);
    }
    for (const std::int64_t process : gone) left(groups[group], i, process);
  }

  void joined(Group& g, std::uint32_t i, std::int64_t process) {
    g.cause |= g.known.insert(process).second || !g.live.contains(process);
    const bool first = g.live.empty();
    g.live.insert(process);
    if (!first) return;
    if (h.config.group.empty() || h.config.group == h.name(group_of[process])) {
      for (const std::string& text : h.config.group_keys) {
        const NameId key = h.names.find(text);
        if (key != Interner::kUnknown) g.owners[key];
      }
    }
    for (const auto& [key, owners] : g.owners) settle(g, i, key);
  }

  void left(Group& g, std::uint32_t i, std::int64_t process) {
    g.cause |= g.live.erase(process) > 0;
    for (const auto& [key, owners] : g.owners) settle(g, i, key);
  }

  void advance(Group& g, std::uint32_t i, std::int64_t generation) {
    if (generation <= g.generation) return;
    if (!g.cause && g.generation >= 0) g.uncaused.push_back(i);
    g.generation = generation;
    g.cause = false;
  }

  // Whether the key has a live owner now; a time without one ends here, or begins.
  void settle(Group& g, std::uint32_t i, NameId key) {
    bool owned = g.live.empty();
    for (const std::int64_t process : g.owners[key]) owned |= g.live.contains(process);
    const auto it = g.since.find(key);
    if (!owned) {
      g.since.try_emplace(key, h.ops[i].time, i);
    } else if (it != g.since.end()) {
      orphan(key, it->second, i);
      g.since.erase(it);
    }
  }

  void orphan(NameId key, std::pair<std::int64_t, std::uint32_t> since, std::uint32_t i) {
    const auto bound = h.config.bounds.orphan_ns;
    const std::int64_t time = h.ops[i].time - since.first;
    if (!bound || time <= *bound || !report.room(FindingKind::orphan_partition)) return;
    FindingBuilder f(h, FindingKind::orphan_partition);
    f.about(key).with("for_ns", time).with("bound_ns", *bound).with_ops({since.second, i});
    f.because(std::string(h.name(key)) + " had no live owner for " + std::to_string(time) +
              " ns (from " + op_text(h, since.second) + " to " + op_text(h, i) +
              ") though the group had live members; the bound is " + std::to_string(*bound) +
              " ns");
    report.add(f);
  }

  void finish() {
    const auto last = static_cast<std::uint32_t>(h.ops.size()) - 1;
    for (const auto& [name, g] : groups) {
      for (const auto& [key, since] : g.since) orphan(key, since, last);
      const auto bound = h.config.bounds.uncaused_rebalances;
      const auto count = static_cast<std::int64_t>(g.uncaused.size());
      if (!bound || count <= *bound || !report.room(FindingKind::rebalance_storm)) continue;
      FindingBuilder f(h, FindingKind::rebalance_storm);
      f.with_text("group", std::string(h.name(name))).with("count", count);
      f.with("bound", *bound).with_ops(g.uncaused);
      f.because("group " + std::string(h.name(name)) + " rebalanced " + std::to_string(count) +
                " times without a member that came, left, died or changed its subscription; the "
                "bound is " +
                std::to_string(*bound));
      report.add(f);
    }
  }
};

struct Watermarks {
  const LogIndex& index;
  Report& report;
  const History& h;

  struct Seen {
    std::int64_t hw = kNoOffset;
    std::uint32_t hw_op = kNoOperation;
    std::int64_t stuck_at = kNoOffset;  // a last stable offset below the high watermark
    std::int64_t stuck_since = 0;
    std::uint32_t stuck_op = kNoOperation;
    std::uint32_t told = kNoOperation;  // the last time that it stood there still
  };
  std::map<std::uint32_t, Seen> logs = {};

  void step(std::uint32_t i) {
    if (h.ops[i].function != OpFunction::log) return;
    for (const HistoryItem& item : h.items_of(h.ops[i])) {
      const std::uint32_t log = index.log_at(item.key, i);
      if (item.kind != ItemKind::log || item.meta == kNoMeta) continue;
      // A partition that no operation names has no log of its own here.
      Seen& seen = logs[log == kNone ? kNone - 1 - item.key : log];
      const std::int64_t* n = &h.numbers[item.meta];
      if (n[1] != kNoOffset) high_watermark(seen, i, item.key, n[1]);
      if (n[2] != kNoOffset) stable_offset(seen, i, item.key, n[2], n[1]);
    }
  }

  void high_watermark(Seen& seen, std::uint32_t i, NameId key, std::int64_t hw) {
    if (hw < seen.hw && report.room(FindingKind::hw_regression)) {
      FindingBuilder f(h, FindingKind::hw_regression);
      f.about(key).with("from", seen.hw).with("to", hw).with_ops({seen.hw_op, i});
      f.because("the high watermark of " + std::string(h.name(key)) + " was " +
                std::to_string(seen.hw) + " (" + op_text(h, seen.hw_op) + ") and then " +
                std::to_string(hw) + " (" + op_text(h, i) + "): what had been readable is not");
      report.add(f);
    }
    seen.hw = hw;
    seen.hw_op = i;
  }

  void stable_offset(Seen& seen, std::uint32_t i, NameId key, std::int64_t lso, std::int64_t hw) {
    const bool below = hw != kNoOffset && lso < hw;
    if (below && lso == seen.stuck_at) {
      seen.told = i;
      stuck(seen, key, i);
      return;
    }
    seen.stuck_at = below ? lso : kNoOffset;
    seen.stuck_since = h.ops[i].time;
    seen.stuck_op = seen.told = i;
  }

  void stuck(Seen& seen, NameId key, std::uint32_t i) {
    const auto bound = h.config.bounds.lso_ns;
    const std::int64_t time = h.ops[i].time - seen.stuck_since;
    if (!bound || time <= *bound || seen.stuck_op == kNoOperation) return;
    if (report.room(FindingKind::stuck_lso)) {
      FindingBuilder f(h, FindingKind::stuck_lso);
      f.about(key).with("lso", seen.stuck_at).with("hw", seen.hw).with("for_ns", time);
      f.with("bound_ns", *bound).with_ops({seen.stuck_op, i});
      f.because("the last stable offset of " + std::string(h.name(key)) + " stood at " +
                std::to_string(seen.stuck_at) + ", below the high watermark, for " +
                std::to_string(time) + " ns (from " + op_text(h, seen.stuck_op) + " to " +
                op_text(h, i) + "); the bound is " + std::to_string(*bound) + " ns");
      report.add(f);
    }
    seen.stuck_op = kNoOperation;  // once
  }
};

}  // namespace

void check_bounds(const LogIndex& index, Report& report) {
  const History& h = index.history;
  if (h.ops.empty()) return;
  const HistoryBounds& bounds = h.config.bounds;
  if (bounds.orphan_ns || bounds.uncaused_rebalances) {
    GroupBounds groups{index, report, h};
    for (std::uint32_t i = 0; i < h.ops.size(); ++i) groups.step(i);
    groups.finish();
  }
  Watermarks marks{index, report, h};
  for (std::uint32_t i = 0; i < h.ops.size(); ++i) marks.step(i);
}

}  // namespace weir::analysis
