// The typed fixture of the parity suite: every script on the simulator and on the real machine.
#pragma once

#include <string>

#include "tests/parity/real_stage.h"
#include "tests/parity/sim_stage.h"

namespace weir::parity {

using Script = Task<> (*)(Machine&, Meeting&);

[[nodiscard]] inline Task<> nothing(Machine&, Meeting&) { co_return; }

template <class StageKind>
class Parity : public ::testing::Test {
 protected:
  void play(Script server, Script client) {
    Meeting meeting = stage_.meeting();
    const Part server_part = [&meeting, server](Machine& machine) {
      return server(machine, meeting);
    };
    const Part client_part = [&meeting, client](Machine& machine) {
      return client(machine, meeting);
    };
    stage_.run(server_part, client_part);
  }
  // A script of one node.
  void play(Script alone) { play(alone, &nothing); }

 private:
  StageKind stage_;
};

struct StageNames {
  template <class StageKind>
  static std::string GetName(int) {
    return std::is_same_v<StageKind, RealStage> ? "Real" : "Sim";
  }
};

using Stages = ::testing::Types<SimStage, RealStage>;

}  // namespace weir::parity
