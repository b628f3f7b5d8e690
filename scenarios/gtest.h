// A GoogleTest fixture for trials: your own client, written as a coroutine, in a simulated cluster.
//
//   class Shipping : public weir::SimulationTest {
//    protected:
//     Shipping() { use("shipping.json").app("E1", weir::app_of<Shipper>()); }
//   };
//
//   TEST_F(Shipping, ShipsEachOrderOnce) { EXPECT_TRUE(holds({1, 200})); }
//
// A failure says what was violated, which few faults and operations it takes, and how to have it
// again; scenarios/trial.h tells what else can be asked.
//
// The worked example is scenarios/example.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "scenarios/trial.h"

namespace weir {

[[nodiscard]] inline ::testing::AssertionResult assertion_of(const TrialResult& result) {
  auto answer = result.holds ? ::testing::AssertionSuccess() : ::testing::AssertionFailure();
  return answer << result.text;
}

class SimulationTest : public ::testing::Test {
 protected:
  // The scenario that the cluster, its faults and its other clients come from.
  Trial& use(std::string scenario) { return trial_.emplace(std::move(scenario)); }
  [[nodiscard]] Trial& trial() { return trial_.value(); }

  // Every promise of the trial holds, for each seed.
  [[nodiscard]] ::testing::AssertionResult holds(Seeds seeds) {
    return assertion_of(trial().explore(seeds));
  }

 private:
  std::optional<Trial> trial_;
};

}  // namespace weir
