// Laws of every plan: pure, stable under dropping, and healed by heal_by.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "faults/plan.h"
#include "tests/support/property.h"

namespace weir {
namespace {

RandomFaults any_random_faults() {
  RandomFaults random;
  random.count = *rc::gen::inRange<std::uint32_t>(0, 40);
  random.from = Duration(*rc::gen::inRange<std::int64_t>(0, 10'000'000'000));
  random.to = random.from + Duration(*rc::gen::inRange<std::int64_t>(2'000, 10'000'000'000));
  random.heal_by = random.to + Duration(*rc::gen::inRange<std::int64_t>(1'000, 1'000'000'000));
  for (const FaultTraits& traits : fault_catalogue()) {
    const auto weight = *rc::gen::inRange<std::uint32_t>(0, 4);
    if (weight > 0) random.weights.push_back({traits.kind, weight});
  }
  return random;
}

ClusterShape any_shape() {
  ClusterShape shape;
  for (int n = *rc::gen::inRange(1, 6); n > 0; --n)
    shape.brokers.push_back("b" + std::to_string(n));
  for (int n = *rc::gen::inRange(0, 6); n > 0; --n)
    shape.clients.push_back("c" + std::to_string(n));
  if (*rc::gen::arbitrary<bool>()) {
    for (int n = *rc::gen::inRange(1, 4); n > 0; --n)
      shape.controllers.push_back("k" + std::to_string(n));
    for (int n = *rc::gen::inRange(0, 3); n > 0; --n)
      shape.partitions.push_back("orders-" + std::to_string(n));
  }
  return shape;
}

Duration begins(const Fault& fault) {
  if (const auto* at = std::get_if<Duration>(&fault.when)) return *at;
  return std::get<Trigger>(fault.when).since;
}

TEST(FaultPlan, EveryFaultStrikesInTheWindowAndIsOverByHealBy) {
  expect_property([] {
    const RandomFaults random = any_random_faults();
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Plan plan = make_plan(seed, 0, {}, random, any_shape(), Duration(0));
    RC_ASSERT(plan.faults.size() == random.count);
    for (const Fault& fault : plan.faults) {
      RC_ASSERT(begins(fault) >= random.from);
      RC_ASSERT(begins(fault) < random.to);
      RC_ASSERT(begins(fault) + fault.lasts.value_or(Duration(0)) <= random.heal_by);
      RC_ASSERT(fault.lasts.has_value() == traits_of(fault.kind).is(FaultTraits::kLasts));
      RC_ASSERT(!fault.lasts || *fault.lasts > Duration(0));
    }
    if (random.count > 0) RC_ASSERT(plan.heal_at == random.heal_by);
  });
}

TEST(FaultPlan, DroppingTheLastFaultsChangesNoOther) {
  expect_property([] {
    RandomFaults random = any_random_faults();
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const ClusterShape shape = any_shape();
    const Plan all = make_plan(seed, 0, {}, random, shape, Duration(0));
    RC_ASSERT(all == make_plan(seed, 0, {}, random, shape, Duration(0)));
    const auto kept = *rc::gen::inRange<std::uint32_t>(0, random.count + 1);
    random.count = kept;
    const Plan fewer = make_plan(seed, 0, {}, random, shape, Duration(0));
    for (std::uint32_t i = 0; i < kept; ++i) RC_ASSERT(fewer.faults[i] == all.faults[i]);
  });
}

TEST(FaultPlan, TargetsAreNodesOfTheCluster) {
  expect_property([] {
    const ClusterShape shape = any_shape();
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto is_role = [&](const std::string& name) {
      return shape.is_cluster() &&
             (name == "controller:active" || name.starts_with("event:") ||
              std::ranges::count(shape.partitions, name.substr(name.find(':') + 1)) == 1);
    };
    const auto known = [&](const std::string& name) {
      return is_role(name) || name == "clients" || name == "brokers" || name == "controllers" ||
             std::ranges::count(shape.controllers, name) == 1 ||
             std::ranges::count(shape.brokers, name) == 1 ||
             std::ranges::count(shape.clients, name) == 1;
    };
    for (const Fault& fault : make_plan(seed, 0, {}, any_random_faults(), shape, {}).faults) {
      if (traits_of(fault.kind).target == FaultTarget::node) RC_ASSERT(known(fault.node));
      for (const auto& node : fault.from) RC_ASSERT(known(node));
      for (const auto& node : fault.to) RC_ASSERT(known(node));
    }
  });
}

}  // namespace
}  // namespace weir
