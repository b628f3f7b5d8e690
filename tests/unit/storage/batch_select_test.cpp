// Which batches of a chunk a read hands out: whole ones, within size and bound.
#include "broker/storage/batch_select.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/batches.h"

namespace weir {
namespace {

class Select : public testing::Test {
 protected:
  // Offsets 0-1, 2-3, 4-5; all batches of one size.
  std::vector<Slice> batches_ = {make_batch({.values = {"a", "b"}, .base_offset = 0}),
                                 make_batch({.values = {"c", "d"}, .base_offset = 2}),
                                 make_batch({.values = {"e", "f"}, .base_offset = 4})};
  Slice chunk_ = join_slices(batches_);
  std::size_t one_ = batches_[0].size();
};

TEST_F(Select, GivesAllThatFits) {
  const Selection all =
      *select_batches(chunk_, {.from = Offset{0}, .bound = Offset{6}, .max_bytes = 3 * one_});
  EXPECT_EQ(all.end, 3 * one_);
  EXPECT_EQ(all.next_offset, Offset{6});
  const Selection two =
      *select_batches(chunk_, {.from = Offset{0}, .bound = Offset{6}, .max_bytes = 3 * one_ - 1});
  EXPECT_EQ(two.end, 2 * one_);
}

TEST_F(Select, BeginsWithTheBatchThatContainsTheOffset) {
  const Selection chosen =
      *select_batches(chunk_, {.from = Offset{3}, .bound = Offset{6}, .max_bytes = one_});
  EXPECT_EQ(chosen.begin, one_);
  EXPECT_EQ(chosen.end, 2 * one_);
  EXPECT_EQ(chosen.first_offset, Offset{2});
}

TEST_F(Select, GivesNoBatchThatReachesBeyondTheBound) {
  const Selection chosen =
      *select_batches(chunk_, {.from = Offset{0}, .bound = Offset{3}, .max_bytes = 9999});
  EXPECT_EQ(chosen.end, one_);
  EXPECT_EQ(chosen.next_offset, Offset{2});
}

TEST_F(Select, GivesTheFirstBatchHoweverLargeOnlyWhenAskedTo) {
  ReadLimits limits{.from = Offset{0}, .bound = Offset{6}, .max_bytes = 1};
  const Selection none = *select_batches(chunk_, limits);
  EXPECT_EQ(none.end, 0u);
  EXPECT_FALSE(none.more);
  limits.at_least_one = true;
  EXPECT_EQ(select_batches(chunk_, limits)->end, one_);
}

TEST_F(Select, AsksForMoreOnlyWhenItHasNothing) {
  const ReadLimits limits{.from = Offset{2}, .bound = Offset{6}, .max_bytes = 9999};
  const Selection cut = *select_batches(chunk_.subslice(0, one_ + 70), limits);
  EXPECT_TRUE(cut.more);
  EXPECT_EQ(cut.resume, one_);
  EXPECT_EQ(cut.resume_bytes, one_);
  const Selection one = *select_batches(chunk_.subslice(0, 2 * one_ + 70), limits);
  EXPECT_FALSE(one.more);
  EXPECT_EQ(one.end, 2 * one_);
}

TEST_F(Select, RefusesWhatIsNoBatch) {
  const std::string zeros(100, '\0');
  EXPECT_FALSE(
      select_batches(as_bytes(zeros), {.from = Offset{0}, .bound = Offset{6}, .max_bytes = 9999}));
}

}  // namespace
}  // namespace weir
