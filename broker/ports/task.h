// Task<T>: a coroutine of a node, and the one way in which ports make a coroutine wait.
//
// Ports are virtual, so that the same object files run in the simulator and on a real machine; a
// port's operation is an initiation with a small handler (Once), not a coroutine frame of its own,
// so that a message costs no allocation. `co_await port.operation(...)`, one await per statement,
// and the result is named before it is used (GCC 12 miscompiles cleverer forms).
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include "broker/ports/fiber.h"

namespace weir {

namespace detail {

// On the way out a coroutine's frame stays until the caller has taken the result.
struct Return {
  bool await_ready() const noexcept { return false; }
  template <std::derived_from<Frame> Promise>
  void await_suspend(std::coroutine_handle<Promise> self) noexcept {
    const Frame& frame = self.promise();
    frame.fiber->go_on_with(frame.caller);
  }
  void await_resume() const noexcept {}
};

struct PromiseBase : Frame {
  std::suspend_always initial_suspend() const noexcept { return {}; }
  Return final_suspend() const noexcept { return {}; }
  void unhandled_exception() { failure = std::current_exception(); }
  void rethrow() {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;

  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    rethrow();
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  void return_void() const {}
  void take() { rethrow(); }
};

}  // namespace detail

// Runs when it is awaited, once; what is never awaited is destroyed with the Task.
template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::Promise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // One that has done all it had to when it was made: awaiting it costs nothing.
  static Task done()
    requires std::is_void_v<T>
  {
    return Task(nullptr);
  }

  bool await_ready() const noexcept {
    if constexpr (std::is_void_v<T>) return frame_ == nullptr;
    return false;
  }
  template <std::derived_from<Frame> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) {
    promise_type& called = frame_.promise();
    called.fiber = caller.promise().fiber;
    called.caller = caller;
    called.fiber->go_on_with(frame_);
  }
  // The frame goes with the result.
  T await_resume() {
    if constexpr (std::is_void_v<T>) {
      if (frame_ == nullptr) return;
    }
    Task self(std::move(*this));
    return self.frame_.promise().take();
  }

  // Runs it as a fiber of its own.
  void start(FiberHost& host, Once<std::exception_ptr> ended) && {
    if constexpr (std::is_void_v<T>) {
      if (frame_ == nullptr) return nothing().start(host, std::move(ended));
    }
    const std::coroutine_handle<promise_type> frame = std::exchange(frame_, nullptr);
    Fiber::start(host, frame.promise(), frame, std::move(ended));
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  static Task nothing()
    requires std::is_void_v<T>
  {
    co_return;
  }

  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

// The handler of an operation that a fiber waits for.
template <class T>
class Wakes {
 public:
  static constexpr bool kMovesAsBytes = true;

  Wakes(Fiber& fiber, std::optional<T>& result) : fiber_(&fiber), result_(&result) {}
  Wakes(Wakes&& other) noexcept
      : fiber_(std::exchange(other.fiber_, nullptr)), result_(other.result_) {}
  Wakes& operator=(Wakes&&) = delete;
  ~Wakes() {
    if (fiber_ != nullptr) fiber_->abandon();
  }

  void operator()(T value) {
    result_->emplace(std::move(value));
    std::exchange(fiber_, nullptr)->resume();
  }

 private:
  Fiber* fiber_;
  std::optional<T>* result_;
};

template <class T, class Start>
class [[nodiscard]] Operation {
 public:
  explicit Operation(Start start) : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  template <std::derived_from<Frame> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) {
    caller.promise().fiber->wait(
        caller,
        [](void* operation, Fiber& fiber) {
          auto& self = *static_cast<Operation*>(operation);
          self.start_(Once<T>(Wakes<T>(fiber, self.result_)));
        },
        this);
  }
  T await_resume() { return std::move(*result_); }

  // Without a coroutine: calls the handler with what it would have yielded.
  template <class Handler>
  void operator()(Handler handler) && {
    start_(Once<T>(std::move(handler)));
  }

 private:
  Start start_;
  std::optional<T> result_;
};

}  // namespace detail

// Something to co_await that yields a T: `start` receives the Once<T> which resumes the waiting
// coroutine, and must hand it on or call it later, never from inside `start` itself.
template <class T, class Start>
[[nodiscard]] auto operation(Start start) {
  return detail::Operation<T, Start>(std::move(start));
}

}  // namespace weir
