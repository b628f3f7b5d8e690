// Who was asked and has not answered: one request in flight a node, a pause after a failure.
//
// Belongs to one role of the quorum: with every step into another role it starts anew, so that an
// answer to what was asked in an earlier role is known as late by its id.
#pragma once

#include <map>
#include <optional>

#include "broker/base/time.h"
#include "broker/raft/effects.h"

namespace weir::raft {

class RequestTracker {
 public:
  [[nodiscard]] bool is_ready(BrokerId to, Instant now) const { return ready_at(to) <= now; }
  // When the next request to this node may go: at the deadline of the one in flight, or after the
  // pause. The beginning of time where nothing is in the way.
  [[nodiscard]] Instant ready_at(BrokerId to) const;

  RequestId sent(BrokerId to, Instant deadline);
  // To whom the request went; nothing where it is not in flight (any more). It is no more after.
  std::optional<BrokerId> finish(RequestId id);
  // Nothing goes to that node before then.
  void pause(BrokerId to, Instant until);
  // Ids go on: no later request has the id of an earlier one.
  void clear() { slots_.clear(); }

 private:
  struct Slot {
    std::optional<RequestId> in_flight;
    Instant ready;
  };
  std::map<BrokerId, Slot> slots_;
  RequestId last_ = 0;
};

}  // namespace weir::raft
