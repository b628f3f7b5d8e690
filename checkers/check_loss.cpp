// Loss: committed records that readers passed over, or that a full read did not find.
//
// lost-write: committed at an offset at or below one that an ok poll read from the same log, and
// seen by no poll of whatever outcome. unseen: acknowledged, and absent after a full read of every
// partition; absence is evidence only then. A log that ends at or below an acknowledged offset has
// lost its tail, whether anybody read it or not. What cleanup removed on purpose is not lost.
//
// Where the logs themselves were read back, they say what is lost: an acknowledged record that one
// of those that must hold it lacks at its offset; what no promise covers is a note. vanished-read:
// a record that was read lay below a watermark, and must stay where it was read.
#include <algorithm>

#include "checkers/report.h"

namespace weir::analysis {
namespace {

// Where read_committed readers stop for ever: at a transaction that nobody has asked to end. What
// lies behind it is absent from a full read, too, and that is no evidence.
struct HeldBack {
  struct Open {
    std::int64_t offset = kMaxOffset;      // the lowest known place of such a record
    std::uint32_t invoked = kNoOperation;  // the first send whose place nobody knows
    bool told = false;
  };
  const LogIndex& index;
  std::vector<Open> logs{index.logs.size()};
  std::uint32_t last_poll = kNoOperation;

  explicit HeldBack(const LogIndex& of) : index(of) {
    if (index.history.config.isolation != Isolation::read_committed) return;
    for (std::uint32_t i = 0; i < index.history.ops.size(); ++i) {
      if (LogIndex::polls(index.history.ops[i])) last_poll = i;
    }
    for (const Send& send : index.sends) {
      if (send.transaction == kNone || send.outcome != Outcome::unknown) continue;
      const Transaction& t = index.transactions[send.transaction];
      if (!t.never_committed() || t.aborting != kNoOperation) continue;
      Open& open = logs[send.log];
      if (send.offset != kNoOffset) {
        open.offset = std::min(open.offset, send.offset);
      } else {
        open.invoked = std::min(open.invoked, send.invoked);
      }
    }
  }

  [[nodiscard]] bool hides(const Send& send) const {
    const Open& open = logs[send.log];
    const LogTruth& truth = index.logs[send.log].truth;
    // What is told of the last stable offset before the last poll may have been over by then.
    const bool told = truth.stable_end != kNoOffset && last_poll != kNoOperation &&
                      truth.op > std::max(send.completed, last_poll);
    if (send.offset == kNoOffset) return open.offset != kMaxOffset || open.invoked < send.completed;
    return send.offset > open.offset || open.invoked < send.completed ||
           (told && send.offset >= truth.stable_end);
  }
};

// By the scenario, whatever is configured.
bool is_claimed(const std::optional<RunTruth>& truth) {
  return truth && (truth->claimed("durability.acked") || truth->claimed("delivery.at-least-once") ||
                   truth->claimed("delivery.exactly-once"));
}

struct Loss {
  LogIndex& index;
  Report& report;
  const bool claimed = is_claimed(index.history.truth);
  HeldBack held_back{index};
  // Per log: what was removed before anybody read it, and what acks=0 promised nobody.
  std::vector<std::vector<ValueId>> retired{index.logs.size()};
  std::vector<std::vector<ValueId>> unpromised{index.logs.size()};

  [[nodiscard]] const Point* point_of(const Send& send) const {
    const Log& log = index.logs[send.log];
    std::uint32_t p = index.identities[send.identity].first_point;
    for (; p != kNone; p = log.points[p].next) {
      if (send.offset == kNoOffset || log.points[p].offset == send.offset) return &log.points[p];
    }
    return nullptr;
  }

  [[nodiscard]] bool seen(const Send& send, const Point* point) const {
    if (index.history.config.values_unique)
      return index.identities[send.identity].polled_points > 0;
    return point != nullptr && point->polled;
  }

