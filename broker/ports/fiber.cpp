// Running, ending and abandoning of fibers.
#include "broker/ports/fiber.h"

namespace weir {

// Of a fiber that is posted. One that is not even started is ended like any other.
class Fiber::Owner {
 public:
  static constexpr bool kMovesAsBytes = true;
  enum class Does { run, end, unwind };

  Owner(Fiber* fiber, Does does) : fiber_(fiber), does_(does) {}
  Owner(Owner&& other) noexcept
      : fiber_(std::exchange(other.fiber_, nullptr)), does_(other.does_) {}
  Owner& operator=(Owner&&) = delete;
  ~Owner() {
    if (fiber_ == nullptr) return;
    if (does_ == Does::run) {
      fiber_->abandon();
    } else {
      delete fiber_;
    }
  }

  void operator()(Resume) {
    switch (does_) {
      case Does::run: std::exchange(fiber_, nullptr)->run(); return;
      case Does::end: fiber_->ended_(std::exchange(fiber_->frame_failure_, nullptr)); return;
      case Does::unwind: return;
    }
  }

 private:
  Fiber* fiber_;
  Does does_;
};

void Fiber::start(FiberHost& host, Frame& frame, std::coroutine_handle<> outermost,
                  Once<std::exception_ptr> ended) {
  Fiber* fiber = new Fiber(host, frame, outermost, std::move(ended));
  frame.fiber = fiber;
  host.post(Once<Resume>(Owner(fiber, Owner::Does::run)));
}

Fiber::~Fiber() {
  if (outermost_) outermost_.destroy();
}

void Fiber::abandon() { host_.post(Once<Resume>(Owner(this, Owner::Does::unwind))); }

void Fiber::run() {
  while (next_) {
    std::exchange(next_, nullptr).resume();
    if (begin_ == nullptr) continue;
    has_waited_ = true;
    // Whoever completes the operation owns the fiber from here on.
    std::exchange(begin_, nullptr)(operation_, *this);
    return;
  }
  returned();
}

void Fiber::returned() {
  frame_failure_ = std::exchange(frame_.failure, nullptr);
  std::exchange(outermost_, nullptr).destroy();
  Owner owner(this, Owner::Does::end);
  if (has_waited_) {
    owner({});
  } else {
    host_.post(Once<Resume>(std::move(owner)));
  }
}

}  // namespace weir
