// The system's clocks and timers behind Clock and Timers.
//
// Instants are nanoseconds of the steady clock, as it counts; alarms are timers of Asio. A handler
// that waits is owned by Asio, never by the alarm, which may live in the frame that waits on it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "broker/ports/clock.h"

namespace weir {

[[nodiscard]] Instant steady_now();
[[nodiscard]] std::chrono::steady_clock::time_point to_time_point(Instant);

class RealClock final : public Clock {
 public:
  Instant now() override { return steady_now(); }
  WallTime wall() override;
};

class RealTimers final : public Timers {
 public:
  explicit RealTimers(boost::asio::io_context& context) : context_(context) {}
  std::unique_ptr<Alarm> alarm() override;

 private:
  boost::asio::io_context& context_;
};

}  // namespace weir
