// Transactions: what readers may not see of them, and what they may not lose.
//
// At read_committed a record may be returned only when its transaction's commit has at least been
// asked for (else dirty-read), and a transaction does not see its own records (precommitted-read).
// A transaction that must have committed is all or nothing: one record seen and another provably
// not there is torn. A partition that becomes visible later than another is not.
#include <algorithm>

#include "checkers/json_tape.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Reading {
  const LogIndex& index;
  Report& report;
  const History& h;

  void op(std::uint32_t i) {
    const std::uint32_t mine = index.transaction_of[i];
    NameId key = kNoName;
    std::uint32_t log = kNone;
    for (const HistoryItem& item : h.items_of(h.ops[i])) {
      if (item.kind != ItemKind::record) continue;
      if (item.key != key) {
        key = item.key;
        log = index.log_at(key, i);
      }
      if (log == kNone || !index.logs[log].transactional) continue;
      const std::uint32_t s = index.send_of(log, item.value);
      if (s == kNone || index.sends[s].transaction == kNone) continue;
      const Send& send = index.sends[s];
      const Transaction& writer = index.transactions[send.transaction];
      if (mine == send.transaction) {
        own(i, item, log, send);
      } else if (!writer.whole && dirty_at(i, writer)) {
        dirty(i, item, log, send);
      }
    }
  }

  // Behind an abort that an ok poll contradicts it is an aborted read.
  [[nodiscard]] bool dirty_at(std::uint32_t i, const Transaction& writer) const {
    if (i < std::min(writer.invoked, writer.aborting)) return true;
    const bool aborted = writer.outcome == Outcome::failed && h.ops[i].type == OpType::ok;
    return writer.never_committed() && !aborted;
  }

  void own(std::uint32_t i, const HistoryItem& item, std::uint32_t log, const Send& send) {
    if (!report.room(FindingKind::precommitted_read)) return;
    FindingBuilder f(index, FindingKind::precommitted_read, log);
    describe(f, i, item, send);
    f.with_op("op", i);
    f.because(op_text(index, i) + " returned " + record_text(index, log, item.value) +
              ", which its own transaction had sent and not committed");
    report.add(f);
  }

  void dirty(std::uint32_t i, const HistoryItem& item, std::uint32_t log, const Send& send) {
    if (!report.room(FindingKind::dirty_read)) return;
    const Transaction& writer = index.transactions[send.transaction];
    FindingBuilder f(index, FindingKind::dirty_read, log);
    describe(f, i, item, send);
    f.with_op("writer", send.completed != kNoOperation ? send.completed : send.invoked);
    f.with_op("reader", i).with_op("commit", writer.invoked);
    f.because(op_text(index, i) + " returned " + record_text(index, log, item.value) + " of " +
              index.transaction_text(send.transaction) +
              (writer.never_committed()
                   ? ", whose commit was never asked for"
                   : " before its commit was asked for (" + op_text(index, writer.invoked) + ")"));
    report.add(f);
  }

  void describe(FindingBuilder& f, std::uint32_t, const HistoryItem& item, const Send& send) {
    f.with_value("value", item.value).with("offset", item.offset);
    if (index.transactions[send.transaction].label != kNoName) {
      f.with_text("txn", index.transaction_text(send.transaction));
    }
  }
};

struct Tearing {
  const LogIndex& index;
  Report& report;

  [[nodiscard]] bool seen(const Send& send) const {
    return index.identities[send.identity].polled_points > 0;
  }

  // Read past, cut off, or not there after a full read.
  [[nodiscard]] bool missing(const Send& send) const {
    const Log& log = index.logs[send.log];
    if (seen(send) || send.elsewhere || send.lied) return false;
    for (std::uint32_t p = index.identities[send.identity].first_point; p != kNone;
         p = log.points[p].next) {
      if (log.points[p].optional) return false;
    }
    if (send.offset == kNoOffset && log.start > 0) return false;
    if (send.offset != kNoOffset && log.passed(send.offset) != nullptr) return true;
    if (index.cut_off(send)) return true;
    return index.history.config.final_drain && index.history.complete && !log.compacted;
  }

  void transaction(std::uint32_t id, const std::vector<std::uint32_t>& sends) {
    std::vector<std::uint32_t> shown, gone;
    for (const std::uint32_t s : sends) {
      if (!index.sends[s].committed || index.identities[index.sends[s].identity].sends != 1)
        continue;
      if (seen(index.sends[s])) shown.push_back(s);
      if (missing(index.sends[s])) gone.push_back(s);
    }
    if (shown.empty() || gone.empty() || !report.room(FindingKind::torn_txn)) return;
    const auto list = [&](const std::vector<std::uint32_t>& which) {
      std::string out = "[";
      for (std::size_t i = 0; i < std::min(which.size(), kMaxListed); ++i) {
        const Send& send = index.sends[which[i]];
        if (i > 0) out += ",";
        out += "[";
        append_json_string(out, index.history.name(index.logs[send.log].key));
        out += "," + index.value_text(send.value).json + "]";
      }
      return out + "]";
    };
    FindingBuilder f(index.history, FindingKind::torn_txn);
    f.with_text("txn", index.transaction_text(id));
    f.with_json("visible", list(shown)).with_json("missing", list(gone));
    const Send& lost = index.sends[gone.front()];
    f.with_ops({index.identities[index.sends[shown.front()].identity].first_poll,
                index.logs[lost.log].max_read_op});
    f.because("transaction " + index.transaction_text(id) + " has committed, for " +
              op_text(index, index.identities[index.sends[shown.front()].identity].first_poll) +
              " read " + list(shown) + " of it, but " + list(gone) +
              " is not there: readers have passed its place");
    report.add(f);
  }
};

}  // namespace

void check_transactions(const LogIndex& index, Report& report) {
  if (index.transactions.empty() || !index.history.config.values_unique) return;
  if (index.history.config.isolation == Isolation::read_committed) {
    Reading reading{index, report, index.history};
    for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) {
      if (LogIndex::polls(index.history.ops[i])) reading.op(i);
    }
  }
  Tearing tearing{index, report};
  std::vector<std::vector<std::uint32_t>> sends(index.transactions.size());
  for (std::uint32_t s = 0; s < index.sends.size(); ++s) {
    if (index.sends[s].transaction != kNone) sends[index.sends[s].transaction].push_back(s);
  }
  for (std::uint32_t t = 0; t < sends.size(); ++t) {
    if (sends[t].size() > 1) tearing.transaction(t, sends[t]);
  }
}

}  // namespace weir::analysis
