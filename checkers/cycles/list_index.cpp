// ListIndex: one pass over the operations, then the committed transactions, then the orders.
#include "checkers/cycles/list_index.h"

#include <algorithm>

namespace weir::analysis {

ListIndex::ListIndex(const History& h) : history(h), orders(h.names.size()) {
  collect();
  find_committed();
  find_orders();
}

void ListIndex::collect() {
  const std::vector<std::uint32_t> partner = pair_operations(history);
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (op.function != OpFunction::txn || op.type == OpType::event) continue;
    if (op.type == OpType::invoke) {
      collect_txn(i, partner[i]);
    } else if (partner[i] == kNoOperation) {
      collect_txn(kNoOperation, i);
    }
  }
}

void ListIndex::collect_txn(std::uint32_t invoked, std::uint32_t completed) {
  ListTxn txn;
  txn.invoked = invoked;
  txn.completed = completed;
  const auto holds = [&](std::uint32_t op) {
    return op != kNoOperation && history.ops[op].items_begin != history.ops[op].items_end;
  };
  txn.told = holds(completed) ? completed : invoked;
  if (completed != kNoOperation && history.ops[completed].type == OpType::ok) {
    txn.outcome = Outcome::ok;
  } else if (completed != kNoOperation && history.ops[completed].type == OpType::fail) {
    txn.outcome = Outcome::failed;
  }
  const auto id = static_cast<std::uint32_t>(txns.size());
  txn.first_read = static_cast<std::uint32_t>(reads.size());
  const std::size_t first_append = appends.size();
  std::uint32_t micro = 0;
  if (txn.told == kNoOperation) txn.told = completed;
  for (const HistoryItem& item : history.items_of(history.ops[txn.told])) {
    const std::uint32_t place = micro++;
    std::uint32_t own = 0;
    for (std::size_t a = first_append; a < appends.size(); ++a) {
      own += appends[a].key == item.key;
    }
    if (item.kind == ItemKind::append) {
      for (std::size_t a = first_append; own > 0 && a < appends.size(); ++a) {
        if (appends[a].key == item.key) appends[a].last = false;
      }
      const auto fresh = static_cast<std::uint32_t>(appends.size());
      if (by_value_.try_emplace(pair_key(item.key, item.value), fresh) != fresh) {
        appended_twice.push_back(fresh);
      }
      appends.push_back({id, item.key, item.value, place});
    } else if (item.kind == ItemKind::read_list && item.meta != kNoMeta) {
      bool first = true;
      for (std::size_t r = txn.first_read; r < reads.size(); ++r) {
        first &= reads[r].key != item.key;
      }
      reads.push_back({id, item.key, place, own, first, history.list_of(item)});
    }
  }
  txn.last_read = static_cast<std::uint32_t>(reads.size());
  txns.push_back(txn);
}

// A transaction that nobody knows about has happened when another shows what it appended; its own
// reads are then facts too.
void ListIndex::find_committed() {
  std::vector<std::uint32_t> work;
  for (std::uint32_t t = 0; t < txns.size(); ++t) {
    txns[t].committed = txns[t].outcome == Outcome::ok;
    if (txns[t].committed) work.push_back(t);
  }
  const bool all_known = work.size() == txns.size();
  while (!work.empty() && !all_known) {
    const std::uint32_t t = work.back();
    work.pop_back();
    for (std::uint32_t r = txns[t].first_read; r < txns[t].last_read; ++r) {
      for (const ValueId value : reads[r].list) {
        const std::uint32_t a = append_of(reads[r].key, value);
        if (a == kNone) continue;
        ListTxn& writer = txns[appends[a].txn];
        if (writer.committed || writer.outcome == Outcome::failed) continue;
        writer.committed = true;
        work.push_back(appends[a].txn);
      }
    }
  }
}

void ListIndex::find_orders() {
  for (std::uint32_t r = 0; r < reads.size(); ++r) {
    if (!txns[reads[r].txn].committed) continue;
    ListOrder& order = orders[reads[r].key];
    if (order.longest_read != kNone && reads[r].list.size() <= order.longest.size()) continue;
    order.longest = reads[r].list;
    order.longest_read = r;
  }
  std::size_t total = 0;
  for (const ListOrder& order : orders) total += order.longest.size();
  places_ = FlatMap(total);
  for (NameId key = 0; key < orders.size(); ++key) {
    ListOrder& order = orders[key];
    order.order.reserve(order.longest.size());
    for (const ValueId value : order.longest) {
      const auto place = static_cast<std::uint32_t>(order.order.size());
      if (places_.try_emplace(pair_key(key, value), place) != place) {
        order.flawed = true;  // an element twice: the first place counts
        continue;
      }
      order.order.push_back(value);
      const std::uint32_t a = append_of(key, value);
      if (a == kNone || txns[appends[a].txn].outcome == Outcome::failed) order.flawed = true;
      if (a != kNone) appends[a].read = true;
    }
  }
  for (std::uint32_t a = 0; a < appends.size(); ++a) {
    if (!appends[a].read && txns[appends[a].txn].committed)
      orders[appends[a].key].unread.push_back(a);
  }
}

bool ListIndex::fits(const ListRead& read) const {
  const auto& longest = orders[read.key].longest;
  return read.list.size() <= longest.size() &&
         std::equal(read.list.begin(), read.list.end(), longest.begin());
}

}  // namespace weir::analysis
