// Program: what runs on a machine, in the simulator one object for each life of a process.
#pragma once

#include <functional>
#include <memory>

#include "broker/ports/machine.h"

namespace weir {

// A crash destroys first every waiting coroutine of the node, then the Program: destructors do no
// I/O and wait for nothing. The clean way out is stop().
class Program {
 public:
  virtual ~Program() = default;

  // The main task. The program may go on in tasks that it spawned after run() returns.
  [[nodiscard]] virtual Task<> run() = 0;

  // Ends in order: finishes what it must, syncs what it should, joins its tasks. The node is gone
  // when it returns.
  [[nodiscard]] virtual Task<> stop() = 0;
};

// Makes the program of a fresh life; the Machine outlives it.
using Launch = std::function<std::unique_ptr<Program>(Machine&)>;

}  // namespace weir
