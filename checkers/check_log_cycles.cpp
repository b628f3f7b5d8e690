// Cycles of dependencies between the transactions of logs.
//
// Only a circle of reads alone (G1c without ww) breaks what Kafka promises: every transaction of it
// would have had to commit before the one that it read from. Orders of writes over several
// partitions may contradict each other, since offsets are taken when sending, and polls take no
// locks: G0, G-single and G2 are notes, which a contract of serializability counts.
#include <unordered_map>

#include "checkers/cycles/cycle_report.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

class LogGraph {
 public:
  explicit LogGraph(const LogIndex& index) : index_(index), h_(index.history) {
    for (std::uint32_t t = 0; t < index.transactions.size(); ++t) {
      owners_.push_back({index.transactions[t].begun, index.transactions[t].op(), t});
    }
    const auto transactions = static_cast<std::uint32_t>(owners_.size());
    owner_of_.assign(index.sends.size(), kNone);
    for (std::uint32_t s = 0; s < index.sends.size(); ++s) {
      const Send& send = index.sends[s];
      if (send.transaction != kNone) {
        owner_of_[s] = send.transaction;
        continue;
      }
      const bool same =
          owners_.size() > transactions && s > 0 && index.sends[s - 1].invoked == send.invoked &&
          index.sends[s - 1].completed == send.completed && index.sends[s - 1].transaction == kNone;
      if (!same) {
        owners_.push_back({send.invoked, send.completed, kNone});
      }
      owner_of_[s] = static_cast<std::uint32_t>(owners_.size()) - 1;
    }
    committed_.assign(owners_.size(), false);
    for (std::uint32_t s = 0; s < index.sends.size(); ++s) {
      if (index.sends[s].committed) committed_[owner_of_[s]] = true;
    }
    for (std::uint32_t t = 0; t < transactions; ++t) {
      if (index.transactions[t].outcome == Outcome::ok) committed_[t] = true;
    }
  }

  TransactionGraph reads_only() {
    TransactionGraph graph = nodes();
    for (std::uint32_t t = 0; t < index_.transactions.size(); ++t) {
      if (committed_[t]) order_reads(graph, t, false);
    }
    return graph;
  }

  TransactionGraph everything() {
    TransactionGraph graph = nodes();
    order_writes(graph);
    follow_positions();
    for (std::uint32_t t = 0; t < index_.transactions.size(); ++t) {
      if (committed_[t]) order_reads(graph, t, true);
    }
    return graph;
  }

  [[nodiscard]] TxnOps ops_of(std::uint32_t owner) const {
    return {owners_[owner].invoked, owners_[owner].completed};
  }

 private:
  struct Owner {
    std::uint32_t invoked, completed, transaction;
  };

  TransactionGraph nodes() const {
    TransactionGraph graph;
    for (std::uint32_t o = 0; o < owners_.size(); ++o) static_cast<void>(graph.add_node(o));
    return graph;
  }

  [[nodiscard]] std::uint32_t writer_of(std::uint32_t log, ValueId value) const {
    const std::uint32_t s = index_.send_of(log, value);
    if (s == kNone || !committed_[owner_of_[s]]) return kNone;
    return owner_of_[s];
  }

  void order_writes(TransactionGraph& graph) {
    for (std::uint32_t l = 0; l < index_.logs.size(); ++l) {
      const Log& log = index_.logs[l];
      std::uint32_t before = kNone;
      ValueId value_before = kNoValue;
      for (const Point& point : log.points) {
        const std::uint32_t writer = writer_of(l, point.value);
        if (writer == kNone) continue;
        if (before != kNone) {
          graph.add({before, writer, log.key, value_before, point.value, EdgeType::ww});
        }
        before = writer;
        value_before = point.value;
      }
    }
  }

