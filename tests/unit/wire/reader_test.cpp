// Primitive types: golden bytes of the numbers, input in pieces, and hostile lengths.
#include "broker/wire/reader.h"

#include <gtest/gtest.h>

#include "broker/wire/writer.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

TEST(Varint, HasTheBytesOfProtocolBuffers) {
  struct Case {
    std::int32_t value;
    const char* bytes;
  };
  for (const Case& c : {Case{0, "00"}, Case{-1, "01"}, Case{1, "02"}, Case{63, "7e"},
                        Case{-64, "7f"}, Case{64, "8001"}, Case{-65, "8101"}, Case{300, "d804"},
                        Case{INT32_MAX, "feffffff0f"}, Case{INT32_MIN, "ffffffff0f"}}) {
    Writer out;
    out.varint(c.value);
    EXPECT_EQ(to_hex(join(std::move(out).finish())), c.bytes) << c.value;
    Reader in(from_hex(c.bytes));
    EXPECT_EQ(in.varint(), c.value);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.remaining(), 0u);
  }
}

TEST(Varint, HoldsTheExtremesOfSixtyFourBits) {
  for (const std::int64_t value : {INT64_MIN, INT64_MAX, std::int64_t{-1}, std::int64_t{1} << 40}) {
    Writer out;
    out.varlong(value);
    Reader in(join(std::move(out).finish()));
    EXPECT_EQ(in.varlong(), value);
    EXPECT_TRUE(in.ok());
  }
  EXPECT_EQ(varint_size(zigzag(INT64_MIN)), 10u);
}

TEST(Varint, IsMalformedBeyondItsWidth) {
  for (const char* bytes : {"ffffffff10", "ffffffffff01", "808080808000"}) {
    Reader in(from_hex(bytes));
    in.unsigned_varint();
    EXPECT_EQ(in.error(), Errc::malformed) << bytes;
  }
  Reader in(from_hex("ffffffffffffffffff02"));
  in.unsigned_varlong();
  EXPECT_EQ(in.error(), Errc::malformed);
}

TEST(Reader, ReadsBigEndianIntegers) {
  Reader in(from_hex("80 0102 fffffffe 0000000100000000 01"));
  EXPECT_EQ(in.int8(), -128);
  EXPECT_EQ(in.int16(), 0x0102);
  EXPECT_EQ(in.int32(), -2);
  EXPECT_EQ(in.int64(), std::int64_t{1} << 32);
  EXPECT_TRUE(in.boolean());
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.position(), 16u);
}

TEST(Reader, KeepsTheFirstErrorAndGivesZeroFromThenOn) {
  Reader in(from_hex("0102"));
  EXPECT_EQ(in.int32(), 0);
  EXPECT_EQ(in.error(), Errc::truncated);
  EXPECT_EQ(in.int8(), 0);
  EXPECT_EQ(in.text(1), "");
  in.fail(Errc::malformed);
  EXPECT_EQ(in.error(), Errc::truncated);
}

TEST(Reader, ReadsTheSameHoweverTheInputIsCut) {
  const Slice whole = from_hex("0102 03040506 8001 0708090a0b0c0d0e 666f6f");
  for (std::size_t a = 0; a <= whole.size(); ++a) {
    for (std::size_t b = a; b <= whole.size(); ++b) {
      Reader in(
          std::vector<Slice>{whole.subslice(0, a), whole.subslice(a, b - a), whole.subslice(b)});
      EXPECT_EQ(in.int16(), 0x0102);
      EXPECT_EQ(in.int32(), 0x03040506);
      EXPECT_EQ(in.varint(), 64);
      EXPECT_EQ(in.int64(), 0x0708090a0b0c0d0e);
      EXPECT_EQ(in.slice(3).text(), "foo");
      EXPECT_TRUE(in.ok());
      EXPECT_EQ(in.remaining(), 0u);
      EXPECT_EQ(in.position(), whole.size());
    }
  }
}

TEST(Reader, GivesViewsWithoutACopyWhereTheBytesLieTogether) {
  const Slice a = Slice::copy_of("0123456789");
  const Slice b = Slice::copy_of("abcdef");
  Reader in(std::vector<Slice>{a, b});
  in.skip(2);
  EXPECT_EQ(in.slice(3).data(), a.data() + 2);
  in.skip(5);
  EXPECT_EQ(in.slice(6).data(), b.data());
}

TEST(Reader, SectionsEndWhereTheyShould) {
  Reader in(from_hex("010203040506"));
  in.skip(1);
  Reader section = in.section(2);
  EXPECT_EQ(section.int16(), 0x0203);
  EXPECT_EQ(section.position(), 3u);
  section.int8();
  EXPECT_EQ(section.error(), Errc::truncated);
  EXPECT_EQ(in.int8(), 4);
  Reader beyond = in.section(3);
  EXPECT_EQ(beyond.error(), Errc::truncated);
  EXPECT_EQ(in.error(), Errc::truncated);
}

TEST(Reader, RefusesImpossibleLengths) {
  Reader negative(from_hex("fffe"));
  EXPECT_FALSE(negative.string_length(false).has_value());
  EXPECT_EQ(negative.error(), Errc::malformed);
  Reader null(from_hex("ffff"));
  EXPECT_FALSE(null.string_length(false).has_value());
  EXPECT_TRUE(null.ok());
  Reader long_string(from_hex("818002"));  // a compact length of 32768
  EXPECT_FALSE(long_string.string_length(true).has_value());
  EXPECT_EQ(long_string.error(), Errc::too_large);
  Reader claims(from_hex("7fffffff"));
  EXPECT_EQ(claims.length(false), std::size_t{INT32_MAX});
  EXPECT_TRUE(claims.slice(INT32_MAX).empty());
  EXPECT_EQ(claims.error(), Errc::truncated);
}

TEST(Writer, HandsSlicesOverWithoutACopy) {
  const Slice records = Slice::copy_of("a batch of records");
  Writer out;
  out.int16(1);
  out.hand_over(records);
  out.hand_over(Slice());
  out.hand_over(records.subslice(2, 5));
  out.int8(2);
  EXPECT_EQ(out.size(), 2 + 18 + 5 + 1u);
  const std::vector<Slice> slices = std::move(out).finish();
  ASSERT_EQ(slices.size(), 4u);
  EXPECT_EQ(slices[1].data(), records.data());
  EXPECT_EQ(slices[2].data(), records.data() + 2);
  EXPECT_EQ(join(slices).text(), std::string_view("\0\1a batch of recordsbatch\2", 26));
}

}  // namespace
}  // namespace weir
