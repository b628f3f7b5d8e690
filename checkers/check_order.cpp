// Order of appends: of each producer within a partition, and of all in real time.
//
// A producer's records keep the order of its sends when it is idempotent, has one request in flight
// or does not retry; otherwise a reordering is a note. (One request in flight does not help where
// what was acknowledged may be lost: an earlier attempt of it may be stored after what came next.)
// A producer is a session (id and epoch) where the history tells it, else a process. A partition is
// a linearizable append-only log: an append that was acknowledged before another was begun lies
// before it. A send that nobody knows about may still land at any later time, so it is never "too
// late".
//
// Where a log was read back, it tells the places, and the sessions too: within one, sequences keep
// whatever was sent in order, acknowledged or not.
#include <algorithm>
#include <map>

#include "checkers/flat_map.h"
#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Order {
  const LogIndex& index;
  Report& report;

  // Dense numbers of producers: sessions first, then processes.
  std::vector<std::uint32_t> sessions;  // per context; kNone: no session is told
  std::map<std::pair<std::int64_t, std::int64_t>, std::uint32_t> session_ids = {};
  FlatMap process_ids{0};
  std::uint32_t producers = 0;

  std::vector<std::uint32_t> told_sessions = {};  // as the logs tell them

  FlatMap last{0};  // (producer, log) -> its last located send
  std::uint32_t pending = 0;

  void number_sessions() {
    for (const OpContext& c : index.history.contexts) {
      if (!c.has_producer || c.producer_id < 0) {
        sessions.push_back(kNone);
        continue;
      }
      const auto [it, fresh] =
          session_ids.try_emplace({c.producer_id, c.producer_epoch}, producers);
      producers += fresh;
      sessions.push_back(it->second);
    }
    if (!index.read_back()) return;
    for (std::size_t i = 0; i < index.history.truth->sessions.size(); ++i) {
      told_sessions.push_back(producers++);
    }
  }

  // The number of the session that stored it, or kNone.
  [[nodiscard]] std::uint32_t told_session(const Send& send) const {
    const Identity& i = index.identities[send.identity];
    if (i.stored == 0) return kNone;
    const std::int32_t session = index.logs[send.log].stored[i.first_stored].session;
    return session < 0 ? kNone : told_sessions[static_cast<std::size_t>(session)];
  }

  [[nodiscard]] const HistoryOp& op_of(const Send& send) const {
    return index.history.ops[send.completed != kNoOperation ? send.completed : send.invoked];
  }

  std::uint32_t producer_of(const Send& send) {
    if (const std::uint32_t session = told_session(send); session != kNone) return session;
    for (const std::uint32_t op : {send.completed, send.invoked}) {
      if (op == kNoOperation) continue;
      const std::uint32_t session = sessions[index.history.ops[op].context];
      if (session != kNone) return session;
    }
    const auto process = static_cast<std::uint64_t>(op_of(send).process);
    const std::uint32_t id = process_ids.try_emplace(process, producers);
    producers += id == producers;
    return id;
  }

  void producers_order() {
    number_sessions();
    for (std::uint32_t s = 0; s < index.sends.size(); ++s) {
      const Send& send = index.sends[s];
      const std::int64_t offset = index.location_of(send);
      if (offset == kNoOffset) continue;
      // It may have landed late for all one knows, and says nothing of those behind it.
      const bool in_session = told_session(send) != kNone;
      if (index.read_back() && !in_session && send.outcome != Outcome::ok) continue;
      const std::uint64_t key = pair_key(producer_of(send), send.log);
      const std::uint32_t before = last.find(key);
      if (before != kNone) {
        report.examined().ordered += ordered(index.sends[before], send);
        compare(index.sends[before], send, offset);
      }
      last.set(key, s);
    }
  }

  // Whether its producer was promised the order of these two. One request in flight at a time keeps
  // it only while what was acknowledged stays.
  [[nodiscard]] bool ordered(const Send& before, const Send& send) const {
    const ClientTraits& client = index.client_of(send);
    if (index.read_back() && index.history.truth->claimed("order.partition")) return true;
    if (!client.ordered()) return false;
    if (client.idempotence || !index.read_back()) return true;
    return is_the_acknowledged(before, index.location_of(before));
  }

  // Whether the record that lies there is the one that was acknowledged. What a leader alone
  // acknowledged may be lost with it, and an earlier attempt of the same send land late.
  [[nodiscard]] bool is_the_acknowledged(const Send& send, std::int64_t lies_at) const {
    if (!index.read_back()) return send.offset == kNoOffset || send.offset == lies_at;
    const TopicTruth* topic = index.logs[send.log].topic;
    const bool by_all = index.client_of(send).acks == AckLevel::all;
    if (by_all) return topic == nullptr || topic->survives;
    return !index.history.truth->loss_allowed;
  }

  // Whether an attempt of it may have been stored before the first that lies there now, and been
  // removed since.
  [[nodiscard]] bool may_have_lain_earlier(const Send& send) const {
    if (!index.read_back() || index.client_of(send).idempotence) return false;
    const Log& log = index.logs[send.log];
    const bool compacted = log.topic != nullptr && log.topic->compacted;
    return compacted || log.start > 0;
  }

  void compare(const Send& before, const Send& send, std::int64_t offset) {
    const std::int64_t earlier = index.location_of(before);
    const bool one_op = before.invoked == send.invoked && before.completed == send.completed;
    if (offset > earlier) {
      if (one_op) foreign_between(before, send, earlier, offset);
      return;
    }
    if (offset == earlier) return;  // two values at one offset: another finding
    if (may_have_lain_earlier(before)) return;
    // Without acknowledgements a send is done when it is on its way, and may land late.
    const bool told = index.client_of(send).acks != AckLevel::none;
    const bool before_done = told && before.completed != kNoOperation &&
                             send.invoked != kNoOperation && before.completed < send.invoked &&
                             is_the_acknowledged(before, earlier);
    if (!one_op && !index.read_back()) {
      // What nobody knows about may land late; it keeps no order with what was sent after it.
      if (before.outcome != Outcome::ok || !told) return;
    }
    const FindingKind kind =
        one_op ? FindingKind::int_nonmonotonic_send : FindingKind::nonmonotonic_send;
    const bool allowed = !ordered(before, send) && (one_op || !before_done);
    if (!(allowed ? report.room_for_note(kind) : report.room(kind))) return;
    const Log& log = index.logs[send.log];
    FindingBuilder f(index, kind, send.log);
    f.with_values("values", {before.value, send.value});
    f.with("delta", static_cast<std::int64_t>(log.rank_below(offset)) -
                        static_cast<std::int64_t>(log.rank_below(earlier)));
    f.with_numbers("offsets", {earlier, offset});
    const std::uint32_t op = send.completed != kNoOperation ? send.completed : send.invoked;
    if (one_op) {
      f.with_op("op", op);
    } else {
      f.with_ops({before.completed, op});
    }
    f.because("one producer sent " + index.value_text(before.value).json + " before " +
              index.value_text(send.value).json + " to " +
              std::string(index.history.name(log.key)) + ", but they lie at offsets " +
              std::to_string(earlier) + " and " + std::to_string(offset) +
              (allowed ? " (allowed: retries without idempotence)" : ""));
    allowed ? report.note(f) : report.add(f);
  }

  // Records of others between two sends of one operation: Kafka does not isolate writes.
  void foreign_between(const Send& before, const Send& send, std::int64_t low, std::int64_t high) {
    const Log& log = index.logs[send.log];
    const std::uint32_t from = log.rank_below(low), to = log.rank_below(high);
    if (to - from < 2) return;
    std::vector<ValueId> skipped;
    for (std::uint32_t p = log.first[from + 1]; p < log.first[to] && skipped.size() < kMaxListed;
         ++p) {
      const Identity& i = index.identities[log.points[p].identity];
      const bool own = i.first_send != kNone && index.sends[i.first_send].invoked == send.invoked;
      if (!own) skipped.push_back(log.points[p].value);
    }
    if (skipped.empty() || !report.room_for_note(FindingKind::int_send_skip)) return;
    FindingBuilder f(index, FindingKind::int_send_skip, send.log);
    f.with_values("values", {before.value, send.value}).with_values("skipped", skipped);
    f.with("delta", to - from);
    f.with_op("op", send.completed != kNoOperation ? send.completed : send.invoked);
    f.because("between two sends of one operation to " + std::string(index.history.name(log.key)) +
              " lie " + std::to_string(skipped.size()) + " records of others (allowed)");
    report.note(f);
  }

  void realtime() {
    struct Highest {
      std::int64_t offset = kNoOffset;
      std::uint32_t send = kNone;
    };
    std::vector<Highest> acked(index.logs.size());
    for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) {
      const bool invocation = index.history.ops[i].type == OpType::invoke;
      for (std::uint32_t s = index.first_send[i]; s < index.sends.size(); ++s) {
        const Send& send = index.sends[s];
        if ((invocation ? send.invoked : send.completed) != i) break;
        const std::int64_t offset = index.location_of(send);
        if (offset == kNoOffset) continue;
        Highest& highest = acked[send.log];
        if (invocation) {
          if (offset < highest.offset)
            too_low(index.sends[highest.send], highest.offset, send, offset);
        } else if (send.acknowledged && !send.lost && offset > highest.offset) {
          highest = {offset, s};
        }
      }
    }
  }

  void too_low(const Send& before, std::int64_t earlier, const Send& send, std::int64_t offset) {
    const bool allowed = index.read_back() && index.history.truth->loss_allowed;
    const FindingKind kind = FindingKind::realtime_append_order;
    if (!(allowed ? report.room_for_note(kind) : report.room(kind))) return;
    FindingBuilder f(index, kind, send.log);
    f.with_values("values", {before.value, send.value});
    f.with_numbers("offsets", {earlier, offset}).with_ops({before.completed, send.invoked});
    f.because(record_text(index, send.log, before.value) + " was acknowledged (" +
              op_text(index, before.completed) + ") before " + index.value_text(send.value).json +
              " was begun (" + op_text(index, send.invoked) + "), but lies behind it: offsets " +
              std::to_string(earlier) + " and " + std::to_string(offset) +
              (allowed ? " (allowed: what came first may be lost)" : ""));
    allowed ? report.note(f) : report.add(f);
  }
};

}  // namespace

void check_order(const LogIndex& index, Report& report) {
  Order order{index, report, {}};
  order.producers_order();
  order.realtime();
}

}  // namespace weir::analysis
