// The two indexes of a segment: sparse, never too far, believed only when they fit.
#include "broker/storage/segment_index.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

BatchHeader batch(std::int64_t base, std::int32_t count, std::int64_t timestamp) {
  BatchHeader header;
  header.base_offset = Offset{base};
  header.batch_length = 88;  // 100 bytes in all
  header.last_offset_delta = count - 1;
  header.max_timestamp = timestamp;
  return header;
}

// Ten batches of 100 bytes and two records from offset 50 on; an entry after more than 250 bytes.
SegmentIndex ten_batches() {
  SegmentIndex index(Offset{50}, 250);
  for (int i = 0; i < 10; ++i) index.note(batch(50 + 2 * i, 2, 1000 + 10 * i), 100u * i);
  return index;
}

TEST(SegmentIndex, MakesAnEntryWhenTheIntervalIsPassed) {
  const SegmentIndex index = ten_batches();
  const std::vector<SegmentIndex::OffsetEntry> expected = {
      {Offset{57}, 300}, {Offset{63}, 600}, {Offset{69}, 900}};
  EXPECT_EQ(index.offsets(), expected);
}

TEST(SegmentIndex, NeverPointsBehindTheBatchThatIsLookedFor) {
  const SegmentIndex index = ten_batches();
  for (std::int64_t offset = 50; offset < 70; ++offset) {
    const std::uint64_t batch_position = static_cast<std::uint64_t>((offset - 50) / 2) * 100;
    EXPECT_LE(index.position_before(Offset{offset}), batch_position) << offset;
    EXPECT_GE(index.position_before(Offset{offset}) + 400, batch_position) << offset;
  }
}

TEST(SegmentIndex, NeverSkipsARecordThatIsNotOlder) {
  const SegmentIndex index = ten_batches();
  for (std::int64_t timestamp = 990; timestamp < 1100; ++timestamp) {
    const std::int64_t first_batch = std::max<std::int64_t>(0, (timestamp - 1000 + 9) / 10);
    EXPECT_LT(index.offset_before(WallTime{timestamp}), Offset{50 + 2 * first_batch}) << timestamp;
  }
}

TEST(SegmentIndex, KeepsTheLargestTimestampWhereTimeGoesBack) {
  SegmentIndex index(Offset{0}, 0);
  index.note(batch(0, 1, 500), 0);
  index.note(batch(1, 1, 100), 100);
  index.note(batch(2, 1, 500), 200);
  index.finish();
  EXPECT_EQ(index.max_timestamp(), WallTime{500});
  EXPECT_EQ(index.times(), (std::vector<SegmentIndex::TimeEntry>{{WallTime{500}, Offset{0}}}));
}

TEST(SegmentIndex, IsReadBack) {
  SegmentIndex index = ten_batches();
  index.finish();
  SegmentIndex back(Offset{50}, 250);
  ASSERT_TRUE(back.decode(index.encode_offsets(), index.encode_times(), 1000));
  EXPECT_EQ(back.offsets(), index.offsets());
  EXPECT_EQ(back.times(), index.times());
  EXPECT_EQ(back.max_timestamp(), WallTime{1090});
}

TEST(SegmentIndex, IsNotBelievedWhenItDoesNotFit) {
  const SegmentIndex index = ten_batches();
  const Slice offsets = index.encode_offsets();
  const Slice times = index.encode_times();
  SegmentIndex back(Offset{50}, 250);
  EXPECT_FALSE(back.decode(offsets.subslice(0, 12), times, 1000));  // cut
  EXPECT_FALSE(back.decode(offsets, times.subslice(0, 5), 1000));
  EXPECT_FALSE(back.decode(offsets, times, 900));  // beyond the segment
  const std::string zeros(16, '\0');
  EXPECT_FALSE(back.decode(as_bytes(zeros), times, 1000));
  EXPECT_TRUE(back.offsets().empty());
  EXPECT_TRUE(back.times().empty());
}

TEST(SegmentIndex, IsFullWhenOneMoreEntryWouldPassTheLimit) {
  const SegmentIndex index = ten_batches();  // three entries each: 24 and 36 bytes
  EXPECT_TRUE(index.full(47));
  EXPECT_FALSE(index.full(48));
}

}  // namespace
}  // namespace weir
