// Whatever plan is drawn, a cluster of toys works again once everything has healed.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/faults/toy.h"
#include "tests/support/property.h"

namespace weir {
namespace {

TEST(FaultInjector, AfterAnyPlanEverythingWorksAgain) {
  expect_property([] {
    RandomFaults random;
    random.count = *rc::gen::inRange<std::uint32_t>(0, 15);
    random.from = ms(10);
    random.to = ms(900);
    random.heal_by = ms(1000);
    for (const FaultTraits& traits : fault_catalogue()) {
      random.weights.push_back({traits.kind, *rc::gen::inRange<std::uint32_t>(0, 3)});
    }
    const int servers = *rc::gen::inRange(1, 4);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Plan plan = make_plan(seed, 0, {}, random, ToyCluster::shape(servers), ms(1000));
    ToyCluster toy(plan, servers, seed);
    // A slow connection attempt or a sender's patience may outlive the healing by a while.
    toy.run_until(3000);
    RC_ASSERT(toy.injector.healed());
    RC_ASSERT(toy.toy.last_heard_at > ms(2500).count());
    for (const Strike& strike : toy.injector.strikes()) {
      RC_ASSERT(strike.struck <= at_ms(1000));
      RC_ASSERT(!strike.over || *strike.over <= at_ms(1000));
    }
  });
}

}  // namespace
}  // namespace weir
