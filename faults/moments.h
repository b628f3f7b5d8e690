// Moments: facts of a cluster at which faults tell most, and whom they concern.
//
// A time drawn at random hardly ever falls into a window of microseconds; a fact names the window
// itself: a leader proposes another ISR and waits for the controller, somebody was elected, a
// segment rolled. Faults that strike at one moment reach what none of them reaches alone (KIP-903:
// a replica begins another life while the request that lets it join the ISR is held up).
//
// Pure. Faults 3k to 3k+2 of a seed are a group, and each second group strikes at one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"

namespace weir {

struct Moment {
  static constexpr std::uint32_t kAlone = 3;
  Trigger trigger;
  std::vector<NodeRef> roles;   // whom it concerns; the first is who told the fact
  std::uint32_t part = kAlone;  // which of the three that strike at it, 0 to 2
};

// The moment of the n-th fault of the seed, if it is aimed at one, from a time in
// [random.from, random.to) on. In a cluster.
[[nodiscard]] std::optional<Moment> draw_moment(std::uint64_t seed, std::uint64_t branch,
                                                std::uint32_t n, const RandomFaults&);

}  // namespace weir