  // Where the consumer of each transaction's poll stood before it, for polls that came back empty.
  void follow_positions() {
    std::unordered_map<std::int64_t, std::unordered_map<NameId, std::int64_t>> at;  // looked up
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      const HistoryOp& op = h_.ops[i];
      if (op.type == OpType::invoke) continue;
      auto& mine = at[op.process];
      if (op.function == OpFunction::seek) {
        for (const HistoryItem& item : h_.items_of(op)) mine[item.key] = item.offset;
      }
      if (!LogIndex::polls(op)) continue;
      for (const HistoryItem& item : h_.items_of(op)) {
        if (item.kind == ItemKind::polled && index_.transaction_of[i] != kNone) {
          const auto it = mine.find(item.key);
          stood_[pair_key(i, item.key)] = it == mine.end() ? 0 : it->second;
        }
        if (item.kind == ItemKind::record) mine[item.key] = item.offset + 1;
      }
    }
  }

  void order_reads(TransactionGraph& graph, std::uint32_t t, bool missed) {
    for (const std::uint32_t i : index_.transactions[t].polls) {
      const auto items = h_.items_of(h_.ops[i]);
      for (std::size_t k = 0; k < items.size(); ++k) {
        const HistoryItem& item = items[k];
        const std::uint32_t log = item.kind == ItemKind::record || item.kind == ItemKind::polled
                                      ? index_.log_at(item.key, i)
                                      : kNone;
        if (log == kNone) continue;
        if (item.kind == ItemKind::record) {
          const std::uint32_t writer = writer_of(log, item.value);
          if (writer != kNone) {
            graph.add({writer, t, item.key, item.value, kNoValue, EdgeType::wr});
          }
        }
        const bool last = k + 1 == items.size() || items[k + 1].kind != ItemKind::record;
        if (missed && last) order_next(graph, t, i, item, log);
      }
    }
  }

  // The next record behind what a poll showed was not read yet.
  void order_next(TransactionGraph& graph, std::uint32_t t, std::uint32_t i,
                  const HistoryItem& item, std::uint32_t log) {
    std::int64_t next = item.offset + 1;
    if (item.kind == ItemKind::polled) {
      const auto it = stood_.find(pair_key(i, item.key));
      next = it == stood_.end() ? 0 : it->second;
    }
    const Log& l = index_.logs[log];
    const ValueId seen = item.kind == ItemKind::record ? item.value : kNoValue;
    for (std::uint32_t p = l.first[l.rank_below(next)]; p < l.points.size(); ++p) {
      const std::uint32_t writer = writer_of(log, l.points[p].value);
      if (writer == kNone) continue;
      graph.add({t, writer, item.key, seen, l.points[p].value, EdgeType::rw});
      return;
    }
  }

  const LogIndex& index_;
  const History& h_;
  std::vector<Owner> owners_;
  std::vector<std::uint32_t> owner_of_;  // per send
  std::vector<bool> committed_;
  std::unordered_map<std::uint64_t, std::int64_t> stood_;  // looked up only
};

}  // namespace

void check_log_cycles(const LogIndex& index, Report& report) {
  if (index.transactions.empty() && !index.history.config.ww_deps) return;
  if (!index.history.config.values_unique) return;
  LogGraph logs(index);
  const auto ops_of = [&](std::uint32_t owner) { return logs.ops_of(owner); };
  bool circle = false;
  const TransactionGraph reads = logs.reads_only();
  for (const Cycle& cycle : find_cycles(reads, {})) {
    circle = true;
    if (!report.room(cycle.kind)) continue;
    FindingBuilder f(index.history, cycle.kind);
    describe_cycle(index.history, cycle, f, ops_of);
    report.add(f);
  }
  if (circle) report.circle_of_reads();
  const TransactionGraph all = logs.everything();
  for (const Cycle& cycle : find_cycles(all, {})) {
    if ((circle && cycle.kind == FindingKind::g1c) || !report.room_for_note(cycle.kind)) continue;
    FindingBuilder f(index.history, cycle.kind);
    describe_cycle(index.history, cycle, f, ops_of);
    report.note(f);
  }
}

}  // namespace weir::analysis
