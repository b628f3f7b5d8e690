// The reducer alone, over predicates.
#include "scenarios/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "tests/support/property.h"

namespace weir {
namespace {

using Places = std::vector<std::size_t>;

bool holds_all(const Places& kept, const std::set<std::size_t>& needed) {
  return std::ranges::all_of(
      needed, [&](std::size_t place) { return std::ranges::find(kept, place) != kept.end(); });
}

TEST(Reduce, LeavesNothingWhereNothingIsNeeded) {
  EXPECT_EQ(reduce(17, [](const Places&) { return true; }), Places{});
  EXPECT_EQ(reduce(0, [](const Places&) { return true; }), Places{});
}

TEST(Reduce, LeavesAllWhereAllIsNeeded) {
  const auto fails = [](const Places& kept) { return kept.size() == 5; };
  EXPECT_EQ(reduce(5, fails), (Places{0, 1, 2, 3, 4}));
}

TEST(Reduce, AsksLittleMoreThanALogarithmForOneOfAThousand) {
  std::size_t asked = 0;
  const Places left = reduce(1000, [&](const Places& kept) {
    ++asked;
    return holds_all(kept, {617});
  });
  EXPECT_EQ(left, (Places{617}));
  EXPECT_LE(asked, 40u);
}

TEST(Reduce, LeavesExactlyWhatIsNeeded) {
  expect_property([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 60);
    const auto some =
        *rc::gen::container<std::set<std::size_t>>(rc::gen::inRange<std::size_t>(0, count));
    const Places left = reduce(count, [&](const Places& kept) { return holds_all(kept, some); });
    RC_ASSERT(left == Places(some.begin(), some.end()));
  });
}

// Where more may fail less: what is left fails, and without any one of it does not.
TEST(Reduce, LeavesWhatFailsAndNotWithoutAnyOneOfIt) {
  expect_property([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 20);
    const auto modulus = *rc::gen::inRange<std::size_t>(2, 7);
    const auto sum = [](const Places& kept) {
      return std::accumulate(kept.begin(), kept.end(), std::size_t{0});
    };
    Places all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::size_t wanted = sum(all) % modulus;
    const auto fails = [&](const Places& kept) { return sum(kept) % modulus == wanted; };
    const Places left = reduce(count, fails);
    RC_ASSERT(fails(left));
    for (std::size_t i = 0; i < left.size(); ++i) {
      Places fewer = left;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      RC_ASSERT(!fails(fewer));
    }
  });
}

}  // namespace
}  // namespace weir
