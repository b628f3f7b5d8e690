// NodeClock: how one machine's clocks run against the world's time.
//
// Local time is a straight line through the last change of drift; the wall clock is local time plus
// a step. 128-bit intermediate values, no floating point.
#pragma once

#include <algorithm>
#include <cstdint>

#include "broker/base/time.h"
#include "sim/options.h"

namespace weir::sim {

// Drift is kept within what still runs forward.
inline constexpr std::int64_t kMostDriftPpm = 900'000;

class NodeClock {
 public:
  NodeClock(const ClockOptions& options, WallTime epoch)
      : base_local_(options.offset.count()),
        drift_ppm_(std::clamp(options.drift_ppm, -kMostDriftPpm, kMostDriftPpm)),
        wall_step_(options.wall_offset.count() - options.offset.count()),
        epoch_(epoch) {}

  [[nodiscard]] std::int64_t local(std::int64_t world) const {
    const std::int64_t elapsed = world - base_world_;
    if (drift_ppm_ == 0) return base_local_ + elapsed;
    return base_local_ + static_cast<std::int64_t>(static_cast<Wide>(elapsed) *
                                                   (kMillion + drift_ppm_) / kMillion);
  }

  // The first instant of the world at which local() is at least `local`.
  [[nodiscard]] std::int64_t world(std::int64_t local) const {
    const Wide elapsed = static_cast<Wide>(local) - base_local_;
    if (elapsed <= 0) return base_world_;
    if (drift_ppm_ == 0) {
      return static_cast<std::int64_t>(std::min<Wide>(base_world_ + elapsed, Instant::never().ns));
    }
    const Wide rate = kMillion + drift_ppm_;
    const Wide world = base_world_ + (elapsed * kMillion + rate - 1) / rate;
    return static_cast<std::int64_t>(std::min<Wide>(world, Instant::never().ns));
  }

  [[nodiscard]] WallTime wall(std::int64_t world) const {
    constexpr std::int64_t kMs = 1'000'000;
    const std::int64_t ns = local(world) + wall_step_;
    return {epoch_.ms + ns / kMs - (ns % kMs < 0 ? 1 : 0)};
  }

  void set_drift(std::int64_t world, std::int64_t ppm) {
    base_local_ = local(world);
    base_world_ = world;
    drift_ppm_ = std::clamp(ppm, -kMostDriftPpm, kMostDriftPpm);
  }
  void step_wall(std::int64_t by) { wall_step_ += by; }

 private:
  __extension__ using Wide = __int128;
  static constexpr std::int64_t kMillion = 1'000'000;

  std::int64_t base_world_ = 0;
  std::int64_t base_local_;
  std::int64_t drift_ppm_;
  std::int64_t wall_step_;
  WallTime epoch_;
};

}  // namespace weir::sim
