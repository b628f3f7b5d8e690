// The vocabulary: every kind has a name, a target and a text that people can read.
#include "faults/fault.h"

#include <gtest/gtest.h>

#include <set>

namespace weir {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Fault kill_b1() {
  Fault fault;
  fault.kind = FaultKind::kill;
  fault.node = "b1";
  fault.when = Duration(seconds(2));
  fault.lasts = milliseconds(500);
  return fault;
}

TEST(Fault, EveryKindIsFoundByItsUniqueName) {
  std::set<std::string_view> names;
  for (const FaultTraits& traits : fault_catalogue()) {
    EXPECT_TRUE(names.insert(traits.name).second) << traits.name;
    EXPECT_EQ(fault_kind_named(traits.name), traits.kind);
    EXPECT_EQ(name_of(traits.kind), traits.name);
    EXPECT_FALSE(traits.about.empty());
    EXPECT_GT(traits.weight, 0u);
  }
  EXPECT_EQ(fault_kind_named("earthquake"), std::nullopt);
}

TEST(Fault, PowerLossAndDiskErrorsAreNotPromisedToBeSurvived) {
  for (const FaultKind kind :
       {FaultKind::power_loss, FaultKind::fail_read, FaultKind::fail_write, FaultKind::fail_sync,
        FaultKind::disk_full, FaultKind::stuck_disk, FaultKind::bit_rot, FaultKind::misdirected}) {
    EXPECT_FALSE(traits_of(kind).is(FaultTraits::kSurvivable)) << name_of(kind);
  }
}

TEST(Fault, IsToldInOneLine) {
  EXPECT_EQ(to_text(kill_b1()), "kill b1 at 2 s for 500 ms");

  Fault cut;
  cut.kind = FaultKind::partition;
  cut.from = {"b1"};
  cut.to = {"P1", "C1"};
  cut.when = AfterFault{"first", milliseconds(5)};
  EXPECT_EQ(to_text(cut), "partition b1 | P1, C1 5 ms after \"first\"");
  cut.one_way = true;
  EXPECT_EQ(what_of(cut), "partition b1 > P1, C1");

  Fault lost;
  lost.kind = FaultKind::lose_response;
  Trigger trigger;
  trigger.event = FactKind::response_sent;
  trigger.api = 0;
  trigger.peer = "P1";
  trigger.nth = 3;
  lost.when = trigger;
  lost.lasts = milliseconds(20);
  EXPECT_EQ(to_text(lost), "lose_response at the 3rd response.sent of Produce with P1 for 20 ms");

  Fault step;
  step.kind = FaultKind::clock_step;
  step.node = "b1";
  step.by = -std::chrono::hours(2);
  step.when = Duration(microseconds(1500));
  EXPECT_EQ(to_text(step), "clock_step b1 by -2 h at 1500 us");
}

TEST(Fault, ApiNamesAreKafkasKeys) {
  EXPECT_EQ(api_key_named("Produce"), 0);
  EXPECT_EQ(api_key_named("Fetch"), 1);
  EXPECT_EQ(api_key_named("ApiVersions"), 18);
  EXPECT_EQ(api_key_named("InitProducerId"), 22);
  EXPECT_EQ(api_key_named("produce"), -1);
  EXPECT_EQ(api_name(3), "Metadata");
}

TEST(Fault, GuardsAreFoundByName) {
  EXPECT_EQ(guard_named("others_up"), Guard::others_up);
  EXPECT_EQ(name_of(Guard::none), "none");
  EXPECT_EQ(guard_named("sometimes"), std::nullopt);
}

}  // namespace
}  // namespace weir
