// The ports Clock and Timers of one process: the node's own drifting clock, and alarms on it.
#pragma once

#include <memory>

#include "broker/ports/clock.h"

namespace weir::sim {

class Process;

class ClockPort final : public Clock {
 public:
  explicit ClockPort(Process& process) : process_(process) {}
  Instant now() override;
  WallTime wall() override;

 private:
  Process& process_;
};

class TimersPort final : public Timers {
 public:
  explicit TimersPort(Process& process) : process_(process) {}
  std::unique_ptr<Alarm> alarm() override;

 private:
  Process& process_;
};

}  // namespace weir::sim
