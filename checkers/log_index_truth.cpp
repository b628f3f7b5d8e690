// LogIndex: what must have committed, which acknowledged offsets count, and what may be missing.
#include <algorithm>

#include "checkers/flat_map.h"
#include "checkers/log_index.h"

namespace weir::analysis {

// ok has happened; of an operation that nobody knows about, one record that was read proves the
// whole (its sends are atomic in a transaction, and told together otherwise).
void LogIndex::settle_commits() {
  std::vector<bool> op_seen(history.ops.size(), false);
  std::vector<bool> transaction_seen(transactions.size(), false);
  const auto op_of = [](const Send& send) {
    return send.completed != kNoOperation ? send.completed : send.invoked;
  };
  if (history.config.values_unique) {
    for (const Send& send : sends) {
      const Identity& i = identities[send.identity];
      // A value sent twice does not tell which of its sends was read.
      if (i.first_ok_poll == kNoOperation || i.sends - i.failed_sends != 1) continue;
      if (send.outcome == Outcome::failed) continue;
      if (send.transaction == kNone) {
        op_seen[op_of(send)] = true;
      } else if (!transactions[send.transaction].never_committed()) {
        transaction_seen[send.transaction] = true;
      }
    }
  }
  for (Send& send : sends) {
    const bool seen =
        send.transaction == kNone ? op_seen[op_of(send)] : transaction_seen[send.transaction];
    send.committed = send.outcome == Outcome::ok || (send.outcome == Outcome::unknown && seen);
  }
}

bool LogIndex::has_other_value(const Log& log, std::int64_t offset, ValueId value) const {
  auto it = std::lower_bound(log.points.begin(), log.points.end(), offset,
                             [](const Point& p, std::int64_t o) { return p.offset < o; });
  for (; it != log.points.end() && it->offset == offset; ++it) {
    if (it->value != value) return true;
  }
  return false;
}

bool LogIndex::cut_off(const Send& send) const {
  const LogTruth& truth = logs[send.log].truth;
  if (truth.end == kNoOffset || send.offset < truth.end || send.lied) return false;
  if (send.completed == kNoOperation || send.completed >= truth.op) return false;
  // Within a transaction of unknown outcome, too: its append was acknowledged.
  return send.committed && history.ops[send.completed].type == OpType::ok &&
         client_of(send).acks != AckLevel::none;
}

// An acknowledgement lied about the offset when every poll shows the record elsewhere, and at the
// acknowledged offset lies another record, or a full read of the log shows nothing there.
void LogIndex::judge_acknowledged_offsets() {
  if (!history.config.values_unique) return;
  for (Send& send : sends) {
    if (!send.committed || send.offset == kNoOffset) continue;
    const Identity& i = identities[send.identity];
    if (i.polled_points == 0 || i.sends - i.failed_sends != 1) continue;
    const Log& log = logs[send.log];
    auto it = std::lower_bound(log.points.begin(), log.points.end(), send.offset,
                               [](const Point& p, std::int64_t o) { return p.offset < o; });
    bool here = false, other = false;
    for (; it != log.points.end() && it->offset == send.offset; ++it) {
      here |= it->value == send.value;
      other |= it->value != send.value;
    }
    const bool empty = history.config.final_drain && history.complete && !other &&
                       send.offset < log.max_read && send.outcome == Outcome::ok;
    send.lied = !here && (other || empty);
  }
}

void LogIndex::add_acknowledged_points() {
  std::vector<std::vector<Point>> fresh(logs.size());
  for (const Send& send : sends) {
    if (!send.committed || send.lied || send.offset == kNoOffset) continue;
    Point point;
    point.offset = send.offset;
    point.value = send.value;
    point.identity = send.identity;
    point.first_op = send.completed;
    point.acked = true;
    fresh[send.log].push_back(point);
  }
  const auto order = [](const Point& a, const Point& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.value < b.value;
  };
  for (std::uint32_t l = 0; l < logs.size(); ++l) {
    Log& log = logs[l];
    // Equal points are folded into one below, so their order among each other is no matter.
    std::sort(fresh[l].begin(), fresh[l].end(), order);
    std::vector<Point> merged;
    merged.reserve(log.points.size() + fresh[l].size());
    std::merge(log.points.begin(), log.points.end(), fresh[l].begin(), fresh[l].end(),
               std::back_inserter(merged), order);
    fresh[l] = {};
    log.points.clear();
    for (const Point& point : merged) {
      if (log.points.empty() || order(log.points.back(), point)) {
        log.points.push_back(point);
      } else {
        log.points.back().acked |= point.acked;
        log.points.back().first_op = std::min(log.points.back().first_op, point.first_op);
      }
    }
  }
}

void LogIndex::link_points() {
  std::vector<std::uint32_t> last(identities.size(), kNone);
  for (Log& log : logs) {
    for (std::uint32_t p = 0; p < log.points.size(); ++p) {
      Point& point = log.points[p];
      if (log.offsets.empty() || log.offsets.back() != point.offset) {
        log.offsets.push_back(point.offset);
        log.first.push_back(p);
      }
      Identity& i = identities[point.identity];
      if (i.first_point == kNone) {
        i.first_point = p;
      } else {
        log.points[last[point.identity]].next = p;
      }
      last[point.identity] = p;
      ++i.points;
    }
    log.first.push_back(static_cast<std::uint32_t>(log.points.size()));
  }
}

void LogIndex::find_ground_truth() {
  for (Log& log : logs) {
    if (log.told != nullptr) log.start = log.told->start;
  }
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    const std::uint32_t end = op.type == OpType::invoke ? partner[i] : i;
    const bool failed = end != kNoOperation && history.ops[end].type == OpType::fail;
    const bool deleted = op.function == OpFunction::delete_records && !failed;
    if (op.function != OpFunction::log && op.function != OpFunction::offset_reset && !deleted) {
      continue;
    }
    for (const HistoryItem& item : history.items_of(op)) {
      const std::uint32_t l = log_at(item.key, i);
      if (l == kNone) continue;
      Log& log = logs[l];
      const std::int64_t* n = item.meta == kNoMeta ? nullptr : &history.numbers[item.meta];
      std::int64_t start = kNoOffset;
      if (item.kind == ItemKind::reset) {
        // A reset forward to the log's start says that what lies between is gone; but where the
        // run itself told where its logs begin, no answer is believed.
        if (log.told == nullptr && n[1] == 1 && item.offset > n[0]) start = item.offset;
      } else if (item.kind == ItemKind::log) {
        start = n[0];
        log.start_known = log.start_known || start != kNoOffset;
        log.truth.op = i;
        log.truth.end = n[3];
        log.truth.readable_end = n[1];
        const bool open = n[2] != kNoOffset && (n[1] == kNoOffset || n[2] < n[1]);
        if (open) log.truth.readable_end = n[2];
        log.truth.stable_end = open && n[1] != kNoOffset ? n[2] : kNoOffset;
        log.truth.markers_known = n[4] >= 0;
        log.truth.markers.assign(n + 5, n + 5 + std::max<std::int64_t>(n[4], 0));
        std::sort(log.truth.markers.begin(), log.truth.markers.end());
      } else if (deleted) {
        start = item.offset;
      }
      log.start = std::max(log.start, start);
    }
  }
}

}  // namespace weir::analysis
