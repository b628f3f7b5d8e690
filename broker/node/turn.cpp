// Handing the turn on: it stays taken while it passes to the next in line, so nobody can push in.
#include "broker/node/turn.h"

namespace weir {

Task<> Turn::take() {
  if (!taken_) {
    taken_ = true;
    co_return;
  }
  const std::unique_ptr<Alarm> alarm = timers_.alarm();
  waiting_.push_back(alarm.get());
  co_await alarm->wait_until(Instant::never());
}

void Turn::give() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  Alarm* next = waiting_.front();
  waiting_.pop_front();
  next->notify();
}

}  // namespace weir
