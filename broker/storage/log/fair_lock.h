// FairLock: one coroutine at a time, in the order in which they asked.
//
// Unlocked by a call, never by a destructor: when a node dies, frames are destroyed in any order
// and nobody may be woken. Waiting places are kept for the next time, so that a busy lock allocates
// nothing.
#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "broker/ports/clock.h"
#include "broker/ports/task.h"

namespace weir {

class FairLock {
 public:
  explicit FairLock(Timers& timers) : timers_(timers) {}

  // Takes it where it is free, without a coroutine: `if (!lock.try_lock()) co_await lock.lock();`
  [[nodiscard]] bool try_lock() { return !std::exchange(held_, true); }
  [[nodiscard]] Task<> lock();
  void unlock();
  // Whether somebody waits for it.
  [[nodiscard]] bool contended() const { return !queue_.empty(); }

 private:
  struct Waiter {
    std::unique_ptr<Alarm> alarm;
    bool granted = false;
  };

  Timers& timers_;
  bool held_ = false;
  std::deque<Waiter*> queue_;
  std::vector<std::unique_ptr<Waiter>> spare_;
};

}  // namespace weir