  void lost(Send& send) {
    send.lost = true;
    if (!report.room(FindingKind::lost_write)) return;
    const Log& log = index.logs[send.log];
    FindingBuilder f(index, FindingKind::lost_write, send.log);
    f.with_value("value", send.value).with("offset", send.offset);
    f.with("index", log.rank_below(send.offset));
    const bool cut = index.cut_off(send);
    const Passage* passage = log.passed(send.offset);
    if (!cut) f.with("max_read_index", log.rank_below(passage->to));
    f.with_op("writer", send.completed);
    cut ? f.with("end", log.truth.end).with_op("log", log.truth.op)
        : f.with_op("max_read", passage->op);
    f.because(cut ? record_text(index, send.log, send.value) + " was acknowledged at offset " +
                        std::to_string(send.offset) + " (" + op_text(index, send.completed) +
                        "), but the log ends at " + std::to_string(log.truth.end) + " (" +
                        op_text(index, log.truth.op) + ")"
                  : record_text(index, send.log, send.value) + " was " +
                        (send.acknowledged ? "acknowledged" : "committed") + " at offset " +
                        std::to_string(send.offset) + " (" + op_text(index, send.completed) +
                        "); " + op_text(index, passage->op) + " read up to offset " +
                        std::to_string(passage->to) + ", and no poll ever saw it");
    report.add(f);
  }

  // Of a run that read its logs back.
  void look_for(Send& send) {
    if (send.outcome != Outcome::ok) return;
    const Log& log = index.logs[send.log];
    Examined& n = report.examined();
    if (!send.acknowledged) {
      ++n.unconfirmed;
      if (index.lies_anywhere(send.log, send.value)) return;
      ++n.unconfirmed_missing;
      claimed ? absent(send, {true, nullptr}, true) : unpromised[send.log].push_back(send.value);
      return;
    }
    ++n.acknowledged;
    const bool promised = claimed || (index.client_of(send).acks == AckLevel::all &&
                                      log.topic != nullptr && log.topic->survives);
    const Identity& identity = index.identities[send.identity];
    if (log.compacted && index.record_key_of(identity) == kNoValue) {
      ++n.compacted;
      return;
    }
    n.promised += promised;
    if (send.offset != kNoOffset && send.offset < log.start) {
      ++n.retired;
      if (!seen(send, nullptr)) retired[send.log].push_back(send.value);
      return;
    }
    Lack lack = index.find_lack(send.log, send.value, send.offset);
    if (lack.lacking && log.compacted) {
      lack = index.find_lack_of_key(identity, send.offset);
      if (!lack.lacking) {
        ++n.superseded;
        return;
      }
    }
    if (lack.lacking) {
      absent(send, lack, promised);
    } else if (index.history.config.final_drain && !seen(send, nullptr)) {
      unseen(send);
    }
  }

  void absent(Send& send, const Lack& lack, bool promised) {
    send.lost = true;
    const FindingKind kind = FindingKind::lost_write;
    if (!(promised ? report.room(kind) : report.room_for_note(kind))) return;
    FindingBuilder f(index, kind, send.log);
    f.with_value("value", send.value).with("offset", send.offset).with_op("writer", send.completed);
    const bool of_a_key = send.acknowledged && index.logs[send.log].compacted;
    if (of_a_key) {
      f.with_value("record_key", index.record_key_of(index.identities[send.identity]));
    }
    std::string where = "on no log";
    if (lack.replica != nullptr) {
      f.with_text("replica", lack.replica->node);
      const std::int64_t elsewhere = index.offset_in(send.log, *lack.replica, send.value);
      if (elsewhere != kNoOffset) f.with("elsewhere", elsewhere);
      where = "not there in the log of " + lack.replica->node +
              (elsewhere == kNoOffset ? "" : ", but at offset " + std::to_string(elsewhere)) +
              (lack.replica->damage.empty() ? "" : " (damaged: " + lack.replica->damage + ")");
      if (!lack.replica->damage.empty()) f.with_text("damage", lack.replica->damage);
    }
    const Log& log = index.logs[send.log];
    const bool passed = send.offset != kNoOffset && send.offset <= log.max_read;
    if (passed && !seen(send, nullptr)) f.with_op("max_read", log.max_read_op);
    f.because(record_text(index, send.log, send.value) +
              (send.acknowledged ? " was acknowledged" : " was sent") +
              (send.offset == kNoOffset ? "" : " at offset " + std::to_string(send.offset)) + " (" +
              op_text(index, send.completed) + "), and at the end it is " + where +
              (of_a_key ? ", nor is anything newer of its key" : "") +
              (promised ? "" : " (allowed: no whole copy was promised)"));
    promised ? report.add(f) : report.note(f);
  }

