// Which leader epoch began at which offset: what replicas compare to find where their logs part.
//
// Entries strictly ascend in epoch and in start offset. The rules are those of Kafka's
// LeaderEpochFileCache (KIP-101, KIP-279); the text form is Kafka's leader-epoch-checkpoint:
// version, number of entries, then "epoch start-offset" lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/base/id.h"
#include "broker/base/result.h"

namespace weir {

struct EpochStart {
  LeaderEpoch epoch;
  Offset start;
  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

// The answer to OffsetForLeaderEpoch.
struct EpochEnd {
  LeaderEpoch epoch = kNoLeaderEpoch;  // none: undefined
  Offset end_offset{-1};
  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

class EpochCache {
 public:
  // This epoch begins here, unless it is known already. Entries that contradict the new one (the
  // same or a later epoch or offset) go: the log is the truth. Yields whether anything changed.
  bool assign(LeaderEpoch epoch, Offset start);

  // The largest known epoch that is not after `epoch`, and where it ends. The latest ends at the
  // log end; one beyond the latest is undefined; one before the first yields (epoch, start of the
  // first).
  [[nodiscard]] EpochEnd end_of(LeaderEpoch epoch, Offset log_end) const;

  [[nodiscard]] LeaderEpoch latest() const;
  // The epoch of the record at this offset; none where the cache does not reach back to it.
  [[nodiscard]] LeaderEpoch epoch_at(Offset offset) const;

  // The log ends at `end` now: drops entries that begin there or later. Yields whether any did.
  bool truncate_from_end(Offset end);
  // The log begins at `start` now: the last entry at or before it begins there, older ones go.
  bool truncate_from_start(Offset start);
  void clear() { entries_.clear(); }

  [[nodiscard]] const std::vector<EpochStart>& entries() const { return entries_; }

  [[nodiscard]] std::string encode() const;
  // Errors: malformed (also: entries that do not ascend).
  [[nodiscard]] static Result<EpochCache> decode(std::string_view text);

 private:
  std::vector<EpochStart> entries_;
};

}  // namespace weir
