// Quantities for people, and suggestions: exact both ways, and silent where nothing is near.
#include "broker/base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "broker/base/same_text.h"
#include "broker/base/suggest.h"

namespace weir {
namespace {

using std::literals::chrono_literals::operator""h;
using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""ns;
using std::literals::chrono_literals::operator""s;
using std::literals::chrono_literals::operator""us;

TEST(Text, ReadsDurationsExactly) {
  EXPECT_EQ(parse_duration("450us"), Duration(450us));
  EXPECT_EQ(parse_duration("1.5s"), Duration(1500ms));
  EXPECT_EQ(parse_duration("2.0 s"), Duration(2s));
  EXPECT_EQ(parse_duration("1.50m"), Duration(90s));
  EXPECT_EQ(parse_duration("0.5us"), Duration(500ns));
  EXPECT_EQ(parse_duration("3h"), Duration(3h));
}

TEST(Text, RefusesDurationsThatAreNotExactOrHaveNoUnit) {
  for (std::string_view bad : {"", "5", "s", "-1s", "1.s", ".5s", "1.5ns", "1 sec", "1s ", "1e3s",
                               "9223372036854775808ns", "300000000h", "1,5s"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Text, FormatsDurationsSoThatTheyReadBack) {
  EXPECT_EQ(format_duration(0ns), "0s");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(1'000'001ns), "1000001ns");
  EXPECT_EQ(readable_duration(1'450'000ns), "1.450 ms");
  EXPECT_EQ(readable_duration(12s), "12.000 s");
  EXPECT_EQ(readable_duration(87ns), "87 ns");
  EXPECT_EQ(readable_duration(-2'050us), "-2.050 ms");
}

TEST(Text, ReadsAndFormatsRatios) {
  EXPECT_EQ(format_ratio(*parse_ratio("1/1000")), "1/1000");
  EXPECT_EQ(format_ratio(*parse_ratio("0")), "0");
  EXPECT_EQ(format_ratio(*parse_ratio("1")), "1");
  for (std::string_view bad : {"", "0.1", "2", "3/2", "1/0", "1/", "/2", "-1/2", "1/2/3"}) {
    EXPECT_FALSE(parse_ratio(bad)) << bad;
  }
}

TEST(Text, ReadsAndFormatsSizes) {
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("100"), 100u);
  EXPECT_EQ(parse_size("1 MiB"), 1048576u);
  EXPECT_EQ(format_size(65536), "64KiB");
  EXPECT_EQ(format_size(100), "100B");
  EXPECT_EQ(format_size(0), "0B");
  for (std::string_view bad : {"", "KiB", "1KB", "-1", "1.5MiB", "99999999999GiB"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Text, GroupsThousandsAndWritesHex) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(5912), "5,912");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(format_hex(42), "0x2a");
  EXPECT_EQ(parse_unsigned("0x2a"), 42u);
  EXPECT_EQ(parse_unsigned("42"), 42u);
  EXPECT_FALSE(parse_unsigned("0x"));
  EXPECT_FALSE(parse_unsigned("-1"));
}

TEST(SameText, SeesADifferenceAtEveryPlaceOfEveryLength) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string one(size, 'x');
    EXPECT_TRUE(same_text(one, std::string(size, 'x')));
    EXPECT_FALSE(same_text(one, std::string(size + 1, 'x')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = one;
      other[at] = 'y';
      EXPECT_FALSE(same_text(one, other)) << size << " " << at;
    }
  }
}

TEST(Suggest, FindsTheNearWordAndNothingElse) {
  const std::vector<std::string_view> words = {"acks", "retries", "linger.ms", "batch.size"};
  EXPECT_EQ(nearest("ack", words), "acks");
  EXPECT_EQ(nearest("ACKS", words), "acks");
  EXPECT_EQ(nearest("lingre.ms", words), "linger.ms");
  EXPECT_EQ(nearest("compression.type", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(did_you_mean("retires", words), "; did you mean \"retries\"?");
  EXPECT_EQ(did_you_mean("zzz", words), "");
}

TEST(Suggest, CountsASwapOfNeighboursAsOne) {
  EXPECT_EQ(edit_distance("abcd", "abdc"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

}  // namespace
}  // namespace weir
