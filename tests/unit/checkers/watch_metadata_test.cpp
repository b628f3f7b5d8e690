// controller.metadata: one image for one offset.
#include "telling.h"

namespace weir::test {
namespace {

class Images : public ::testing::Test {
 protected:
  std::int64_t applies(std::string_view node, std::int64_t end, std::uint64_t digest,
                       FactKind kind = FactKind::metadata_applied) {
    return t.tell(node, {.kind = kind, .value = end, .digest = digest});
  }
  Telling t;
};

TEST_F(Images, AtOneOffsetAreOne) {
  const std::int64_t first = applies("c1", 17, 5);
  applies("b1", 17, 5);
  EXPECT_EQ(t.breaches(), Lines{});
  const std::int64_t other = applies("b2", 17, 6);
  expect_one(t.checks.metadata.images, "__cluster_metadata-0@17", first, other,
             "at offset 17 the image of b2 is another one than that of c1");
}

TEST_F(Images, OfASnapshotAreThoseOfTheRecords) {
  applies("c1", 17, 5);
  applies("b1", 17, 5, FactKind::snapshot_loaded);
  applies("b1", 17, 6);
  EXPECT_EQ(t.checks.metadata.images.breaches, 1);
  EXPECT_EQ(t.checks.metadata.snapshots_loaded, 1);
}

TEST_F(Images, OnlyGrowInALifeAndBeginAgainInTheNext) {
  applies("b1", 17, 5);
  const std::int64_t back = applies("b1", 9, 3);
  expect_one(t.checks.metadata.images, "", -1, back,
             "the image of b1 went back from offset 17 to 9");
  t.dies("b1");
  t.starts("b1");
  applies("b1", 9, 3);
  EXPECT_EQ(t.checks.metadata.images.breaches, 1);
}

TEST_F(Images, MayReachDifferentOffsets) {
  applies("b1", 17, 5);
  applies("b2", 12, 4);
  applies("b2", 30, 9);
  EXPECT_EQ(t.breaches(), Lines{});
  EXPECT_EQ(t.checks.metadata.images.looked_at, 3);
}

}  // namespace
}  // namespace weir::test
