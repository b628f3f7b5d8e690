// Executor: runs functions of one life of a process, each as an event of its own.
//
// What Asio's coroutines need of an executor: co_spawn starts and ends through it, and a destroyed
// coroutine posts its unwinding to it. It never calls a function inside execute().
#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <utility>

#include "broker/ports/once.h"
#include "sim/operations.h"

namespace weir::sim {

class Process;

// Runs the function in an event of its own; destroys it soon where the process is being destroyed.
void post(Process&, Once<Resume>);
[[nodiscard]] boost::asio::execution_context& context_of(Process&);

class Executor {
 public:
  explicit Executor(Process& process) : process_(&process) {}

  friend bool operator==(const Executor&, const Executor&) noexcept = default;

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return context_of(*process_);
  }
  static constexpr boost::asio::execution::blocking_t query(
      boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }
  Executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }

  template <class F>
  void execute(F f) const {
    post(*process_, Once<Resume>([f = std::move(f)](Resume) mutable { std::move(f)(); }));
  }

 private:
  Process* process_;
};

}  // namespace weir::sim
