// Slices, random streams and facts: the small values that everything is made of.
#include <gtest/gtest.h>

#include <set>

#include "broker/base/assertion.h"
#include "broker/base/bytes.h"
#include "broker/base/fact.h"
#include "broker/base/random.h"
#include "broker/base/result.h"
#include "broker/base/time.h"

namespace weir {
namespace {

TEST(Slice, SharesItsBufferUntilTheLastViewIsGone) {
  Buffer buffer;
  buffer.append(as_bytes("hello, world"));
  Slice tail;
  {
    const Slice whole = std::move(buffer).share();
    tail = whole.subslice(7);
    EXPECT_EQ(tail.data(), whole.data() + 7);
  }
  EXPECT_EQ(tail.text(), "world");
  EXPECT_TRUE(buffer.empty());
}

TEST(Slice, ClampsSubslicesToItsEnd) {
  const Slice s = Slice::copy_of("abc");
  EXPECT_EQ(s.subslice(1, 99).text(), "bc");
  EXPECT_TRUE(s.subslice(9).empty());
}

TEST(Random, DependsOnKeyAndCountAlone) {
  Random a = Random::keyed(1, 0, "latency", "b1>P1");
  Random b = Random::keyed(1, 0, "latency", "b1>P1");
  Random c = Random::keyed(1, 0, "latency", "b1>P2");
  const std::uint64_t first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
}

TEST(Random, BetweenReachesBothEndsAndNothingElse) {
  Random random(3);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
}

TEST(FactKind, NamesAreUniqueAndFoundAgain) {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(FactKind::count_); ++i) {
    const auto kind = static_cast<FactKind>(i);
    EXPECT_TRUE(names.insert(name_of(kind)).second) << name_of(kind);
    EXPECT_EQ(fact_kind_named(name_of(kind)), kind);
  }
  EXPECT_EQ(fact_kind_named("no.such"), FactKind::count_);
}

TEST(Instant, SaturatesAtNever) {
  EXPECT_EQ(Instant::never() + Duration(1), Instant::never());
  EXPECT_EQ(Instant{5} + Duration(7), Instant{12});
}

TEST(Assertion, SaysWhereAndWhat) {
  try {
    WEIR_ASSERT(1 + 1 == 3);
    FAIL();
  } catch (const AssertionFailure& failure) {
    const std::string text = failure.what();
    EXPECT_TRUE(text.starts_with("tests/unit/base/base_test.cpp:")) << text;
    EXPECT_TRUE(text.ends_with(": 1 + 1 == 3")) << text;
  }
}

}  // namespace
}  // namespace weir
