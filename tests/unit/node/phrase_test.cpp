// Phrases of facts: bounded, whatever is said after they are full.
#include "broker/node/phrase.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

TEST(Phrase, EndsInDotsWhenThereIsNoRoomAndTakesNoMore) {
  Phrase phrase;
  phrase << "Fetch" << " v" << 11;
  EXPECT_EQ(phrase.view(), "Fetch v11");
  EXPECT_FALSE(phrase.full());
  phrase << std::string(400, 'x');
  EXPECT_TRUE(phrase.full());
  const std::string full(phrase.view());
  EXPECT_TRUE(full.ends_with("x..."));
  phrase << "more" << 12345 << std::string(400, 'y');
  EXPECT_EQ(phrase.view(), full);
}

TEST(Phrase, FillsExactly) {
  for (std::size_t size = 140; size < 180; ++size) {
    Phrase phrase;
    phrase << std::string(size, 'x') << "end" << 7;
    EXPECT_LE(phrase.view().size(), 160u) << size;
    EXPECT_EQ(phrase.full(), size + 4 > 157) << size;
  }
}

}  // namespace
}  // namespace weir
