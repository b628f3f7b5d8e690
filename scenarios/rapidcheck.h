// Fault plans for RapidCheck: drawn as the trial's profile draws them, and shrunk by leaving faults
// out, so that a property that fails ends with the fewest faults that break it.
//
//   RC_GTEST_FIXTURE_PROP(Shipping, SurvivesAnyFaults, ()) {
//     const std::vector<weir::Fault> faults = *weir::fault_plans(trial());
//     RC_ASSERT(weir::survives(trial(), 1, faults));
//   }
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <ostream>
#include <vector>

#include "scenarios/trial.h"

namespace weir {

// `trial` outlives the generator.
[[nodiscard]] inline rc::Gen<std::vector<Fault>> fault_plans(const Trial& trial) {
  return rc::gen::mapcat(
      rc::gen::noShrink(rc::gen::arbitrary<std::uint32_t>()), [&trial](std::uint32_t seed) {
        const std::vector<Fault> all = trial.faults_of(seed);
        std::vector<std::size_t> places(all.size());
        for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
        return rc::gen::map(rc::Gen<std::vector<std::size_t>>([places](const auto&, int) {
                              return rc::shrinkable::shrinkRecur(
                                  places, [](const std::vector<std::size_t>& kept) {
                                    return rc::shrink::removeChunks(kept);
                                  });
                            }),
                            [all](const std::vector<std::size_t>& kept) {
                              std::vector<Fault> faults;
                              for (const std::size_t i : kept) faults.push_back(all[i]);
                              return faults;
                            });
      });
}

// How RapidCheck prints a counterexample.
inline void showValue(const Fault& fault, std::ostream& out) { out << to_text(fault); }

// Whether every promise holds under these faults; what happened goes into RapidCheck's log.
[[nodiscard]] inline bool survives(const Trial& trial, std::uint64_t seed,
                                   const std::vector<Fault>& faults) {
  const TrialResult result = trial.run(seed, faults);
  if (!result.holds) RC_LOG(result.text);
  return result.holds;
}

}  // namespace weir
