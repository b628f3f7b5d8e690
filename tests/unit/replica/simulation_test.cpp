// Replication as a whole, in thousands of random runs: nothing that was committed is lost, and
// after healing everything becomes replicated.
#include <gtest/gtest.h>

#include "tests/unit/replica/model_cluster.h"

namespace weir {
namespace {

constexpr int kSteps = 1'500;

TEST(Replication, KeepsEveryInvariantUnderRandomFaultsAndHealsAfterThem) {
  ModelCluster::Tally sum;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    ModelCluster cluster(seed);
    const std::string violation = cluster.run(kSteps);
    ASSERT_EQ(violation, "") << "seed " << seed;
    const ModelCluster::Tally& t = cluster.tally();
    sum.acked += t.acked;
    sum.elections += t.elections;
    sum.truncations += t.truncations;
    sum.restarts_of_logs += t.restarts_of_logs;
    sum.expansions += t.expansions;
    sum.shrinks += t.shrinks;
    sum.rollbacks += t.rollbacks;
    sum.unclean_ends += t.unclean_ends;
  }
  // The runs have met what they are about.
  EXPECT_GT(sum.acked, 3'000u);
  EXPECT_GT(sum.elections, 1'500u);
  EXPECT_GT(sum.truncations, 400u);
  EXPECT_GT(sum.restarts_of_logs, 50u);
  EXPECT_GT(sum.expansions, 1'500u);
  EXPECT_GT(sum.shrinks, 500u);
  EXPECT_GT(sum.rollbacks, 20u);
  EXPECT_GT(sum.unclean_ends, 800u);
}

TEST(Replication, TheSimulationFindsAFollowerThatTruncatesToItsHighWatermark) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    ModelCluster cluster(seed, ModelSlip::follower_truncates_to_high_watermark);
    if (!cluster.run(kSteps).empty()) ++found;
  }
  EXPECT_GT(found, 10);
}

}  // namespace
}  // namespace weir
