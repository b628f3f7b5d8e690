// Fiber: a spawned task and the coroutines that it has called, which run or wait together.
//
// A coroutine that calls another, or returns, only says who is next, and run() resumes one after
// the other until one waits for an operation of a port. So no compiler needs to make tail calls,
// and calls in a loop that never wait use up no stack.
//
// A fiber belongs to whoever will resume it: first to the post that starts it, then to the handler
// of the operation that it waits for. Whoever destroys that handler uncalled ends the fiber, by a
// further post: what is being destroyed just then may still be in use by its frames. The outermost
// frame owns the next one, and so on, so that they are destroyed from the innermost outwards.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "broker/ports/once.h"

namespace weir {

// What a posted function is called with.
struct Resume {};

// What a machine does for the fibers that run on it.
class FiberHost {
 public:
  virtual ~FiberHost() = default;
  // Calls the function later, never inside post(); destroys it uncalled at the end of all.
  virtual void post(Once<Resume>) = 0;
};

class Fiber;

// What every coroutine knows: the fiber it runs in, who called it, and what left it.
struct Frame {
  Fiber* fiber = nullptr;
  std::coroutine_handle<> caller = nullptr;  // null: the fiber's outermost
  std::exception_ptr failure = nullptr;
};

class Fiber {
 public:
  // Takes over the frame, and runs it soon. `ended` is told what left it, or null; not in the event
  // that started it.
  static void start(FiberHost& host, Frame& frame, std::coroutine_handle<> outermost,
                    Once<std::exception_ptr> ended);

  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // For a coroutine that suspends itself: who is resumed instead; null where nobody is left.
  void go_on_with(std::coroutine_handle<> next) { next_ = next; }
  // For one that waits: `begin` starts the operation once the coroutine is suspended.
  void wait(std::coroutine_handle<> waiting, void (*begin)(void*, Fiber&), void* operation) {
    waiting_ = waiting;
    begin_ = begin;
    operation_ = operation;
  }

  // For the owner, once. The fiber may be gone when these return.
  void resume() {
    next_ = waiting_;
    run();
  }
  void abandon();

 private:
  class Owner;

  Fiber(FiberHost& host, Frame& frame, std::coroutine_handle<> outermost,
        Once<std::exception_ptr> ended)
      : host_(host),
        frame_(frame),
        outermost_(outermost),
        next_(outermost),
        ended_(std::move(ended)) {}
  ~Fiber();

  void run();
  void returned();

  FiberHost& host_;
  Frame& frame_;
  std::coroutine_handle<> outermost_;  // null when it has returned
  std::coroutine_handle<> next_;
  std::coroutine_handle<> waiting_ = nullptr;
  void (*begin_)(void*, Fiber&) = nullptr;
  void* operation_ = nullptr;
  bool has_waited_ = false;
  std::exception_ptr frame_failure_;  // of the outermost, which is destroyed before it is told
  Once<std::exception_ptr> ended_;
};

}  // namespace weir
