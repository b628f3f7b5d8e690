// What the laboratories of scripts run on their node: a body that owns a log, which does not
// outlive its machine.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/storage/log/partition_log.h"
#include "sim/world.h"

namespace weir {

inline WorldOptions lab_options(std::uint64_t seed, bool buggify) {
  WorldOptions options;
  options.seed = seed;
  options.buggify = buggify;
  return options;
}

class LabProgram final : public Program {
 public:
  LabProgram(Machine& machine, std::function<Task<>(Machine&)>& main,
             std::unique_ptr<PartitionLog>& log)
      : machine_(machine), main_(main), log_(log) {}
  ~LabProgram() override { log_.reset(); }
  Task<> run() override { return main_(machine_); }
  Task<> stop() override { co_return; }

 private:
  Machine& machine_;
  std::function<Task<>(Machine&)>& main_;
  std::unique_ptr<PartitionLog>& log_;
};

inline std::string text_of(Offset offset) { return std::to_string(offset.value()); }

}  // namespace weir
