// Compacted topics: each key keeps its last acknowledged value, or something newer of that key.
#include "cluster_run.h"

namespace weir::test {
namespace {

enum Key : std::int64_t { kNone = 0, kApples = 11, kPears = 12 };

class KeysTest : public ::testing::Test {
 protected:
  KeysTest() {
    run.summary.topics[0].config["cleanup.policy"] = "compact";
    run.stands("replicas=1,2,3 isr=1,2");
  }
  void sends(const std::string& id, Key key, std::int64_t offset, std::int64_t bytes = 3) {
    invokes(id, key, bytes);
    Fact f = run.of(FactKind::send_acknowledged);
    f.operation = operation_++;
    f.record = id;
    f.value = offset;
    run.tell("P1", f);
  }
  void invokes(const std::string& id, Key key, std::int64_t bytes = 3) {
    Fact f = run.of(FactKind::send_invoked);
    f.operation = operation_;
    f.record = id;
    f.digest = 7;
    f.value = bytes;
    f.old = key;
    run.tell("P1", f);
  }
  void reads(const std::string& id, std::int64_t offset) {
    Fact f = run.of(FactKind::poll_invoked);
    run.tell("C1", f);
    f.kind = FactKind::poll_record;
    f.record = id;
    f.value = offset;
    f.digest = 7;
    run.tell("C1", f);
    run.tell("C1", run.of(FactKind::poll_completed));
  }
  static ReadbackRecord at(std::int64_t offset, const std::string& id) {
    return record(offset, 0, 7, id);
  }
  void three_sends() {
    sends("P1:0", kApples, 0);
    sends("P1:1", kPears, 1);
    sends("P1:2", kApples, 2);
  }
  Verdict durability() { return run.judged("durability.acked"); }

  ClusterRun run;

 private:
  std::int64_t operation_ = 0;
};

TEST_F(KeysTest, AnOlderValueMayBeGoneWhereSomethingNewerOfItsKeyLies) {
  three_sends();
  run.holds("b1", {at(1, "P1:1"), at(2, "P1:2")});
  run.holds("b2", {at(0, "P1:0"), at(1, "P1:1"), at(2, "P1:2")});
  const Verdict v = durability();
  EXPECT_EQ(v.word, VerdictWord::holds);
  EXPECT_EQ(v.text,
            "3 acknowledged, all 3 on every surviving in-sync log (1 by what is newer of its key)");
}

TEST_F(KeysTest, TheLatestValueMustBeOnEachLogInSync) {
  three_sends();
  run.holds("b1", {at(1, "P1:1"), at(2, "P1:2")});
  run.holds("b2", {at(2, "P1:2")});
  run.holds("b3", {});  // it is not in sync
  const Verdict v = durability();
  EXPECT_EQ(v.word, VerdictWord::violated);
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_EQ(v.violations[0].record, "orders-0@1");
  EXPECT_EQ(v.violations[0].argument.back(),
            "at the end neither it nor anything newer of its key is in the log of b2");
}

TEST_F(KeysTest, AnOlderValueOfItsKeyIsNoneOfTheLatest) {
  three_sends();
  run.holds("b1", {at(0, "P1:0"), at(1, "P1:1")});
  run.holds("b2", {at(0, "P1:0"), at(1, "P1:1")});
  const Verdict v = durability();
  EXPECT_EQ(v.word, VerdictWord::violated);
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_EQ(v.violations[0].record, "orders-0@2");
}

TEST_F(KeysTest, WhatNobodyAnsweredMayTakeItsPlaceAsWell) {
  three_sends();
  invokes("P1:3", kPears);
  run.holds("b1", {at(2, "P1:2"), at(3, "P1:3")});
  run.holds("b2", {at(2, "P1:2"), at(3, "P1:3")});
  EXPECT_EQ(durability().word, VerdictWord::holds);
}

TEST_F(KeysTest, AKeyThatATombstoneEndedMayBeGone) {
  three_sends();
  sends("P1:3", kPears, 3, -1);
  run.holds("b1", {at(2, "P1:2")});
  run.holds("b2", {at(1, "P1:1"), at(2, "P1:2"), at(3, "P1:3")});
  EXPECT_EQ(durability().word, VerdictWord::holds);
}

TEST_F(KeysTest, AValueThatCameAfterATombstoneMayNot) {
  sends("P1:0", kPears, 0, -1);
  sends("P1:1", kPears, 1);
  run.holds("b1", {});
  run.holds("b2", {at(1, "P1:1")});
  const Verdict v = durability();
  EXPECT_EQ(v.word, VerdictWord::violated);
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_EQ(v.violations[0].record, "orders-0@1");
}

TEST_F(KeysTest, WhatWasReadMustStayUntilSomethingNewerOfItsKeyCame) {
  invokes("P1:0", kApples);
  reads("P1:0", 0);
  run.holds("b1", {});
  run.holds("b2", {});
  EXPECT_EQ(run.judged("read.visibility").word, VerdictWord::violated);
}

TEST_F(KeysTest, WhatWasReadMayGoForSomethingNewerOfItsKey) {
  invokes("P1:0", kApples);
  reads("P1:0", 0);
  sends("P1:1", kApples, 1);
  run.holds("b1", {at(1, "P1:1")});
  run.holds("b2", {at(1, "P1:1")});
  EXPECT_EQ(run.judged("read.visibility").word, VerdictWord::holds);
}

TEST_F(KeysTest, WithoutKeysNothingOfACompactedTopicIsLookedFor) {
  sends("P1:0", kNone, 0);
  run.holds("b1", {});
  run.holds("b2", {});
  EXPECT_EQ(durability().word, VerdictWord::not_exercised);
}

TEST_F(KeysTest, InATopicThatKeepsAllNoKeyTakesAnothersPlace) {
  run.summary.topics[0].config["cleanup.policy"] = "delete";
  three_sends();
  run.holds("b1", {at(1, "P1:1"), at(2, "P1:2")});
  run.holds("b2", {at(1, "P1:1"), at(2, "P1:2")});
  const Verdict v = durability();
  EXPECT_EQ(v.word, VerdictWord::violated);
  ASSERT_EQ(v.violations.size(), 1u);
  EXPECT_EQ(v.violations[0].record, "orders-0@0");
}

}  // namespace
}  // namespace weir::test
