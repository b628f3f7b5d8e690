// Where two logs part, from either side.
#include "broker/raft/log_view.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir::raft {
namespace {

// The last epoch of this log that is not after `epoch`, and where it ends.
EpochEnd end_of_epoch(const LogView& log, LeaderEpoch epoch) {
  WEIR_ASSERT(log.epochs != nullptr);
  if (epoch >= log.last_epoch) return {log.last_epoch, log.end};
  const EpochEnd end = log.epochs->end_of(epoch, log.end);
  // No record of this or an earlier epoch is in the log: it would have ended where the log begins.
  if (end.epoch == kNoLeaderEpoch) return {epoch, log.start};
  return end;
}

}  // namespace

PositionCheck check_position(const LogView& log, OffsetAndEpoch position) {
  if (log.start == Offset{0} && position.offset == Offset{0}) return ValidPosition{};
  const bool is_before_log = position.offset < log.start ||
                             (position.offset == log.start && position.epoch != log.start_epoch) ||
                             position.epoch < log.start_epoch;
  if (is_before_log && log.start > Offset{0} && log.latest_snapshot.has_value()) {
    return *log.latest_snapshot;
  }
  const EpochEnd end = end_of_epoch(log, position.epoch);
  if (end.epoch != position.epoch || end.end_offset < position.offset) {
    return Divergence{end.epoch, end.end_offset};
  }
  return ValidPosition{};
}

Offset truncation_point(const LogView& log, const Divergence& divergence) {
  const EpochEnd end = end_of_epoch(log, divergence.epoch);
  const bool both_have_it = end.epoch == divergence.epoch;
  return both_have_it ? std::min(end.end_offset, divergence.end_offset) : end.end_offset;
}

LeaderEpoch epoch_before(const LogView& log, Offset end) {
  if (end >= log.end) return log.last_epoch;
  if (end <= log.start) return log.start_epoch;
  const LeaderEpoch epoch = log.epochs->epoch_at(end - 1);
  return epoch == kNoLeaderEpoch ? log.start_epoch : epoch;
}

bool is_up_to_date(const LogView& log, OffsetAndEpoch candidate) {
  if (candidate.epoch != log.last_epoch) return candidate.epoch > log.last_epoch;
  return candidate.offset >= log.end;
}

}  // namespace weir::raft
