// Buggify: a point is on in a run with probability 1/4, and then fires with 1/4, each from a keyed
// stream; every firing is a fact.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "broker/ports/machine.h"

namespace weir::sim {

class Process;

class ChancePort final : public Chance {
 public:
  explicit ChancePort(Process& process) : process_(process) {}
  bool unlucky(std::string_view point) override;

 private:
  Random* stream_of(std::string_view point);

  Process& process_;
  std::map<std::string, Random*, std::less<>> points_;  // null: off in this run
};

}  // namespace weir::sim
