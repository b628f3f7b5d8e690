// The simulated stage: two nodes of one world, with the world's usual latencies.
#pragma once

#include "sim/world.h"
#include "tests/parity/stage.h"

namespace weir::parity {

class SimStage {
 public:
  [[nodiscard]] Meeting meeting() const;
  // Runs both parts to their ends, at most for a while of virtual time.
  void run(const Part& server, const Part& client);
};

}  // namespace weir::parity
