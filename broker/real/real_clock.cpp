// Clocks of the system, and alarms over Asio's timers.
#include "broker/real/real_clock.h"

#include <utility>

#include "broker/real/asio_types.h"

namespace weir {
namespace {

struct AlarmState {
  explicit AlarmState(boost::asio::io_context& context) : timer(context.get_executor()) {}
  SteadyTimer timer;
  bool notified = false;
};

class RealAlarm final : public Alarm {
 public:
  explicit RealAlarm(boost::asio::io_context& context)
      : state_(std::make_shared<AlarmState>(context)) {}

  // A waiting handler finds the cancelled timer and yields false.
  ~RealAlarm() override { state_->timer.cancel(); }

  void notify() override {
    state_->notified = true;
    state_->timer.cancel();
  }

 private:
  void start_wait(Instant deadline, Once<bool> done) override {
    // A notification that came before makes the wait end on the loop's next turn.
    state_->timer.expires_at(state_->notified ? std::chrono::steady_clock::time_point()
                                              : to_time_point(deadline));
    state_->timer.async_wait(
        [state = state_, done = std::move(done)](const boost::system::error_code&) mutable {
          const bool notified = std::exchange(state->notified, false);
          done(notified);
        });
  }

  std::shared_ptr<AlarmState> state_;
};

}  // namespace

Instant steady_now() {
  return Instant{
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())
          .count()};
}

std::chrono::steady_clock::time_point to_time_point(Instant instant) {
  return std::chrono::steady_clock::time_point(Duration(instant.ns));
}

WallTime RealClock::wall() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return WallTime{std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
}

std::unique_ptr<Alarm> RealTimers::alarm() { return std::make_unique<RealAlarm>(context_); }

}  // namespace weir
