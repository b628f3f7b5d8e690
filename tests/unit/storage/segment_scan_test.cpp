// The recovery scan: what is whole is found, and nothing behind the first damage is believed.
#include "broker/storage/segment_scan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/storage/batches.h"

namespace weir {
namespace {

struct Three {
  std::vector<Slice> batches = {make_batch({.values = {"a", "b"}, .base_offset = 10}),
                                make_batch({.values = {"c"}, .base_offset = 12}),
                                make_batch({.values = {"d", "e", "f"}, .base_offset = 13})};
  Slice bytes = join_slices(batches);
};

TEST(SegmentScan, FindsAllBatchesOfAWholeSegment) {
  const Three three;
  const SegmentContent content = scan_segment(three.bytes, Offset{10});
  EXPECT_EQ(content.batches.size(), 3u);
  EXPECT_EQ(content.valid_bytes, three.bytes.size());
  EXPECT_EQ(content.next_offset, Offset{16});
  EXPECT_EQ(content.stop, "");
  EXPECT_EQ(content.batches[1].position, three.batches[0].size());
}

TEST(SegmentScan, OfNothingIsNothing) {
  const SegmentContent content = scan_segment(Slice{}, Offset{10});
  EXPECT_EQ(content.next_offset, Offset{10});
  EXPECT_EQ(content.stop, "");
}

TEST(SegmentScan, CutAnywhereItFindsTheWholeBatchesBeforeTheCut) {
  const Three three;
  for (std::size_t length = 0; length < three.bytes.size(); ++length) {
    std::size_t whole = 0;
    std::size_t valid = 0;
    while (valid + three.batches[whole].size() <= length) valid += three.batches[whole++].size();
    const SegmentContent content = scan_segment(three.bytes.subslice(0, length), Offset{10});
    EXPECT_EQ(content.batches.size(), whole) << length;
    EXPECT_EQ(content.valid_bytes, valid) << length;
    EXPECT_EQ(content.stop.empty(), valid == length) << length;
  }
}

TEST(SegmentScan, AFlippedBitAnywhereEndsItAtThatBatch) {
  const Three three;
  const std::size_t begin = three.batches[0].size();
  for (std::size_t at = begin; at < begin + three.batches[1].size(); ++at) {
    const std::size_t in_batch = at - begin;
    if (in_batch >= 12 && in_batch < 16) continue;  // the leader epoch is under no checksum
    Buffer damaged;
    damaged.append(three.bytes);
    damaged.data()[at] ^= std::byte{0x80};
    const SegmentContent content = scan_segment(std::move(damaged).share(), Offset{10});
    // A base offset that grew cannot be told from a gap, but then nothing may follow below it.
    EXPECT_LE(content.valid_bytes, begin + three.batches[1].size()) << in_batch;
    EXPECT_FALSE(content.stop.empty()) << in_batch;
  }
}

TEST(SegmentScan, StopsWhereOffsetsGoBack) {
  const Slice bytes = join_slices(
      {make_batch({.values = {"a", "b"}, .base_offset = 10}), make_batch({.base_offset = 11})});
  const SegmentContent content = scan_segment(bytes, Offset{10});
  EXPECT_EQ(content.batches.size(), 1u);
  EXPECT_EQ(content.stop, "base offset 11 is below 12");
}

TEST(SegmentScan, InAnyChunksItFindsTheSame) {
  std::vector<std::string> large(40, std::string(60'000, 'x'));  // one batch larger than a chunk
  const Slice bytes =
      join_slices({make_batch({.values = {"a"}}), make_batch({.values = large, .base_offset = 1}),
                   make_batch({.values = {"z"}, .base_offset = 41})});
  const SegmentContent content = scan_segment(bytes, Offset{0});
  EXPECT_EQ(content.batches.size(), 3u);
  EXPECT_EQ(content.stop, "");
}

TEST(SegmentScan, NoBytesAtAllCanBreakIt) {
  EXPECT_TRUE(rc::check([](const std::string& noise, std::uint16_t cut) {
    const Three three;
    Buffer bytes;
    bytes.append(three.bytes.subslice(0, cut % (three.bytes.size() + 1)));
    bytes.append(as_bytes(noise));
    const SegmentContent content = scan_segment(std::move(bytes).share(), Offset{10});
    RC_ASSERT(content.valid_bytes <= three.bytes.size() + noise.size());
    RC_ASSERT(content.next_offset >= Offset{10});
  }));
}

}  // namespace
}  // namespace weir
