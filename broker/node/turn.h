// Turn: a first-come, first-served lock for coroutines of one node.
//
// Taken and given explicitly, never by a destructor: when a node crashes, its frames are destroyed
// and nothing may be woken. Whoever takes the turn gives it on every path.
#pragma once

#include <deque>

#include "broker/ports/clock.h"

namespace weir {

class Turn {
 public:
  explicit Turn(Timers& timers) : timers_(timers) {}

  [[nodiscard]] Task<> take();
  void give();
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  Timers& timers_;
  std::deque<Alarm*> waiting_;  // each lives in the frame of the coroutine that waits
  bool taken_ = false;
};

}  // namespace weir
