// Numbers for identities, whatever their form.
#include "checkers/identity_index.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/property.h"

namespace weir {
namespace {

TEST(IdentityIndex, NumbersGoUpInTheOrderOfComing) {
  IdentityIndex index;
  EXPECT_EQ(index.number("P1:3"), 0u);
  EXPECT_EQ(index.number("P2:3"), 1u);
  EXPECT_EQ(index.number("P1:0"), 2u);
  EXPECT_EQ(index.number("P1:3"), 0u);
  EXPECT_EQ(index.find("P2:3"), 1u);
  EXPECT_EQ(index.find("P1:1"), IdentityIndex::kNone);
  EXPECT_EQ(index.size(), 3u);
}

TEST(IdentityIndex, TextsThatOnlyLookAlikeAreOthers) {
  IdentityIndex index;
  EXPECT_EQ(index.number("P1:7"), 0u);
  for (const char* other : {"P1:07", "P1:", "P1", ":7", "P1:7 ", "P1:-7", "P1:4000000000", ""}) {
    EXPECT_EQ(index.find(other), IdentityIndex::kNone) << other;
  }
  EXPECT_EQ(index.number("P1:07"), 1u);
  EXPECT_EQ(index.find("P1:7"), 0u);
}

TEST(IdentityIndex, ACountFarAheadCostsNoMemoryAndIsFoundAgain) {
  IdentityIndex index;
  EXPECT_EQ(index.number("P1:999999999"), 0u);
  EXPECT_EQ(index.number("P1:1"), 1u);
  EXPECT_EQ(index.find("P1:999999999"), 0u);
}

TEST(IdentityIndex, AgreesWithAMap) {
  expect_property([] {
    const auto ids = *rc::gen::container<std::vector<std::string>>(rc::gen::map(
        rc::gen::tuple(rc::gen::element<std::string>("A", "B", "A:1", ""),
                       rc::gen::element<std::string>(":", "", "x"), rc::gen::inRange(0, 200'000)),
        [](const auto& t) {
          return std::get<0>(t) + std::get<1>(t) +
                 std::to_string(std::get<2>(t) % 97 == 0 ? std::get<2>(t) : std::get<2>(t) % 10);
        }));
    IdentityIndex index;
    std::map<std::string, std::uint32_t> model;
    for (const std::string& id : ids) {
      const auto known = model.find(id);
      RC_ASSERT(index.find(id) == (known == model.end() ? IdentityIndex::kNone : known->second));
      model.try_emplace(id, static_cast<std::uint32_t>(model.size()));
      RC_ASSERT(index.number(id) == model.at(id));
    }
    for (const auto& [id, number] : model) RC_ASSERT(index.find(id) == number);
  });
}

}  // namespace
}  // namespace weir
