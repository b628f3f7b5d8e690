// Shrinking: the smallest explicit scenario that still breaks the same guarantee in the same way.
//
// What a reader pays for goes first: faults, moved leaders, clients, operations, brokers,
// controllers, partitions, time; then times become triggers where they can, and the rest round
// numbers. A step stands only if the same guarantee is violated in a way in which it was before
// (outcome.h). The result depends on the scenario alone, unless time runs out, which is looked at
// between runs.
#pragma once

#include <functional>
#include <string>

#include "scenarios/load.h"
#include "scenarios/outcome.h"

namespace weir {

// One pass: "faults 17 -> 2", and what became of each attempt: '!' it still failed, '.' it did not.
struct ShrinkPass {
  std::string name;
  std::string before, after;
  std::string attempts;
};

struct ShrinkOptions {
  std::string guarantee;                           // empty: the first that is violated
  bool keep_shape = false;                         // a step must leave the shape as it is, too
  std::function<bool()> out_of_time;               // empty: never
  std::function<void(std::uint64_t)> on_begin;     // with the fingerprint of the run
  std::function<void(const ShrinkPass&)> on_pass;  // as they end
};

struct Shrunk {
  Scenario scenario;           // explicit, resolved
  std::string failed_because;  // why there is none: the run does not fail; empty: there is one
  Failure failure;
  std::string how;  // it failed at last, in words; may be empty
  std::string shape;
  std::uint64_t fingerprint = 0;  // of the run that was shrunk
  std::size_t faults = 0;
  std::size_t operations = 0;
  std::size_t runs = 0;
  bool out_of_time = false;
};

// Apps and checks of one's own run along (`loaded.inputs`); their operations are not listed.
[[nodiscard]] Shrunk shrink(const Loaded& loaded, const ShrinkOptions&);

}  // namespace weir
