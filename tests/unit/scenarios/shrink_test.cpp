// Shrinking of runs that break a promise which nobody but the test made.
#include "scenarios/shrink.h"

#include <gtest/gtest.h>

#include "scenarios/load.h"
#include "scenarios/rewrite.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shrinker.h"

namespace weir {
namespace {

struct Claim {
  const char* scenario;
  const char* seed;
  const char* guarantee;  // claimed and broken
  std::size_t faults;     // that are left
  std::size_t operations;
};

void PrintTo(const Claim& c, std::ostream* out) {
  *out << c.scenario << " " << c.seed << " " << c.guarantee;
}

Loaded claiming(const Claim& c) {
  LoadRequest request;
  request.name = c.scenario;
  request.seed = c.seed;
  request.settings = {std::string("check.promise=[\"") + c.guarantee + "\"]", "expect={}"};
  std::string error;
  Loaded loaded = load(request, error);
  EXPECT_EQ(error, "");
  return loaded;
}

class Shrinking : public testing::TestWithParam<Claim> {};

TEST_P(Shrinking, EndsSmallAndFailsAsTheRunDid) {
  const Loaded loaded = claiming(GetParam());
  ShrinkOptions options;
  options.guarantee = GetParam().guarantee;
  const Shrunk shrunk = shrink(loaded, options);
  ASSERT_EQ(shrunk.failed_because, "");
  EXPECT_LE(shrunk.faults, GetParam().faults);
  EXPECT_LE(shrunk.operations, GetParam().operations);

  // The file is all that is needed.
  const ScenarioRead read = read_scenario(write_scenario(shrunk.scenario));
  ASSERT_TRUE(read.ok()) << to_text(read.problems, "shrunk");
  EXPECT_EQ(resolve(read.scenario), shrunk.scenario);
  RecordsError error;
  const RunInputs inputs = inputs_of(read.scenario, loaded.files, error);
  ASSERT_EQ(error.text, "");
  const RunOutcome outcome = run_scenario(read.scenario, inputs);
  const auto failure = failure_of(outcome, GetParam().guarantee);
  ASSERT_TRUE(failure.has_value());
  EXPECT_TRUE(failure->shares_a_way_with(shrunk.failure));
  EXPECT_EQ(shape_of_failure(outcome, GetParam().guarantee), shrunk.shape);

  // Without any one of its faults it does not fail.
  for (std::size_t i = 0; i < shrunk.faults; ++i) {
    Scenario fewer = shrunk.scenario;
    fewer.faults.fired->erase(fewer.faults.fired->begin() + static_cast<std::ptrdiff_t>(i));
    const auto without = failure_of(run_scenario(fewer, inputs), GetParam().guarantee);
    EXPECT_FALSE(without && without->shares_a_way_with(shrunk.failure)) << "without fault " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Claims, Shrinking,
                         testing::Values(Claim{"lost-response", "1", "dup.idempotent", 1, 1},
                                         Claim{"fire-and-forget", "1", "durability.acked", 1, 1}));

TEST(ShrinkingRuns, IsTheSameEveryTime) {
  const Loaded loaded = claiming({"fire-and-forget", "1", "durability.acked", 0, 0});
  const Shrunk first = shrink(loaded, {});
  const Shrunk again = shrink(loaded, {});
  EXPECT_EQ(write_scenario(first.scenario), write_scenario(again.scenario));
  EXPECT_EQ(first.runs, again.runs);
}

// As where the list of what struck does not fail in the same way.
TEST(ShrinkingRuns, LeavesFaultsThatAreDrawnTheTimeTheyWereDrawnFor) {
  Loaded loaded = claiming({"fire-and-forget", "1", "durability.acked", 0, 0});
  RandomFaults drawn;
  drawn.count = 1;
  drawn.weights = {{FaultKind::clock_skew, 1}};
  drawn.from = std::chrono::milliseconds(1);
  drawn.to = std::chrono::milliseconds(2);
  drawn.heal_by = loaded.scenario.faults.heal_by.value_or(loaded.scenario.until) * 7 / 8;
  loaded.scenario.faults.random = drawn;
  loaded.scenario.faults.scripted.front().when = Duration(std::chrono::seconds(1));
  ShrinkOptions options;
  options.guarantee = "durability.acked";
  Shrinker shrinker(loaded, options);
  ASSERT_TRUE(shrinker.begin(loaded.scenario));
  shorten_time(shrinker);
  EXPECT_GE(*shrinker.smallest().faults.heal_by, drawn.heal_by);
  const ScenarioRead read = read_scenario(write_scenario(shrinker.smallest()));
  EXPECT_TRUE(read.ok()) << to_text(read.problems, "shrunk");
}

TEST(ShrinkingRuns, LetsOnePartitionTakeThePlaceOfAll) {
  Scenario s;
  s.topics = {TopicSpec{"orders", 3, 1, {}}, TopicSpec{"latest", 2, 1, {}}};
  ProducerSpec producer;
  producer.workload.ops = {SendOp{Duration(0), "orders", 2, {}, {}},
                           SendOp{Duration(0), "latest", 1, {}, {}}};
  ConsumerSpec consumer;
  consumer.loop.assign = {"orders-0", "latest-1", "orders-2"};
  s.clients = {ClientSpec{"P1", {}, producer}, ClientSpec{"C1", {}, consumer}};
  Trigger trigger;
  trigger.tp = "latest-1";
  Fault fault;
  fault.node = "leader:orders-1";
  fault.when = trigger;
  s.faults.fired.emplace({fault});
  s.cluster.leader_moves.emplace({LeaderMove{Duration(0), "orders-2", "b1"}});
  merge_partitions(s, "orders");
  EXPECT_EQ(s.topics[0].partitions, 1);
  EXPECT_EQ(s.topics[1].partitions, 2);
  const auto& ops = *std::get<ProducerSpec>(s.clients[0].role).workload.ops;
  EXPECT_EQ(ops[0].partition, 0);
  EXPECT_EQ(ops[1].partition, 1);
  const std::vector<std::string> assigned = {"orders-0", "latest-1"};
  EXPECT_EQ(std::get<ConsumerSpec>(s.clients[1].role).loop.assign, assigned);
  EXPECT_EQ(s.faults.fired->front().node, "leader:orders-0");
  EXPECT_EQ(std::get<Trigger>(s.faults.fired->front().when).tp, "latest-1");
  EXPECT_EQ(s.cluster.leader_moves->front().tp, "orders-0");
}

TEST(ShrinkingRuns, SaysThatThereIsNothingToShrink) {
  LoadRequest request;
  request.name = "crash-and-return";
  std::string error;
  const Loaded loaded = load(request, error);
  const Shrunk shrunk = shrink(loaded, {});
  EXPECT_EQ(shrunk.failed_because, "no guarantee is violated, there is nothing to shrink");
}

TEST(ShrinkingRuns, StopsBetweenRunsWhenTimeIsOut) {
  const Loaded loaded = claiming({"fire-and-forget", "1", "durability.acked", 0, 0});
  ShrinkOptions options;
  int looks = 0;
  options.out_of_time = [&looks] { return ++looks > 10; };
  const Shrunk shrunk = shrink(loaded, options);
  EXPECT_TRUE(shrunk.out_of_time);
  EXPECT_LE(shrunk.runs, 12u);
  EXPECT_TRUE(shrunk.scenario.faults.fired.has_value());
}

}  // namespace
}  // namespace weir
