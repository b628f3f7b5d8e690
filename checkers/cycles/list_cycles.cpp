// The dependency graph of a list-append history, and what its cycles are called.
#include <algorithm>
#include <unordered_map>

#include "checkers/cycles/cycle_report.h"
#include "checkers/cycles/list_findings.h"

namespace weir::analysis {
namespace {

// Many readers before many unread appends, without an edge for each pair: a chain that leads to the
// first i writers, and one that leads to the last, so that a transaction can leave itself out.
struct Unread {
  std::vector<std::uint32_t> writers;      // transactions, once each
  std::vector<std::uint32_t> first, last;  // nodes of the chains
};

class Builder {
 public:
  explicit Builder(ListIndex& index) : index_(index), h_(index.history) {}

  TransactionGraph build(CycleOrders orders) {
    for (std::uint32_t t = 0; t < index_.txns.size(); ++t) {
      if (index_.txns[t].committed) index_.txns[t].node = graph_.add_node(t);
    }
    unread_.resize(index_.orders.size());
    for (NameId key = 0; key < index_.orders.size(); ++key) order_writes(key);
    for (const ListRead& read : index_.reads) {
      if (index_.txns[read.txn].committed) order_read(read);
    }
    if (orders.process) order_processes();
    if (orders.realtime) order_times();
    return std::move(graph_);
  }

 private:
  [[nodiscard]] std::uint32_t node_of(std::uint32_t append) const {
    return append == kNone ? kNone : index_.txns[index_.appends[append].txn].node;
  }
  [[nodiscard]] std::uint32_t node_of(NameId key, ValueId value) const {
    return node_of(index_.append_of(key, value));
  }

  void order_writes(NameId key) {
    const ListOrder& order = index_.orders[key];
    make_unread(key);
    std::uint32_t before = kNone;
    ValueId value_before = kNoValue;
    for (const ValueId value : order.order) {
      const std::uint32_t node = node_of(key, value);
      if (node == kNone) continue;
      if (before != kNone) graph_.add({before, node, key, value_before, value, EdgeType::ww});
      before = node;
      value_before = value;
    }
    if (before != kNone) to_unread(before, key, value_before, EdgeType::ww);
  }

  void make_unread(NameId key) {
    Unread& u = unread_[key];
    for (const std::uint32_t a : index_.orders[key].unread) {
      const std::uint32_t t = index_.appends[a].txn;
      // Appends lie in the order of their transactions.
      if (!u.writers.empty() && u.writers.back() == t) continue;
      const std::uint32_t first = graph_.add_node(kNone), last = graph_.add_node(kNone);
      const Edge to{kNone,    index_.txns[t].node,     key,
                    kNoValue, index_.appends[a].value, EdgeType::link};
      graph_.add({first, to.to, key, kNoValue, to.b, EdgeType::link});
      graph_.add({last, to.to, key, kNoValue, to.b, EdgeType::link});
      if (!u.writers.empty()) {
        graph_.add({first, u.first.back(), key, kNoValue, kNoValue, EdgeType::link});
        graph_.add({u.last.back(), last, key, kNoValue, kNoValue, EdgeType::link});
      }
      u.writers.push_back(t);
      u.first.push_back(first);
      u.last.push_back(last);
    }
  }

  void to_unread(std::uint32_t node, NameId key, ValueId value, EdgeType type) {
    const Unread& u = unread_[key];
    if (u.writers.empty()) return;
    const std::uint32_t self = graph_.transaction(node);
    const auto it = std::lower_bound(u.writers.begin(), u.writers.end(), self);
    const auto i = static_cast<std::size_t>(it - u.writers.begin());
    if (it == u.writers.end() || *it != self) {
      graph_.add({node, u.first.back(), key, value, kNoValue, type});
      return;
    }
    if (i > 0) graph_.add({node, u.first[i - 1], key, value, kNoValue, type});
    if (i + 1 < u.writers.size()) graph_.add({node, u.last[i + 1], key, value, kNoValue, type});
  }

