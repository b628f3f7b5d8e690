// One visitor: each form of a delay has its distribution.
#include "scenarios/delay.h"

namespace weir {
namespace {

struct ToLatency {
  Latency operator()(const FixedDelay& d) const { return Latency::constant(d.delay); }
  Latency operator()(const UniformDelay& d) const { return Latency::uniform(d.low, d.high); }
  Latency operator()(const ExponentialDelay& d) const {
    return Latency::exponential(Duration(0), d.mean);
  }
  Latency operator()(const LognormalDelay& d) const { return Latency::lognormal(d.median, d.p99); }
};

}  // namespace

Latency latency_of(const Delay& delay) { return std::visit(ToLatency{}, delay); }

}  // namespace weir
