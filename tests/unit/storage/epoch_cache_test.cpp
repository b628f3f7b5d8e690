// The epoch cache, by Kafka's endOffsetFor rules and the strict ascent of its entries.
#include "broker/storage/epoch_cache.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace weir {
namespace {

EpochCache cache_of(const std::vector<std::pair<int, int>>& entries) {
  EpochCache cache;
  for (const auto& [epoch, start] : entries) cache.assign(LeaderEpoch{epoch}, Offset{start});
  return cache;
}

EpochEnd end(int epoch, int offset) { return {LeaderEpoch{epoch}, Offset{offset}}; }

TEST(EpochCache, AnswersWhereAnEpochEnds) {
  const EpochCache cache = cache_of({{2, 10}, {4, 30}, {5, 50}});
  const Offset log_end{70};
  struct Row {
    const char* rule;
    int epoch;
    EpochEnd expected;
  };
  const Row rows[] = {
      {"an undefined epoch is undefined", -1, {}},
      {"before the first: itself, and the start of the first", 1, end(1, 10)},
      {"the first ends where the next begins", 2, end(2, 30)},
      {"a gap: the one before it, and where the next begins", 3, end(2, 30)},
      {"the last but one", 4, end(4, 50)},
      {"the latest ends at the log end", 5, end(5, 70)},
      {"beyond the latest: undefined", 6, {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(cache.end_of(LeaderEpoch{row.epoch}, log_end), row.expected) << row.rule;
  }
  EXPECT_EQ(EpochCache{}.end_of(LeaderEpoch{0}, log_end), EpochEnd{});
}

TEST(EpochCache, AssignsOnlyWhatIsNewAndDropsWhatContradictsIt) {
  EpochCache cache = cache_of({{1, 0}, {3, 10}});
  EXPECT_FALSE(cache.assign(LeaderEpoch{3}, Offset{15}));
  EXPECT_FALSE(cache.assign(LeaderEpoch{-1}, Offset{15}));
  EXPECT_TRUE(cache.assign(LeaderEpoch{4}, Offset{10}));  // epoch 3 has no record
  EXPECT_EQ(cache.entries(), cache_of({{1, 0}, {4, 10}}).entries());
  EXPECT_TRUE(cache.assign(LeaderEpoch{2}, Offset{5}));
  EXPECT_EQ(cache.entries(), cache_of({{1, 0}, {2, 5}}).entries());
}

TEST(EpochCache, TruncatesAtBothEnds) {
  EpochCache cache = cache_of({{1, 0}, {2, 10}, {3, 20}});
  EXPECT_TRUE(cache.truncate_from_end(Offset{20}));
  EXPECT_FALSE(cache.truncate_from_end(Offset{20}));
  EXPECT_EQ(cache.latest(), LeaderEpoch{2});
  EXPECT_TRUE(cache.truncate_from_start(Offset{15}));
  EXPECT_EQ(cache.entries(), cache_of({{2, 15}}).entries());
  EXPECT_EQ(cache.epoch_at(Offset{16}), LeaderEpoch{2});
  EXPECT_EQ(cache.epoch_at(Offset{14}), kNoLeaderEpoch);
}

TEST(EpochCache, IsStoredAsKafkaStoresIt) {
  const EpochCache cache = cache_of({{1, 0}, {4, 10}});
  EXPECT_EQ(cache.encode(), "0\n2\n1 0\n4 10\n");
  EXPECT_EQ(EpochCache::decode(cache.encode())->entries(), cache.entries());
  for (const char* text :
       {"", "0\n", "0\n1\n", "1\n0\n", "0\n2\n1 0\n", "0\n1\n1 0", "0\n1\n1,0\n",
        "0\n2\n1 0\n1 5\n", "0\n2\n1 5\n2 5\n", "0\n1\n-1 0\n", "0\n1\n99999999999 0\n"}) {
    EXPECT_FALSE(EpochCache::decode(text)) << text;
  }
}

TEST(EpochCache, StrictlyAscendsWhateverIsDoneToIt) {
  EXPECT_TRUE(
      rc::check([](const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>>& steps) {
        EpochCache cache;
        for (const auto& [what, epoch, offset] : steps) {
          if (what % 4 < 2) cache.assign(LeaderEpoch{epoch % 16}, Offset{offset});
          if (what % 4 == 2) cache.truncate_from_end(Offset{offset});
          if (what % 4 == 3) cache.truncate_from_start(Offset{offset});
          for (std::size_t i = 1; i < cache.entries().size(); ++i) {
            RC_ASSERT(cache.entries()[i - 1].epoch < cache.entries()[i].epoch);
            RC_ASSERT(cache.entries()[i - 1].start < cache.entries()[i].start);
          }
          RC_ASSERT(EpochCache::decode(cache.encode())->entries() == cache.entries());
        }
      }));
}

}  // namespace
}  // namespace weir