  void vanished(const Identity& i) {
    const Log& log = index.logs[i.log];
    if (i.sends == 0 || i.failed_sends == i.sends || log.topic == nullptr) return;
    if (!log.topic->survives || (log.compacted && index.record_key_of(i) == kNoValue)) return;
    std::uint32_t p = i.first_point;
    while (p != kNone && (!log.points[p].polled || log.points[p].first_op != i.first_poll)) {
      p = log.points[p].next;
    }
    if (p == kNone || log.points[p].offset < log.start) return;
    Lack lack = index.find_lack(i.log, i.value, log.points[p].offset);
    if (lack.lacking && log.compacted) lack = index.find_lack_of_key(i, log.points[p].offset);
    if (!lack.lacking || !report.room(FindingKind::vanished_read)) return;
    const std::string at = std::to_string(log.points[p].offset);
    FindingBuilder f(index, FindingKind::vanished_read, i.log);
    f.with_value("value", i.value).with("offset", log.points[p].offset);
    f.with_op("reader", i.first_poll);
    if (lack.replica != nullptr) f.with_text("replica", lack.replica->node);
    f.because(record_text(index, i.log, i.value) + " was read at offset " + at + " (" +
              op_text(index, i.first_poll) + "), and at the end it is not there in " +
              (lack.replica == nullptr ? "any log" : "the log of " + lack.replica->node));
    report.add(f);
  }

  void unseen(const Send& send) {
    if (!report.room(FindingKind::unseen)) return;
    FindingBuilder f(index, FindingKind::unseen, send.log);
    f.with_value("value", send.value);
    if (send.offset != kNoOffset) f.with("offset", send.offset);
    f.with_op("writer", send.completed);
    f.because(record_text(index, send.log, send.value) + " was acknowledged (" +
              op_text(index, send.completed) + "), and the full read at the end did not find it");
    report.add(f);
  }
  // Of a history that clients alone tell.
  void look_among_reads(Send& send) {
    if (!send.committed || send.elsewhere) return;
    const HistoryConfig& config = index.history.config;
    const bool drained = config.final_drain && index.history.complete;
    const Point* point = point_of(send);
    if (seen(send, point)) return;
    // With acks=0 nobody was promised anything.
    if (send.outcome == Outcome::ok && !send.acknowledged) {
      if (drained) unpromised[send.log].push_back(send.value);
      return;
    }
    const Log& log = index.logs[send.log];
    if (point != nullptr && point->optional) {
      if (point->offset < log.start) retired[send.log].push_back(send.value);
      return;
    }
    // Below the start for all that is known, or superseded before anyone could locate it.
    if (send.offset == kNoOffset && (log.start > 0 || log.compacted)) return;
    const bool placed = send.offset != kNoOffset && !send.lied;
    if (placed && (log.passed(send.offset) != nullptr || index.cut_off(send))) {
      lost(send);
    } else if (drained && send.acknowledged) {
      held_back.hides(send) ? hidden(send) : unseen(send);
    }
  }

  void hidden(const Send& send) {
    bool& told = held_back.logs[send.log].told;
    if (told) return;
    told = true;
    report.unknown("whether " + record_text(index, send.log, send.value) +
                   " is there (read_committed readers stop at a transaction that was left open)");
  }

  void tell_what_is_allowed() {
    for (std::uint32_t l = 0; l < unpromised.size(); ++l) {
      const auto count = static_cast<std::int64_t>(unpromised[l].size());
      if (count == 0 || !report.room_for_note(FindingKind::unacknowledged_missing)) continue;
      FindingBuilder f(index, FindingKind::unacknowledged_missing, l);
      f.with("count", count).with_values("values", unpromised[l]);
      f.because(std::to_string(count) + " records sent with acks=0 are not there (allowed)");
      report.note(f);
    }
    for (std::uint32_t l = 0; l < retired.size(); ++l) {
      if (retired[l].empty() || !report.room_for_note(FindingKind::missed_by_retention)) continue;
      const auto count = static_cast<std::int64_t>(retired[l].size());
      const std::int64_t start = index.logs[l].start;
      FindingBuilder f(index, FindingKind::missed_by_retention, l);
      f.with("count", count).with_values("values", retired[l]).with("log_start", start);
      f.because(std::to_string(count) + " acknowledged records below the log's start " +
                std::to_string(start) + " were removed before anybody read them");
      report.note(f);
    }
  }
};

}  // namespace

void check_loss(LogIndex& index, Report& report) {
  Loss loss{index, report};
  for (Send& send : index.sends) {
    index.read_back() ? loss.look_for(send) : loss.look_among_reads(send);
  }
  if (index.read_back()) {
    for (const Identity& identity : index.identities) {
      if (identity.polled_points > 0) loss.vanished(identity);
    }
  }
  loss.tell_what_is_allowed();
}

}  // namespace weir::analysis
