// What a leader knows of one follower: where its log stood when it last fetched, and when it was
// last caught up (Kafka's Replica).
//
// A follower is caught up while it holds all that the leader holds, or held, within the last
// replica.lag.time.max.ms, all that the leader held when that fetch was made: a steady stream of
// writes does not push a follower out that is always one fetch behind (KAFKA-1546), and an idle
// partition keeps its followers however late they fetch (KAFKA-7152).
#pragma once

#include <algorithm>
#include <limits>

#include "broker/base/time.h"
#include "broker/replica/partition_state.h"

namespace weir {

struct FollowerProgress {
  static constexpr Instant kLongAgo{std::numeric_limits<std::int64_t>::min() / 2};

  BrokerId id;
  Offset log_start = kUnknownOffset;
  Offset log_end = kUnknownOffset;  // the offset it fetched from; unknown: not in this epoch yet
  Offset leader_end_at_fetch = kUnknownOffset;
  Instant last_fetch = kLongAgo;
  Instant last_caught_up = kLongAgo;
  BrokerEpoch broker_epoch = kUnknownBrokerEpoch;  // of its last counted fetch

  // Nothing is known any more; a member of the ISR is given the whole lag time to show up.
  void reset(bool in_sync, Instant now) {
    *this = {.id = id, .last_caught_up = in_sync ? now : kLongAgo};
  }

  void fetched(Offset start, Offset end, Offset leader_end, BrokerEpoch epoch, Instant now) {
    if (end >= leader_end) {
      last_caught_up = std::max(last_caught_up, now);
    } else if (leader_end_at_fetch != kUnknownOffset && end >= leader_end_at_fetch) {
      last_caught_up = std::max(last_caught_up, last_fetch);
    }
    log_start = start;
    log_end = end;
    leader_end_at_fetch = std::max(leader_end_at_fetch, leader_end);
    last_fetch = now;
    broker_epoch = epoch;
  }

  [[nodiscard]] bool caught_up(Offset leader_end, Duration lag_max, Instant now) const {
    return log_end == leader_end || now - last_caught_up <= lag_max;
  }
  // The first instant at which caught_up() is no longer true, unless it fetches.
  [[nodiscard]] Instant lags_from(Offset leader_end, Duration lag_max) const {
    if (log_end == leader_end) return Instant::never();
    return last_caught_up + lag_max + Duration(1);
  }
};

}  // namespace weir
