// Clock and timers of one node. In the simulator each node's clock drifts, steps and pauses on its
// own.
#pragma once

#include <memory>

#include "broker/base/time.h"
#include "broker/ports/task.h"

namespace weir {

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic; never goes back within one life of a node.
  [[nodiscard]] virtual Instant now() = 0;
  // May step in both directions.
  [[nodiscard]] virtual WallTime wall() = 0;
};

// One waiting place with a deadline: sleep, condition and timeout in one.
//
// At most one coroutine waits at a time. notify() wakes it; with nobody waiting it is remembered
// (once) and the next wait returns at once. So: `while (!ready) { co_await
// alarm.wait_until(deadline) }` misses nothing.
class Alarm {
 public:
  virtual ~Alarm() = default;

  // Yields true when notified, false when `deadline` was reached first.
  [[nodiscard]] auto wait_until(Instant deadline) {
    return operation<bool>(
        [this, deadline](Once<bool> done) { start_wait(deadline, std::move(done)); });
  }

  virtual void notify() = 0;

 private:
  virtual void start_wait(Instant deadline, Once<bool>) = 0;
};

class Timers {
 public:
  virtual ~Timers() = default;
  [[nodiscard]] virtual std::unique_ptr<Alarm> alarm() = 0;
};

}  // namespace weir
