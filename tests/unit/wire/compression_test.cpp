// Codecs: round trips, framings, bombs, and equal output for equal input.
#include "broker/wire/compression.h"

#include <gtest/gtest.h>

#include "broker/base/random.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

constexpr Compression kAll[] = {Compression::gzip, Compression::snappy, Compression::lz4,
                                Compression::zstd};

// Text with repetitions, so that compressors find something.
Slice make_text(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  Buffer text;
  while (text.size() < size) {
    const std::string word = "word" + std::to_string(random.below(50)) + " ";
    text.append(as_bytes(word).first(std::min(word.size(), size - text.size())));
  }
  return std::move(text).share();
}

Slice compressed(Codecs& codecs, Compression codec, Bytes input) {
  Buffer output;
  codecs.compress(codec, input, output);
  return std::move(output).share();
}

TEST(Compression, GivesBackWhatItTook) {
  Codecs codecs;
  for (const Compression codec : kAll) {
    for (const std::size_t size : {0u, 1u, 100u, 32768u, 32769u, 65536u, 300'000u}) {
      const Slice text = make_text(size, size);
      const Slice packed = compressed(codecs, codec, text);
      if (size >= 100) {
        EXPECT_LT(packed.size(), size) << name_of(codec);
      }
      const Result<Slice> again = codecs.decompress(codec, packed);
      ASSERT_TRUE(again) << name_of(codec) << " " << size;
      EXPECT_TRUE(again->text() == text.text()) << name_of(codec) << " " << size;
    }
  }
}

TEST(Compression, OfNoneSharesTheInput) {
  Codecs codecs;
  const Slice text = Slice::copy_of("text");
  EXPECT_EQ(codecs.decompress(Compression::none, text)->data(), text.data());
}

TEST(Compression, IsAFunctionOfTheInputAlone) {
  Codecs used;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Slice text = make_text(seed * 977 % 20'000, seed);
    for (const Compression codec : kAll) {
      Codecs fresh;
      EXPECT_EQ(to_hex(compressed(used, codec, text)), to_hex(compressed(fresh, codec, text)))
          << name_of(codec) << " " << seed;
    }
  }
}

TEST(Compression, StopsAtTheLimit) {
  Codecs codecs;
  const Slice zeros = Slice::copy_of(std::string(10'000'000, '\0'));
  for (const Compression codec : kAll) {
    const Slice bomb = compressed(codecs, codec, zeros);
    EXPECT_EQ(codecs.decompress(codec, bomb, zeros.size() - 1).error(), Errc::too_large)
        << name_of(codec);
    EXPECT_EQ(codecs.decompress(codec, bomb, 1000).error(), Errc::too_large) << name_of(codec);
    EXPECT_TRUE(codecs.decompress(codec, bomb, zeros.size())) << name_of(codec);
  }
}

TEST(Compression, RefusesInputThatIsCutOrGarbage) {
  Codecs codecs;
  const Slice text = make_text(5000, 1);
  for (const Compression codec : kAll) {
    const Slice packed = compressed(codecs, codec, text);
    for (std::size_t cut = 1; cut < packed.size(); cut += 7) {
      const Result<Slice> result = codecs.decompress(codec, packed.subslice(0, cut));
      // Xerial framing knows no end: cut between blocks it is whole.
      EXPECT_TRUE(!result || (codec == Compression::snappy && cut == 16)) << name_of(codec) << cut;
    }
    EXPECT_FALSE(codecs.decompress(codec, Slice::copy_of("certainly none of the formats")));
    EXPECT_FALSE(codecs.decompress(codec, Slice()));
    EXPECT_TRUE(codecs.decompress(codec, packed)) << "errors leave no trace in the contexts";
  }
  EXPECT_EQ(codecs.decompress(static_cast<Compression>(5), text).error(), Errc::unsupported);
}

TEST(Compression, ReadsAndWritesSnappyInXerialBlocksAndReadsItRaw) {
  Codecs codecs;
  const Slice framed = compressed(codecs, Compression::snappy, as_bytes("abcd"));
  EXPECT_EQ(to_hex(framed),
            to_hex(from_hex("82534e4150505900 00000001 00000001 00000006 04 0c 61626364")));
  const Result<Slice> raw = codecs.decompress(Compression::snappy, from_hex("04 0c 61626364"));
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->text(), "abcd");
}

TEST(Compression, DoesNotBelieveTheSizeThatRawSnappyClaims) {
  Codecs codecs;
  // Four gigabytes in seven bytes.
  EXPECT_EQ(codecs.decompress(Compression::snappy, from_hex("ffffffff0f 0061")).error(),
            Errc::malformed);
}

TEST(Compression, WritesLz4FramesAsMagicTwoDemandsThem) {
  Codecs codecs;
  const Slice frame = compressed(codecs, Compression::lz4, as_bytes("abcd"));
  // Magic, version 1 with independent blocks, blocks of 64 KiB, the checksum over these two bytes.
  EXPECT_EQ(to_hex(frame.subslice(0, 7)), "04224d18604082");
}

TEST(Compression, ReadsSeveralGzipMembers) {
  Codecs codecs;
  Buffer both;
  codecs.compress(Compression::gzip, as_bytes("one "), both);
  codecs.compress(Compression::gzip, as_bytes("two"), both);
  EXPECT_EQ(codecs.decompress(Compression::gzip, std::move(both).share())->text(), "one two");
}

TEST(Compression, HasKafkasNames) {
  EXPECT_EQ(*compression_named("zstd"), Compression::zstd);
  EXPECT_EQ(*compression_named("none"), Compression::none);
  EXPECT_FALSE(compression_named("brotli"));
}

}  // namespace
}  // namespace weir
