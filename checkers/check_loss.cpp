// Loss: committed records that readers passed over, or that a full read did not find.
//
// lost-write: committed at an offset at or below one that an ok poll read from the same log, and
// seen by no poll of whatever outcome. unseen: acknowledged, and absent after a full read of every
// partition; absence is evidence only then. A log that ends at or below an acknowledged offset has
// lost its tail, whether anybody read it or not. What cleanup removed on purpose is not lost.
#include <algorithm>

#include "checkers/report.h"

namespace weir::analysis {
namespace {

struct Loss {
  LogIndex& index;
  Report& report;

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
    const bool cut = cut_off(send);
    if (!cut) f.with("max_read_index", log.rank_below(log.max_read));
    f.with_op("writer", send.completed);
    cut ? f.with("end", log.truth.end).with_op("log", log.truth.op)
        : f.with_op("max_read", log.max_read_op);
    f.because(cut ? record_text(index, send.log, send.value) + " was acknowledged at offset " +
                        std::to_string(send.offset) + " (" + op_text(index, send.completed) +
                        "), but the log ends at " + std::to_string(log.truth.end) + " (" +
                        op_text(index, log.truth.op) + ")"
                  : record_text(index, send.log, send.value) + " was " +
                        (send.acknowledged ? "acknowledged" : "committed") + " at offset " +
                        std::to_string(send.offset) + " (" + op_text(index, send.completed) +
                        "); " + op_text(index, log.max_read_op) + " read up to offset " +
                        std::to_string(log.max_read) + ", and no poll ever saw it");
    report.add(f);
  }

  // The log was cut off below it after it had been acknowledged.
  [[nodiscard]] bool cut_off(const Send& send) const {
    const LogTruth& truth = index.logs[send.log].truth;
    return truth.end != kNoOffset && send.offset >= truth.end && send.acknowledged && !send.lied &&
           send.completed < truth.op;
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
};

}  // namespace

void check_loss(LogIndex& index, Report& report) {
  Loss loss{index, report};
  const HistoryConfig& config = index.history.config;
  const bool drained = config.final_drain && index.history.complete;
  std::vector<std::vector<ValueId>> retired(index.logs.size());
  std::vector<std::vector<ValueId>> unpromised(index.logs.size());
  for (Send& send : index.sends) {
    if (!send.committed || send.elsewhere) continue;
    // With acks=0 nobody was promised anything.
    if (send.outcome == Outcome::ok && !send.acknowledged) {
      if (drained && !loss.seen(send, loss.point_of(send))) {
        unpromised[send.log].push_back(send.value);
      }
      continue;
    }
    const Point* point = loss.point_of(send);
    if (loss.seen(send, point)) continue;
    const Log& log = index.logs[send.log];
    if (point != nullptr && point->optional) {
      if (point->offset < log.start) retired[send.log].push_back(send.value);
      continue;
    }
    // Below the start for all that is known, or superseded before anyone could locate it.
    if (send.offset == kNoOffset && (log.start > 0 || config.compacted)) continue;
    const bool passed = send.offset <= log.max_read || loss.cut_off(send);
    if (send.offset != kNoOffset && !send.lied && passed) {
      loss.lost(send);
    } else if (drained && send.acknowledged) {
      loss.unseen(send);
    }
  }
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
    FindingBuilder f(index, FindingKind::missed_by_retention, l);
    f.with("count", count).with_values("values", retired[l]).with("log_start", index.logs[l].start);
    f.because(std::to_string(count) + " acknowledged records below the log's start " +
              std::to_string(index.logs[l].start) + " were removed before anybody read them");
    report.note(f);
  }
}

}  // namespace weir::analysis
