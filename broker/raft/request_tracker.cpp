// Requests in flight and pauses, a slot for each node.
#include "broker/raft/request_tracker.h"

namespace weir::raft {

Instant RequestTracker::ready_at(BrokerId to) const {
  const auto slot = slots_.find(to);
  return slot == slots_.end() ? Instant{} : slot->second.ready;
}

RequestId RequestTracker::sent(BrokerId to, Instant deadline) {
  slots_[to] = Slot{++last_, deadline};
  return last_;
}

std::optional<BrokerId> RequestTracker::finish(RequestId id) {
  for (auto& [to, slot] : slots_) {
    if (slot.in_flight != id) continue;
    slot = Slot{std::nullopt, Instant{}};
    return to;
  }
  return std::nullopt;
}

void RequestTracker::pause(BrokerId to, Instant until) { slots_[to] = Slot{std::nullopt, until}; }

}  // namespace weir::raft
