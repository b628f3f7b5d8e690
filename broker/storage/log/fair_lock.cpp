// The lock is handed from one to the next, so nobody who comes later overtakes.
#include "broker/storage/log/fair_lock.h"

#include "broker/base/assertion.h"

namespace weir {

Task<> FairLock::lock() {
  if (try_lock()) co_return;
  std::unique_ptr<Waiter> waiter;
  if (spare_.empty()) {
    waiter = std::make_unique<Waiter>();
    waiter->alarm = timers_.alarm();
  } else {
    waiter = std::move(spare_.back());
    spare_.pop_back();
  }
  queue_.push_back(waiter.get());
  while (!waiter->granted) {
    co_await waiter->alarm->wait_until(Instant::never());
  }
  waiter->granted = false;
  spare_.push_back(std::move(waiter));
}

void FairLock::unlock() {
  WEIR_ASSERT(held_);
  if (queue_.empty()) {
    held_ = false;
    return;
  }
  Waiter* next = queue_.front();  // the lock stays held: it is handed on
  queue_.pop_front();
  next->granted = true;
  next->alarm->notify();
}

}  // namespace weir