  void order_read(const ListRead& read) {
    const std::uint32_t reader = index_.txns[read.txn].node;
    // What it appended itself before is at the end of what it read.
    std::size_t length = read.list.size();
    while (length > 0 && node_of(read.key, read.list[length - 1]) == reader) --length;
    const ListOrder& order = index_.orders[read.key];
    ValueId seen = kNoValue;
    if (length > 0) {
      seen = read.list[length - 1];
      const std::uint32_t writer = node_of(read.key, seen);
      if (writer != kNone) graph_.add({writer, reader, read.key, seen, kNoValue, EdgeType::wr});
    }
    if (!read.first) return;
    std::uint32_t next = 0;
    if (length > 0) {
      const std::uint32_t place = index_.place_of(read.key, seen);
      if (place == kNone) return;  // of another order
      next = place + 1;
    }
    for (; next < order.order.size(); ++next) {
      const std::uint32_t writer = node_of(read.key, order.order[next]);
      if (writer == kNone) continue;
      graph_.add({reader, writer, read.key, seen, order.order[next], EdgeType::rw});
      // Its own append is next: what follows that is ordered by ww.
      return;
    }
    to_unread(reader, read.key, seen, EdgeType::rw);
  }

  void order_processes() {
    std::unordered_map<std::int64_t, std::uint32_t> last;  // looked up only
    for (const ListTxn& txn : index_.txns) {
      if (txn.node == kNone || txn.invoked == kNoOperation) continue;
      const std::int64_t process = h_.ops[txn.invoked].process;
      const auto it = last.find(process);
      if (it != last.end() && index_.txns[graph_.transaction(it->second)].completed < txn.invoked) {
        graph_.add({it->second, txn.node, kNoName, kNoValue, kNoValue, EdgeType::process});
      }
      if (txn.outcome == Outcome::ok) last[process] = txn.node;
    }
  }

  // A chain of moments: completions lead into it, invocations out of it.
  void order_times() {
    std::vector<std::uint32_t> at(h_.ops.size(), kNone);
    for (std::uint32_t t = 0; t < index_.txns.size(); ++t) {
      const ListTxn& txn = index_.txns[t];
      if (txn.node == kNone) continue;
      if (txn.invoked != kNoOperation) at[txn.invoked] = t;
      if (txn.outcome == Outcome::ok) at[txn.completed] = t;
    }
    std::uint32_t moment = kNone;
    bool left = false;
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      if (at[i] == kNone) continue;
      const ListTxn& txn = index_.txns[at[i]];
      if (txn.invoked == i) {
        if (moment == kNone) continue;
        graph_.add({moment, txn.node, kNoName, kNoValue, kNoValue, EdgeType::link});
        left = true;
        continue;
      }
      if (moment == kNone || left) {
        const std::uint32_t now = graph_.add_node(kNone);
        if (moment != kNone) {
          graph_.add({moment, now, kNoName, kNoValue, kNoValue, EdgeType::link});
        }
        moment = now;
        left = false;
      }
      graph_.add({txn.node, moment, kNoName, kNoValue, kNoValue, EdgeType::realtime});
    }
  }

  ListIndex& index_;
  const History& h_;
  TransactionGraph graph_;
  std::vector<Unread> unread_;
};

}  // namespace

void check_cycles(ListIndex& index, Report& report) {
  const HistoryConfig& config = index.history.config;
  const CycleOrders orders{forbidden(config, FindingKind::g0_process),
                           forbidden(config, FindingKind::g0_realtime)};
  const TransactionGraph graph = Builder(index).build(orders);
  if (has_cycle(graph, bit(EdgeType::wr))) report.circle_of_reads();
  for (const Cycle& cycle : find_cycles(graph, orders)) {
    emit(index, report, cycle.kind, [&](FindingBuilder& f) {
      describe_cycle(index.history, cycle, f, [&](std::uint32_t t) {
        return TxnOps{index.txns[t].invoked, index.txns[t].completed};
      });
    });
  }
}

void check_list_append(const History& history, Report& report) {
  ListIndex index(history);
  check_lists(index, report);
  check_cycles(index, report);
  for (const std::uint32_t a : index.appended_twice) {
    const ListAppend& append = index.appends[a];
    report.unknown("who appended " + datum_of(history, append.value).json + " to " +
                   std::string(history.name(append.key)) + " (it was appended more than once)");
    return;
  }
}

}  // namespace weir::analysis
