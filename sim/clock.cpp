// Alarms: one waiting place with a deadline, in the table of operations.
#include "sim/clock.h"

#include "broker/base/assertion.h"
#include "sim/process.h"

namespace weir::sim {
namespace {

// Results of a wait, as words of its event.
constexpr std::uint64_t kDeadline = 0;
constexpr std::uint64_t kNotified = 1;

class SimAlarm final : public Alarm {
 public:
  explicit SimAlarm(Process& process) : process_(process) {}
  ~SimAlarm() override {
    if (process_.dying()) return;
    process_.finish_soon(waiting_, kDeadline);
  }

  void notify() override {
    if (process_.dying()) return;
    // Nothing happens where it is being woken already.
    if (!process_.finish_soon(waiting_, kNotified)) remembered_ = true;
  }

 private:
  void start_wait(Instant deadline, Once<bool> done) override {
    if (process_.dying()) return;
    WEIR_ASSERT(!process_.pending(waiting_));
    waiting_ = process_.wait(std::move(done));
    if (std::exchange(remembered_, false)) {
      process_.finish_soon(waiting_, kNotified);
    } else {
      process_.set_deadline(waiting_, deadline, kDeadline);
    }
  }

  Process& process_;
  OperationId waiting_;
  bool remembered_ = false;
};

}  // namespace

Instant ClockPort::now() { return {process_.node().clock().local(process_.kernel().now())}; }

WallTime ClockPort::wall() { return process_.node().clock().wall(process_.kernel().now()); }

std::unique_ptr<Alarm> TimersPort::alarm() { return std::make_unique<SimAlarm>(process_); }

}  // namespace weir::sim
