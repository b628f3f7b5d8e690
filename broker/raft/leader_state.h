// What only a leader has: where every replica stands, who waits for records, which change of the
// voters is under way.
//
// The high watermark is the offset that a majority of the voters in force has durable (the leader
// counts by its own flush, and only if it is a voter), and it moves only past the beginning of the
// leader's own epoch: what a majority holds of earlier epochs can still be overwritten (Raft
// section 5.4.2, figure 8).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "broker/raft/effects.h"
#include "broker/raft/quorum_config.h"
#include "broker/raft/voter_set.h"

namespace weir::raft {

struct ReplicaProgress {
  Offset end{-1};          // of its log, durable; -1: not told in this epoch
  Instant last_fetch;      // of whatever kind, where has_fetched
  Instant last_caught_up;  // where was_caught_up
  Instant begin_due;       // when to tell it of the epoch again, unless it fetches
  bool has_fetched = false;
  bool was_caught_up = false;
  // Of the last fetch from a position of this log: when, and where the leader's log ended.
  Instant last_position;
  Offset leader_end_at_position{-1};
};

// A Fetch that waits for something to tell.
struct ParkedFetch {
  ReplyToken token = 0;
  Offset from{0};
  Offset known_high_watermark{0};
  Instant deadline;
  std::int32_t max_bytes = 0;
};

struct PendingVoterChange {
  ReplyToken token = 0;
  Offset offset{0};  // of the record
  Instant deadline;
  bool is_answered = false;
};

class LeaderState {
 public:
  LeaderState(LeaderEpoch epoch, Offset epoch_start, Instant since)
      : epoch_(epoch), epoch_start_(epoch_start), since_(since) {}

  [[nodiscard]] LeaderEpoch epoch() const { return epoch_; }
  [[nodiscard]] Offset epoch_start() const { return epoch_start_; }

  // The replica asked, whatever it will be answered: it is alive and knows this leader.
  void heard_from(const ReplicaKey& replica, Instant now);
  // It asked from a position of this log: its log ends there. May be less than before: a replica
  // that lost its disk starts anew (KAFKA-12181).
  void fetched_from(const ReplicaKey& replica, Offset end, Offset leader_end, Instant now);

  [[nodiscard]] const ReplicaProgress* progress(const ReplicaKey& replica) const;
  void begin_told(const ReplicaKey& replica, Instant again_at) {
    replicas_[replica].begin_due = again_at;
  }
  // Ascending by key; replicas that are no voters among them.
  [[nodiscard]] const std::map<ReplicaKey, ReplicaProgress>& replicas() const { return replicas_; }
  void forget_observers(const VoterSet& voters, Instant now);

  // Where the high watermark may go to; nothing where the majority does not reach into this epoch.
  [[nodiscard]] std::optional<Offset> committed(const VoterSet& voters, const ReplicaKey& self,
                                                Offset flushed_end) const;
  // When this leader must resign, unless more voters are heard from. never() where it is enough of
  // a majority itself.
  [[nodiscard]] Instant quorum_deadline(const VoterSet& voters, const ReplicaKey& self,
                                        Duration patience) const;
  // The voters other than the leader, the one that has most first.
  [[nodiscard]] std::vector<ReplicaKey> successors(const VoterSet& voters,
                                                   const ReplicaKey& self) const;
  // Whether it lags so little that it may become a voter without harm to the commits.
  [[nodiscard]] bool is_caught_up(const ReplicaKey& replica, Instant now, Duration window) const;

  std::map<ReplicaKey, ParkedFetch> parked;
  std::optional<PendingVoterChange> change;

 private:
  LeaderEpoch epoch_;
  Offset epoch_start_;
  Instant since_;
  std::map<ReplicaKey, ReplicaProgress> replicas_;
};

}  // namespace weir::raft
