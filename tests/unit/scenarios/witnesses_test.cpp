// The other side of each contract, read from what the judges have looked at.
#include "scenarios/witnesses.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Verdict verdict(std::string id, bool promised,
                std::vector<std::pair<std::string, std::int64_t>> looked_at,
                VerdictWord word = VerdictWord::holds) {
  Verdict v;
  v.id = std::move(id);
  v.promised = promised;
  v.word = word;
  v.looked_at = std::move(looked_at);
  return v;
}

using Names = std::vector<std::string>;

TEST(Witnesses, AtMostOnceLosesAndAtLeastOnceRepeats) {
  const Verdict counts = verdict("delivery.exactly-once", false,
                                 {{"stored_twice", 0}, {"redelivered", 2}, {"missing", 3}});
  EXPECT_EQ(witnesses_of({verdict("delivery.at-most-once", true, {}), counts}),
            Names{"at-most-once.loses"});
  EXPECT_EQ(witnesses_of({verdict("delivery.at-least-once", true, {}), counts}),
            Names{"at-least-once.repeats"});
  EXPECT_EQ(witnesses_of({verdict("delivery.at-most-once", false, {}), counts}), Names{});
}

TEST(Witnesses, ALossWhereItWasPromisedToStayIsAViolationAndNoWitness) {
  EXPECT_EQ(witnesses_of({verdict("durability.acked", true, {{"acked", 9}, {"missing", 1}})}),
            Names{"weak-acks.lose"});
  EXPECT_EQ(witnesses_of({verdict("durability.acked", true, {{"acked", 9}, {"missing", 1}},
                                  VerdictWord::violated)}),
            Names{});
  EXPECT_EQ(witnesses_of({verdict("durability.acked", true, {{"acked", 9}, {"missing", 0}})}),
            Names{});
}

TEST(Witnesses, ARetryIsStoredTwiceOnlyWithoutIdempotence) {
  EXPECT_EQ(witnesses_of(
                {verdict("dup.idempotent", false, {{"duplicates", 1}}, VerdictWord::not_promised)}),
            Names{"no-idempotence.repeats"});
  EXPECT_EQ(witnesses_of({verdict("dup.idempotent", true, {{"duplicates", 1}})}), Names{});
}

TEST(Witnesses, EachSaysWhatItIs) {
  for (const std::string_view name : witness_names()) EXPECT_NE(about_witness(name), "") << name;
  EXPECT_EQ(about_witness("at-most-once.repeats"), "");
}

}  // namespace
}  // namespace weir
