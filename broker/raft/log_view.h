// What the quorum sees of the log, which the driver owns: plain values, given with every input.
//
// The rules by which two logs find where they part stand here, once for both sides: the leader's
// check of a fetch position, and the follower's answer to a divergence (KIP-595, Kafka's
// ReplicatedLog.validateOffsetAndEpoch and truncateToEndOffset).
#pragma once

#include <optional>
#include <variant>

#include "broker/raft/raft_types.h"
#include "broker/storage/epoch_cache.h"
#include "broker/storage/snapshot_id.h"

namespace weir::raft {

struct LogView {
  Offset start{0};
  Offset end{0};
  Offset flushed_end{0};       // everything below is durable
  LeaderEpoch last_epoch{0};   // of the last record; of the snapshot where the log is empty; else 0
  LeaderEpoch start_epoch{0};  // of the snapshot that ends at `start`; 0 where start is 0
  const EpochCache* epochs = nullptr;  // of the records in the log; never null
  std::optional<SnapshotId> latest_snapshot = {};

  [[nodiscard]] OffsetAndEpoch end_position() const { return {end, last_epoch}; }
};

// Epoch `epoch` ends at `end_offset` in the leader's log, and yours goes on.
struct Divergence {
  LeaderEpoch epoch{0};
  Offset end_offset{0};
  friend bool operator==(const Divergence&, const Divergence&) = default;
};

struct ValidPosition {
  friend bool operator==(const ValidPosition&, const ValidPosition&) = default;
};

using PositionCheck = std::variant<ValidPosition, Divergence, SnapshotId>;

// The leader's side: may the replica whose log ends at this position go on from there, must it
// truncate, or does it need the latest snapshot?
[[nodiscard]] PositionCheck check_position(const LogView& log, OffsetAndEpoch position);

// The follower's side: where its log must end. Never after log.end.
[[nodiscard]] Offset truncation_point(const LogView& log, const Divergence& divergence);

// The epoch of the last record below this offset, which lies in [log.start, log.end].
[[nodiscard]] LeaderEpoch epoch_before(const LogView& log, Offset end);

// Whether a candidate whose log ends there lacks nothing that this log has (Raft section 5.4.1).
[[nodiscard]] bool is_up_to_date(const LogView& log, OffsetAndEpoch candidate);

}  // namespace weir::raft
