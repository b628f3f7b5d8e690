// Counting of running tasks, and waiting for the last.
#include "broker/ports/task_group.h"

namespace weir {

TaskGroup::TaskGroup(Machine& machine) : tasks_(machine.tasks), ended_(machine.timers.alarm()) {}

void TaskGroup::spawn(std::string_view name, Task<> task) {
  ++running_;
  tasks_.spawn(name, run(std::move(task)));
}

Task<> TaskGroup::join() {
  while (running_ > 0) {
    co_await ended_->wait_until(Instant::never());
  }
}

Task<> TaskGroup::run(Task<> task) {
  co_await std::move(task);
  --running_;
  ended_->notify();
}

}  // namespace weir
