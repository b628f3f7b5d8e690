// CRC-32C against published vectors (RFC 3720, B.4), and the instruction against the table.
#include "broker/base/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/base/random.h"

namespace weir {
namespace {

TEST(Crc32c, MatchesTheVectorsOfRfc3720) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0})), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xff})), 0x62a8ab43u);
}

TEST(Crc32c, InstructionAndTableAgreeForEveryLengthAndSplit) {
  Random random(7);
  std::vector<std::byte> bytes;
  for (std::size_t n = 0; n < 300; ++n) {
    const Bytes all(bytes);
    const std::uint32_t whole = crc32c(all);
    EXPECT_EQ(whole, crc32c_portable(all));
    const std::size_t cut = random.below(n + 1);
    EXPECT_EQ(whole, crc32c(all.subspan(cut), crc32c(all.first(cut))));
    bytes.push_back(static_cast<std::byte>(random.next()));
  }
}

TEST(Crc32c, InstructionAndTableAgreeOnLongRunsThatBeginAnywhere) {
  Random random(8);
  std::vector<std::byte> bytes(40'000);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  for (int i = 0; i < 200; ++i) {
    const std::size_t from = random.below(64);
    const Bytes run = Bytes(bytes).subspan(from, random.below(bytes.size() - from));
    const auto before = static_cast<std::uint32_t>(random.next());
    EXPECT_EQ(crc32c(run, before), crc32c_portable(run, before));
  }
}

}  // namespace
}  // namespace weir
