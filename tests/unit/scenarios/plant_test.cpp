// Planted bugs stay plantable: each finds its text in the sources as they are, once, so that a
// change of the product which moves one is noticed by the change, not in the night.
#include "scenarios/plant.h"

#include <gtest/gtest.h>

#include "checkers/history_json.h"
#include "tests/support/source_dir.h"

namespace weir {
namespace {

TEST(Mutants, EachFindsItsTextInTheSources) {
  const std::vector<std::string> names = mutant_names();
  ASSERT_GE(names.size(), 60U);
  for (const std::string& name : names) {
    std::string error;
    const Mutant mutant = read_mutant(name, error);
    ASSERT_EQ(error, "") << name;
    const auto source = read_text(source_dir() + "/" + mutant.file);
    ASSERT_TRUE(source) << name << ": " << mutant.file;
    const std::string planted = apply_mutant(mutant, *source, error);
    EXPECT_EQ(error, "");
    EXPECT_NE(planted, *source) << name;
  }
}

TEST(Mutants, ATextThatIsGoneOrThereTwiceIsAnError) {
  Mutant mutant;
  mutant.name = "some";
  mutant.find = "a = b;";
  mutant.replace = "b = a;";
  std::string error;
  EXPECT_EQ(apply_mutant(mutant, "x; a = b; y;", error), "x; b = a; y;");
  EXPECT_EQ(error, "");
  static_cast<void>(apply_mutant(mutant, "x; y;", error));
  EXPECT_NE(error, "");
  error.clear();
  static_cast<void>(apply_mutant(mutant, "a = b; a = b;", error));
  EXPECT_NE(error, "");
}

}  // namespace
}  // namespace weir
