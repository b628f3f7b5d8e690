// Replication as a whole, in thousands of random runs: nothing that was committed is lost, and
// after healing everything becomes replicated.
#include <gtest/gtest.h>

#include "tests/support/sanitized.h"
#include "tests/unit/replica/model_cluster.h"

namespace weir {
namespace {

constexpr int kSteps = 1'500;
constexpr std::uint64_t kSeeds = kSanitized ? 80 : 400;

TEST(Replication, KeepsEveryInvariantUnderRandomFaultsAndHealsAfterThem) {
  ModelCluster::Tally sum;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
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
  EXPECT_GT(sum.acked, kSeeds * 15 / 2);
  EXPECT_GT(sum.elections, kSeeds * 15 / 4);
  EXPECT_GT(sum.truncations, kSeeds);
  EXPECT_GT(sum.restarts_of_logs, kSeeds / 8);
  EXPECT_GT(sum.expansions, kSeeds * 15 / 4);
  EXPECT_GT(sum.shrinks, kSeeds * 5 / 4);
  EXPECT_GT(sum.rollbacks, kSeeds / 20);
  EXPECT_GT(sum.unclean_ends, kSeeds * 2);
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
