// Progress since everything healed, client by client, and of controllers.
#include "telling.h"

namespace weir::test {
namespace {

constexpr std::int64_t kMs = 1'000'000;

class ProgressSeen : public ::testing::Test {
 protected:
  std::int64_t client(std::string_view name, FactKind kind, std::int64_t value = 0) {
    return t.says(name, kind, value);
  }
  void heals() { t.tell("world", {.kind = FactKind::healed}); }
  const ClientProgress& of(const std::string& name) { return t.checks.progress.clients.at(name); }
  Telling t;
};

TEST_F(ProgressSeen, OfAProducerBeginsWithItsFirstOpenSendAfterTheHeal) {
  client("P1", FactKind::send_invoked);
  client("P1", FactKind::send_acknowledged);
  heals();
  EXPECT_EQ(of("P1").asked, -1) << "nothing is open";
  client("P1", FactKind::send_invoked);
  client("P1", FactKind::send_invoked);
  client("P1", FactKind::send_unknown);
  EXPECT_EQ(of("P1").asked, 1 * kMs);
  EXPECT_EQ(of("P1").acked, -1);
  EXPECT_EQ(of("P1").resolved, -1) << "one is open";
  client("P1", FactKind::send_acknowledged);
  EXPECT_EQ(of("P1").acked, 4 * kMs);
  EXPECT_EQ(of("P1").resolved, 4 * kMs);
}

TEST_F(ProgressSeen, OfWhatWasOpenAtTheHealBeginsThere) {
  client("P1", FactKind::send_invoked);
  client("C1", FactKind::poll_invoked);
  heals();
  EXPECT_EQ(of("P1").asked, 0);
  EXPECT_EQ(of("C1").polled, 0);
  EXPECT_TRUE(of("C1").in_poll);
  client("P1", FactKind::send_failed);
  EXPECT_EQ(of("P1").resolved, 1 * kMs);
  EXPECT_EQ(of("P1").acked, -1);
}

TEST_F(ProgressSeen, OfAReaderKnowsWhereItReadsOn) {
  client("C1", FactKind::poll_record, 4);
  heals();
  EXPECT_EQ(of("C1").first_record, -1);
  client("C1", FactKind::poll_invoked);
  client("C1", FactKind::poll_record, 5);
  client("C1", FactKind::poll_completed);
  EXPECT_EQ(*of("C1").positions.find("orders", 0), 6);
  EXPECT_EQ(of("C1").first_record, 2 * kMs);
  EXPECT_EQ(of("C1").last_poll, 3 * kMs);
  for (const FactKind kind :
       {FactKind::consumer_seek, FactKind::position_reset, FactKind::position_truncated}) {
    client("C1", kind, 2);
    EXPECT_EQ(*of("C1").positions.find("orders", 0), 2);
  }
}

TEST_F(ProgressSeen, OfALifeThatEndedIsAskedForNoMore) {
  heals();
  client("P1", FactKind::send_invoked);
  t.dies("P1");
  EXPECT_EQ(of("P1").resolved, 2 * kMs);
  EXPECT_EQ(of("P1").ended, 2 * kMs);
  client("P1", FactKind::send_invoked);
  EXPECT_EQ(of("P1").resolved, -1) << "a further life asks again";
  EXPECT_EQ(of("P1").ended, -1);
}

TEST_F(ProgressSeen, OfTheOnlookerIsNone) {
  t.checks.onlooker = "drain";
  heals();
  client("drain", FactKind::poll_invoked);
  EXPECT_TRUE(t.checks.progress.clients.empty());
}

TEST_F(ProgressSeen, OfControllersKnowsSinceWhenThereIsOneOrNone) {
  t.takes_office("c1", 3);
  heals();
  EXPECT_EQ(t.checks.progress.controller_first, 0) << "it was in office all the time";
  t.takes_office("c2", 4);
  t.tell("c1", {.kind = FactKind::controller_resigned, .epoch = 3});
  EXPECT_TRUE(t.checks.progress.has_controller());
  t.dies("c2");
  EXPECT_FALSE(t.checks.progress.has_controller());
  EXPECT_EQ(t.checks.progress.controller_none_since, 3 * kMs);
  t.tell("c1", {.kind = FactKind::controller_resigned, .epoch = 3});
  EXPECT_EQ(t.checks.progress.controller_none_since, 3 * kMs);
  EXPECT_EQ(t.checks.progress.controller_terms, 2);
}

TEST_F(ProgressSeen, OfControllersAfterAHealWithoutOneWaitsForTheFirst) {
  heals();
  EXPECT_EQ(t.checks.progress.controller_first, -1);
  t.takes_office("c1", 3);
  EXPECT_EQ(t.checks.progress.controller_first, 1 * kMs);
}

}  // namespace
}  // namespace weir::test
