// Retention by time, by size and by the log start, never past the high watermark.
#include "broker/storage/retention.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

class Retention : public testing::Test {
 protected:
  Retention() {
    config_.retention_ms = -1;
    config_.retention_bytes = -1;
  }
  std::size_t count() { return decide_retention(segments_, config_, input_).count; }

  // Three segments of ten records and 100 bytes, with timestamps up to 1000, 2000, 3000.
  std::vector<SegmentSummary> segments_ = {{Offset{0}, Offset{10}, 100, WallTime{1000}},
                                           {Offset{10}, Offset{20}, 100, WallTime{2000}},
                                           {Offset{20}, Offset{30}, 100, WallTime{3000}}};
  LogConfig config_;
  RetentionInput input_{
      .log_start = Offset{0}, .high_watermark = Offset{30}, .now = WallTime{5000}};
};

TEST_F(Retention, WithoutLimitsKeepsAll) { EXPECT_EQ(count(), 0u); }

TEST_F(Retention, DeletesWhatIsOlderThanRetentionMs) {
  config_.retention_ms = 2500;
  EXPECT_EQ(count(), 2u);
  config_.retention_ms = 3000;  // exactly as old is not older
  EXPECT_EQ(count(), 1u);
  config_.retention_ms = 0;
  EXPECT_EQ(count(), 3u);  // the active one too: it is rolled first
}

TEST_F(Retention, NeverDeletesBehindAYoungerSegment) {
  config_.retention_ms = 2500;
  segments_[0].max_timestamp = WallTime{4000};
  EXPECT_EQ(count(), 0u);
}

TEST_F(Retention, DeletesWhileTheRestIsAtLeastRetentionBytes) {
  config_.retention_bytes = 200;
  EXPECT_EQ(count(), 1u);
  config_.retention_bytes = 201;
  EXPECT_EQ(count(), 0u);
}

TEST_F(Retention, NeverPassesTheHighWatermark) {
  config_.retention_ms = 0;
  input_.high_watermark = Offset{19};
  EXPECT_EQ(count(), 1u);
}

TEST_F(Retention, DeletesWhatIsBelowTheLogStartWhateverThePolicy) {
  config_.cleanup_policy = {.remove = false, .compact = true};
  config_.retention_ms = 0;
  input_.log_start = Offset{10};
  EXPECT_EQ(count(), 1u);
}

TEST_F(Retention, KeepsAnEmptyActiveSegment) {
  config_.retention_ms = 0;
  segments_.push_back({Offset{30}, Offset{30}, 0, WallTime{-1}});
  EXPECT_EQ(count(), 3u);
}

TEST_F(Retention, ByTimeKeepsWhatHasNoTimestamp) {
  config_.retention_ms = 0;
  segments_[0].max_timestamp = WallTime{-1};
  EXPECT_EQ(count(), 0u);
}

}  // namespace
}  // namespace weir
