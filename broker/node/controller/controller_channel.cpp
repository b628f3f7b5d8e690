// Finding the controller, waiting for its answer, and for a better moment.
#include "broker/node/controller/controller_channel.h"

#include <algorithm>

namespace weir {

ControllerChannel::ControllerChannel(Machine& machine, MetadataLog& log, ChannelOptions options)
    : machine_(machine),
      log_(log),
      options_(std::move(options)),
      peers_(machine, options_.purpose, options_.request_timeout),
      tasks_(machine) {}

// Waits until the quorum knows a leader; false: the deadline came first. The attempt's place then
// stands in the lines of the quorum and of stop().
Task<bool> ControllerChannel::find(Try& attempt, Instant deadline) {
  attempt.place = log_.progress().join(machine_.timers);
  waiting_.join(attempt.place);
  std::optional<HostPort> address = log_.leader_address();
  while (!address && !stopped_ && machine_.clock.now() < deadline) {
    co_await attempt.place->wait_until(deadline);
    address = log_.leader_address();
  }
  if (!address || stopped_) {
    leave(attempt);
    co_return false;
  }
  attempt.to = log_.leader();
  attempt.address = std::move(*address);
  co_return true;
}

// Until there is an answer, or none is to be expected any more: another leader was elected. What a
// deposed one still answers is of no use.
Task<> ControllerChannel::await_answer(Try& attempt, Instant deadline) {
  const auto is_deposed = [this, &attempt] {
    const BrokerId leader = log_.leader();
    return leader != attempt.to && leader.value() >= 0;
  };
  while (!attempt.answered && !stopped_ && !is_deposed() && machine_.clock.now() < deadline) {
    co_await attempt.place->wait_until(deadline);
  }
}

// A little later, or as soon as another leader is known.
Task<> ControllerChannel::pause(Try& attempt, Instant deadline) {
  const Instant later = std::min(machine_.clock.now() + options_.retry_pause, deadline);
  while (!stopped_ && log_.leader() == attempt.to && machine_.clock.now() < later) {
    co_await attempt.place->wait_until(later);
  }
}

void ControllerChannel::leave(const Try& attempt) {
  log_.progress().leave(attempt.place);
  waiting_.leave(attempt.place);
}

void ControllerChannel::stop() {
  stopped_ = true;
  peers_.stop();
  waiting_.notify_all();
}

Task<> ControllerChannel::join() {
  co_await tasks_.join();
  co_await peers_.join();
}

}  // namespace weir
