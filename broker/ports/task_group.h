// TaskGroup: spawned tasks that stop() can wait for. Nothing is detached and forgotten.
//
// The group must outlive its tasks: its owner calls join() in its own stop(), or is destroyed with
// the node.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "broker/ports/clock.h"
#include "broker/ports/machine.h"

namespace weir {

class TaskGroup {
 public:
  explicit TaskGroup(Machine& machine);

  void spawn(std::string_view name, Task<> task);
  // Waits until every task of the group has ended. One caller at a time.
  [[nodiscard]] Task<> join();
  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  Task<> run(Task<> task);

  Tasks& tasks_;
  std::unique_ptr<Alarm> ended_;
  std::size_t running_ = 0;
};

}  // namespace weir
