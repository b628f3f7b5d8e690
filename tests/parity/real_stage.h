// The real stage: two machines on one loop, loopback TCP, directories below a fresh temporary one.
#pragma once

#include <filesystem>

#include "broker/real/real_machine.h"
#include "tests/parity/stage.h"

namespace weir::parity {

class RealStage {
 public:
  RealStage();
  ~RealStage();

  [[nodiscard]] Meeting meeting() const;
  // Runs both parts to their ends, at most for a while.
  void run(const Part& server, const Part& client);

 private:
  std::filesystem::path directory_;
};

}  // namespace weir::parity
