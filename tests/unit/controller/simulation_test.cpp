// Random commands, fencing, late and stale leaders, and controllers that die: the metadata keep
// their promises through all of it, and everything comes back afterwards.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "cluster_model.h"

namespace weir {
namespace {

constexpr int kSteps = 600;
constexpr int kRuns = 60;

// Sums, to see that the runs meet what they are about.
struct Seen {
  ClusterModel::Counts total;
  void add(const ClusterModel::Counts& c) {
    total.failovers += c.failovers;
    total.isr_accepted += c.isr_accepted;
    total.isr_refused += c.isr_refused;
    total.unclean_starts += c.unclean_starts;
    total.lost_records += c.lost_records;
    total.leaderless += c.leaderless;
  }
};

void run(const ModelChoices& choices, Seen& seen) {
  int at = 0;
  try {
    ClusterModel model(choices);
    for (; at < kSteps; ++at) model.step();
    model.heal();
    seen.add(model.counts());
  } catch (const Broken& broken) {
    FAIL() << broken.what << " (seed " << choices.seed << ", step " << at << ")";
  }
}

void expect_enough(const Seen& seen) {
  EXPECT_GT(seen.total.failovers, kRuns);
  EXPECT_GT(seen.total.isr_accepted, kRuns);
  EXPECT_GT(seen.total.isr_refused, kRuns);
  EXPECT_GT(seen.total.unclean_starts, kRuns);
  EXPECT_GT(seen.total.lost_records, kRuns);
  EXPECT_GT(seen.total.leaderless, kRuns);
}

TEST(Simulation, KeepsItsPromisesWithEligibleReplicas) {
  Seen seen;
  for (std::uint64_t seed = 1; seed <= kRuns && !HasFatalFailure(); ++seed) {
    const auto n = static_cast<std::int32_t>(seed);
    run({seed, true, 1 + n % 3, 3 + n % 4}, seen);
  }
  if (!HasFatalFailure()) expect_enough(seen);
}

TEST(Simulation, KeepsItsPromisesWithoutThem) {
  Seen seen;
  for (std::uint64_t seed = 1; seed <= kRuns && !HasFatalFailure(); ++seed) {
    const auto n = static_cast<std::int32_t>(seed);
    run({seed, false, 1 + n % 3, 3 + n % 4}, seen);
  }
  if (!HasFatalFailure()) expect_enough(seen);
}

TEST(Simulation, HoldsForAnySeed) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed, bool elr) {
    const auto min_isr = static_cast<std::int32_t>(1 + seed % 3);
    const auto brokers = static_cast<int>(1 + seed / 3 % 6);
    try {
      ClusterModel model({seed, elr, min_isr, brokers});
      for (int at = 0; at < kSteps / 4; ++at) model.step();
      model.heal();
    } catch (const Broken& broken) {
      RC_FAIL(broken.what);
    }
  }));
}

}  // namespace
}  // namespace weir
