// When a log is worth cleaning, how far, and in which groups.
#include "broker/storage/compaction_plan.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr WallTime kNow{1'000'000};

class CompactionPlanTest : public testing::Test {
 protected:
  CompactionPlanTest() { config_.cleanup_policy.compact = true; }

  // Segments of ten offsets and 100 bytes each, the last one active, written one second apart.
  static std::vector<SegmentSummary> segments(int count) {
    std::vector<SegmentSummary> all;
    for (int i = 0; i < count; ++i) {
      all.push_back({.base = Offset{10 * i},
                     .end = Offset{10 * i + 10},
                     .size = 100,
                     .max_timestamp = WallTime{kNow.ms - 1000 * (count - i)},
                     .first_timestamp = WallTime{kNow.ms - 1000 * (count - i) - 500}});
    }
    return all;
  }
  CompactionDecision decide(int count) {
    input_.log_end = Offset{10 * count};
    return decide_compaction(segments(count), config_, input_);
  }

  LogConfig config_;
  CompactionInput input_{.log_start = Offset{0},
                         .log_end = Offset{0},
                         .checkpoint = Offset{-1},
                         .bound = Offset{1'000},
                         .now = kNow};
};

TEST_F(CompactionPlanTest, TheActiveSegmentIsNeverCleaned) {
  EXPECT_FALSE(decide(1).wanted);
  const CompactionDecision decision = decide(3);
  EXPECT_TRUE(decision.wanted);
  EXPECT_EQ(decision.from, Offset{0});
  EXPECT_EQ(decision.to, Offset{20});
  EXPECT_EQ(decision.why, "100% of the log are dirty");
}

TEST_F(CompactionPlanTest, NothingAtOrAboveTheBoundIsCleaned) {
  input_.bound = Offset{13};
  EXPECT_EQ(decide(3).to, Offset{13});
  input_.bound = Offset{0};
  EXPECT_FALSE(decide(3).wanted);
}

TEST_F(CompactionPlanTest, WithoutThePolicyNothingIs) {
  config_.cleanup_policy.compact = false;
  EXPECT_FALSE(decide(5).wanted);
}

TEST_F(CompactionPlanTest, TheDirtyPartMustBeLargerThanTheRatio) {
  input_.checkpoint = Offset{20};  // 2 of 4 are dirty
  EXPECT_FALSE(decide(5).wanted);
  input_.checkpoint = Offset{10};
  EXPECT_TRUE(decide(5).wanted);
  EXPECT_EQ(decide(5).from, Offset{10});
  config_.min_cleanable_dirty_ppm = 800'000;
  EXPECT_FALSE(decide(5).wanted);
}

TEST_F(CompactionPlanTest, YoungRecordsWait) {
  config_.min_compaction_lag_ms = 3'000;
  EXPECT_EQ(decide(5).to, Offset{30});  // written 5, 4, 3 and 2 seconds ago
}

TEST_F(CompactionPlanTest, OldRecordsDoNotWaitForTheRatio) {
  input_.checkpoint = Offset{30};
  config_.max_compaction_lag_ms = 2'400;
  const CompactionDecision decision = decide(5);
  EXPECT_TRUE(decision.wanted);
  EXPECT_EQ(decision.why, "dirty records are older than max.compaction.lag.ms=2400");
  config_.max_compaction_lag_ms = 2'600;
  EXPECT_FALSE(decide(5).wanted);
}

TEST_F(CompactionPlanTest, ACheckpointOutsideOfTheLogIsNotBelieved) {
  input_.checkpoint = Offset{60};
  EXPECT_EQ(decide(5).from, Offset{0});
  input_.checkpoint = Offset{10};
  input_.log_start = Offset{25};
  EXPECT_EQ(decide(5).from, Offset{25});
}

TEST_F(CompactionPlanTest, GroupsAreAsLargeAsASegmentMayBe) {
  config_.segment_bytes = 250;
  EXPECT_EQ(group_segments(segments(6), 5, config_), (std::vector<std::size_t>{2, 2, 1}));
  config_.segment_bytes = 50;  // smaller than each: one to one
  EXPECT_EQ(group_segments(segments(6), 2, config_), (std::vector<std::size_t>{1, 1}));
  EXPECT_EQ(group_segments(segments(6), 0, config_), std::vector<std::size_t>{});
}

TEST_F(CompactionPlanTest, NoGroupSpansMoreOffsetsThanAnIndexCanHold) {
  std::vector<SegmentSummary> far = segments(3);
  far[1].end = Offset{0x7fffffffLL + 1};
  far[2].base = far[1].end;
  far[2].end = far[2].base + 1;
  EXPECT_EQ(group_segments(far, 3, config_), (std::vector<std::size_t>{2, 1}));
  far[1].end = far[1].end + 1;
  EXPECT_EQ(group_segments(far, 2, config_), (std::vector<std::size_t>{1, 1}));
}

}  // namespace
}  // namespace weir
