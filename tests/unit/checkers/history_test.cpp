// What histories are made of: numbered texts, and invocations with their completions.
#include "checkers/history.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

HistoryOp operation(OpType type, std::int64_t process, std::int64_t number) {
  HistoryOp op;
  op.type = type;
  op.process = process;
  op.op = number;
  return op;
}

TEST(Interner, GivesATextInTwoPartsTheNumberOfTheWhole) {
  Interner texts;
  const std::uint32_t whole = texts.intern("sP1:17");
  EXPECT_EQ(texts.intern("s", "P1:17"), whole);
  EXPECT_NE(texts.intern("j", "P1:17"), whole);
  EXPECT_NE(texts.intern("s", "P1:1"), whole);
  EXPECT_EQ(texts.intern("s", ""), texts.intern("s"));
  EXPECT_NE(texts.intern(""), texts.intern("s"));
  EXPECT_EQ(texts.text(texts.find("jP1:17")), "jP1:17");
  EXPECT_EQ(texts.find("P1:17"), Interner::kUnknown);
}

TEST(PairOperations, PairsPipelinedOperationsInWhateverOrderTheirNumbersCome) {
  using enum OpType;
  History history;
  history.ops = {
      operation(invoke, 1, 5), operation(invoke, 1, 7), operation(invoke, 1, 2),  // 0 1 2
      operation(invoke, 2, 5), operation(ok, 1, 7),     operation(ok, 1, 2),      // 3 4 5
      operation(ok, 1, 5),     operation(ok, 1, 5),     operation(info, 2, 5),    // 6 7 8
      operation(invoke, 1, 7), operation(invoke, 1, 7), operation(fail, 1, 7),    // 9 10 11
      operation(ok, 3, 1),                                                        // 12
  };
  constexpr std::uint32_t kNone = kNoOperation;
  EXPECT_EQ(pair_operations(history),
            (std::vector<std::uint32_t>{6, 4, 5, 8, 1, 2, 0, kNone, 3, kNone, 11, 10, kNone}));
}

}  // namespace
}  // namespace weir
