// Offsets: one record at two of them, two records at one, acknowledgements that lie, epochs.
//
// Reading one offset twice is no duplicate. Offsets of sends that failed or may have failed prove
// nothing: that place is free for others. Along a log the leader epoch never decreases (KIP-101).
// Where a log was read back it tells what is a duplicate; that of a producer without idempotence is
// a note then. Where a loss is allowed, offsets are given out anew: two records at one are a note.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Offsets {
  const LogIndex& index;
  Report& report;

  // Sends that may each lie in the log once, and how many of them are the application's retries. An
  // attempt with the sequence number of another is the same send.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> count_sends(const Identity& identity,
                                                                    bool aborted_shown) const {
    std::uint32_t sent = 0, resent = 0;
    std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> attempts;
    for (std::uint32_t s = identity.first_send; s != kNone; s = index.sends[s].next) {
      const Send& send = index.sends[s];
      if (send.outcome == Outcome::failed && !aborted_shown) continue;
      const HistoryOp& op =
          index.history.ops[send.invoked != kNoOperation ? send.invoked : send.completed];
      const OpContext& c = index.history.context_of(op);
      const std::int64_t sequence =
          send.meta == kNoMeta ? -1 : index.history.metas[send.meta].sequence;
      if (sequence >= 0 && c.producer_id >= 0 &&
          !attempts.emplace(c.producer_id, c.producer_epoch, sequence).second) {
        continue;
      }
      ++sent;
      resent += op.retry;
    }
    return {sent, resent};
  }

  void duplicates() {
    std::vector<std::int64_t> offsets;
    for (const Identity& identity : index.identities) {
      if (identity.points < 2) continue;
      const Log& log = index.logs[identity.log];
      offsets.clear();
      for (std::uint32_t p = identity.first_point; p != kNone; p = log.points[p].next) {
        offsets.push_back(log.points[p].offset);
      }
      // An attempt that was aborted may lie in the log beside the one that was not.
      const bool aborted_shown = index.history.config.isolation == Isolation::read_uncommitted;
      for (std::uint32_t s = identity.first_send; s != kNone; s = index.sends[s].next) {
        if (index.sends[s].outcome == Outcome::failed) std::erase(offsets, index.sends[s].offset);
      }
      const auto [sent, resent] = count_sends(identity, aborted_shown);
      const bool resend = offsets.size() <= std::max(sent, 1u);
      // What the application itself sent again is no duplicate of the log.
      if (resend && (resent == 0 || offsets.size() < 2)) continue;
      if (!(resend ? report.room_for_note(FindingKind::duplicate)
                   : report.room(FindingKind::duplicate))) {
        continue;
      }
      FindingBuilder f(index, FindingKind::duplicate, identity.log);
      f.with_value("value", identity.value);
      f.with("count", static_cast<std::int64_t>(offsets.size()));
      std::string list;
      for (std::size_t i = 0; i < std::min(offsets.size(), kMaxListed); ++i) {
        list += (i == 0 ? "" : ", ") + std::to_string(offsets[i]);
      }
      std::vector<std::uint32_t> ops;
      for (std::uint32_t p = identity.first_point; p != kNone; p = log.points[p].next) {
        ops.push_back(log.points[p].first_op);
      }
      f.with_numbers("offsets", offsets).with_ops(ops);
      if (identity.first_send != kNone) {
        const Send& send = index.sends[identity.first_send];
        f.with_op("writer", send.completed != kNoOperation ? send.completed : send.invoked);
      }
      f.because(record_text(index, identity.log, identity.value) + " was sent " +
                (sent < 2 ? std::string("once") : std::to_string(sent) + " times") +
                " and lies at " + std::to_string(offsets.size()) + " offsets: " + list +
                (resend ? " (the application sent it again)" : ""));
      resend ? report.note(f) : report.add(f);
    }
  }

  // In a log that was read back.
  void stored_twice() {
    const RunTruth& truth = *index.history.truth;
    const bool claimed = truth.claimed("dup.idempotent") || truth.claimed("delivery.exactly-once");
    std::vector<std::int64_t> offsets;
    for (std::uint32_t id = 0; id < index.identities.size(); ++id) {
      const Identity& identity = index.identities[id];
      if (identity.stored < 2) continue;
      const bool sent = identity.first_send != kNone;
      const bool promised =
          claimed || (sent && index.client_of(index.sends[identity.first_send]).idempotence);
      const FindingKind kind = FindingKind::duplicate;
      if (!(promised ? report.room(kind) : report.room_for_note(kind))) continue;
      const Log& log = index.logs[identity.log];
      offsets.clear();
      std::string list;
      for (std::uint32_t s = identity.first_stored; s < log.stored.size(); ++s) {
        if (log.stored[s].identity != id) continue;
        offsets.push_back(log.stored[s].offset);
        list += (list.empty() ? "" : ", ") + std::to_string(offsets.back());
      }
      std::sort(offsets.begin(), offsets.end());
      const std::string& node = log.told->replicas.front().node;
      FindingBuilder f(index, kind, identity.log);
      f.with_value("value", identity.value).with("count", identity.stored);
      f.with_numbers("offsets", offsets).with_text("replica", node);
      if (sent) {
        const Send& send = index.sends[identity.first_send];
        std::vector<std::uint32_t> ops{send.invoked, send.completed};
        f.with_ops(ops);
      }
      f.because(record_text(index, identity.log, identity.value) + " was sent once and lies " +
                std::to_string(identity.stored) + " times in the log of " + node + ", at offsets " +
                list + (promised ? "" : " (allowed: no idempotence)"));
      promised ? report.add(f) : report.note(f);
    }
  }

  void inconsistent(std::uint32_t l) {
    const Log& log = index.logs[l];
    const bool allowed = index.read_back() && index.history.truth->loss_allowed;
    const FindingKind kind = FindingKind::inconsistent_offsets;
    for (std::uint32_t rank = 0; rank < log.offsets.size(); ++rank) {
      const std::uint32_t begin = log.first[rank], end = log.first[rank + 1];
      if (end - begin < 2) continue;
      if (!(allowed ? report.room_for_note(kind) : report.room(kind))) continue;
      std::vector<std::uint32_t> points;
      for (std::uint32_t p = begin; p < end; ++p) points.push_back(p);
      std::sort(points.begin(), points.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::pair(log.points[a].first_op, a) < std::pair(log.points[b].first_op, b);
      });
      std::vector<ValueId> values;
      std::vector<std::uint32_t> ops;
      std::string list;
      for (const std::uint32_t p : points) {
        values.push_back(log.points[p].value);
        ops.push_back(log.points[p].first_op);
        if (values.size() <= kMaxListed) {
          list += (list.empty() ? "" : ", ") + index.value_text(log.points[p].value).json + " (" +
                  op_text(index, log.points[p].first_op) + ")";
        }
      }
      FindingBuilder f(index, kind, l);
      f.with("offset", log.offsets[rank]).with("index", rank).with_values("values", values);
      f.with_ops(ops);
      f.because("offset " + std::to_string(log.offsets[rank]) + " of " +
                std::string(index.history.name(log.key)) + " holds " +
                std::to_string(values.size()) + " records: " + list +
                (allowed ? " (allowed: what came first may be lost)" : ""));
      allowed ? report.note(f) : report.add(f);
    }
  }

  void mismatches() {
    for (const Send& send : index.sends) {
      if (!send.lied || !report.room(FindingKind::ack_offset_mismatch)) continue;
      const Identity& identity = index.identities[send.identity];
      const Point& point = index.logs[send.log].points[identity.first_point];
      FindingBuilder f(index, FindingKind::ack_offset_mismatch, send.log);
      f.with_value("value", send.value).with("acked", send.offset).with("polled", point.offset);
      f.with("offset", send.offset);
      f.with_op("writer", send.completed).with_op("reader", identity.first_poll);
      f.because(record_text(index, send.log, send.value) + " was acknowledged at offset " +
                std::to_string(send.offset) + " (" + op_text(index, send.completed) +
                "), which is not its place: " + op_text(index, identity.first_poll) +
                " read it at offset " + std::to_string(point.offset));
      report.add(f);
    }
  }

  void epochs(std::uint32_t l) {
    const Log& log = index.logs[l];
    const Point* before = nullptr;  // at the offset before; of several records there, the newest
    const Point* here = nullptr;
    for (const Point& point : log.points) {
      if (point.epoch < 0) continue;
      if (here != nullptr && here->offset < point.offset) before = std::exchange(here, nullptr);
      if (before != nullptr && point.epoch < before->epoch &&
          report.room(FindingKind::leader_epoch_regression)) {
        FindingBuilder f(index, FindingKind::leader_epoch_regression, l);
        f.with_numbers("offsets", {before->offset, point.offset});
        f.with_numbers("epochs", {before->epoch, point.epoch});
        f.with_ops({before->first_op, point.first_op});
        f.because("in " + std::string(index.history.name(log.key)) + " a record of leader epoch " +
                  std::to_string(point.epoch) + " at offset " + std::to_string(point.offset) +
                  " lies behind one of epoch " + std::to_string(before->epoch) + " at offset " +
                  std::to_string(before->offset));
        report.add(f);
      }
      if (here == nullptr || point.epoch > here->epoch) here = &point;
    }
  }
};

}  // namespace

void check_offsets(const LogIndex& index, Report& report) {
  Offsets offsets{index, report};
  index.read_back() ? offsets.stored_twice() : offsets.duplicates();
  offsets.mismatches();
  for (std::uint32_t l = 0; l < index.logs.size(); ++l) {
    offsets.inconsistent(l);
    offsets.epochs(l);
  }
}

}  // namespace weir::analysis
