// Cutting a stream into frames, however the network cuts it.
#include "broker/wire/frame_reader.h"

#include <gtest/gtest.h>

#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

TEST(FrameReader, FindsTheSameFramesHoweverTheBytesArrive) {
  const Slice stream = from_hex("00000003 616263 00000000 00000001 64");
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    FrameReader frames;
    std::vector<std::string> got;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      frames.feed(stream.subslice(at, step));
      while (true) {
        Result<std::optional<Slice>> frame = frames.next_slice();
        ASSERT_TRUE(frame);
        if (!frame->has_value()) break;
        got.emplace_back((**frame).text());
      }
    }
    EXPECT_EQ(got, (std::vector<std::string>{"abc", "", "d"})) << step;
    EXPECT_EQ(frames.buffered(), 0u);
  }
}

TEST(FrameReader, SharesAFrameThatLiesInOneSlice) {
  const Slice stream = from_hex("00000003 616263 00000002 6465");
  FrameReader frames;
  frames.feed(stream);
  EXPECT_EQ((**frames.next_slice()).data(), stream.data() + 4);
  EXPECT_EQ((**frames.next_slice()).data(), stream.data() + 11);
  EXPECT_FALSE(frames.next_slice()->has_value());
}

TEST(FrameReader, TellsWhatHasComeOfAFrameAndTakesItOnceMore) {
  FrameReader frames;
  EXPECT_FALSE(frames.begun().has_value());
  frames.feed(from_hex("000000"));
  EXPECT_FALSE(frames.next_slice()->has_value());
  EXPECT_FALSE(frames.begun().has_value()) << "its size is not known";
  frames.feed(from_hex("05 6162"));
  EXPECT_FALSE(frames.next_slice()->has_value());
  ASSERT_TRUE(frames.begun().has_value());
  EXPECT_EQ(as_text(frames.begun()->bytes), "ab");
  EXPECT_EQ(frames.begun()->size, 5u);

  frames.forget_begun();
  EXPECT_EQ(frames.buffered(), 0u);
  EXPECT_TRUE(frames.begun()->bytes.empty());
  frames.feed(from_hex("6162636465"));
  frames.feed(from_hex("00000001 66"));
  EXPECT_EQ((**frames.next_slice()).text(), "abcde");
  EXPECT_EQ((**frames.next_slice()).text(), "f");
  EXPECT_FALSE(frames.begun().has_value());
}

TEST(FrameReader, TellsNothingOfAFrameThatCameInPieces) {
  FrameReader frames;
  frames.feed(from_hex("00000005 61"));
  frames.feed(from_hex("62"));
  EXPECT_FALSE(frames.next_slice()->has_value());
  EXPECT_FALSE(frames.begun().has_value());
}

TEST(FrameReader, RefusesNegativeAndOversizedFramesForGood) {
  FrameReader negative;
  negative.feed(from_hex("80000000"));
  EXPECT_EQ(negative.next().error(), Errc::malformed);
  negative.feed(from_hex("00000000"));
  EXPECT_EQ(negative.next().error(), Errc::malformed);
  FrameReader large(16);
  large.feed(from_hex("00000011"));
  EXPECT_EQ(large.next().error(), Errc::too_large);
  FrameReader fits(16);
  fits.feed(from_hex("00000010"));
  EXPECT_TRUE(fits.next());
  FrameReader by_default;
  by_default.feed(from_hex("06400001"));
  EXPECT_EQ(by_default.next().error(), Errc::too_large);
}

}  // namespace
}  // namespace weir
