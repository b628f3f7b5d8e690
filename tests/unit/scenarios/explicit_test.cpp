// Explicit scenarios: the run of what a run drew is the same run, as its clients see it.
#include "scenarios/explicit.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "scenarios/load.h"
#include "scenarios/outcome.h"
#include "scenarios/rewrite.h"
#include "scenarios/scenario_json.h"

namespace weir {
namespace {

struct Case {
  const char* scenario;
  const char* seed;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.scenario << " " << c.seed; }

Loaded loaded_case(const Case& c) {
  LoadRequest request;
  request.name = c.scenario;
  request.seed = c.seed;
  std::string error;
  Loaded loaded = load(request, error);
  EXPECT_EQ(error, "");
  return loaded;
}

// What clients did and saw, a line each: without the numbers of events, which count skipped faults.
std::vector<std::string> seen_by_clients(const History& h) {
  std::vector<std::string> lines;
  for (const HistoryOp& op : h.ops) {
    if (op.function == OpFunction::fault) continue;
    std::string line = std::to_string(op.time) + " " + std::to_string(op.process) + " " +
                       std::to_string(op.op) + " " + std::string(name_of(op.type)) + " " +
                       std::string(name_of(op.function));
    for (const HistoryItem& item : h.items_of(op)) {
      line += " " + std::string(h.name(item.key)) + "@" + std::to_string(item.offset);
      if (item.value != kNoValue) line += "=" + std::string(h.values.text(item.value));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

void expect_told_exactly(const Case& c) {
  const Loaded loaded = loaded_case(c);
  const RunOutcome first = run_scenario(loaded.scenario, loaded.inputs);
  const Scenario told = resolve(explicit_scenario(loaded.scenario, loaded.inputs, first));
  EXPECT_FALSE(told.faults.random.has_value());
  ASSERT_EQ(to_text(check_scenario(told), "told"), "");

  RecordsError error;
  const RunInputs inputs = inputs_of(told, loaded.files, error);
  ASSERT_EQ(error.text, "");
  const RunOutcome again = run_scenario(told, inputs);
  EXPECT_EQ(seen_by_clients(again.history), seen_by_clients(first.history));
  ASSERT_EQ(again.verdicts.size(), first.verdicts.size());
  for (std::size_t i = 0; i < first.verdicts.size(); ++i) {
    EXPECT_EQ(again.verdicts[i].word, first.verdicts[i].word) << first.verdicts[i].id;
  }
  EXPECT_EQ(faults_that_struck(plan_of(told), again.strikes), *told.faults.fired);
  // Telling it once more tells the same.
  EXPECT_EQ(resolve(explicit_scenario(told, inputs, again)), told);
}

class Explicit : public testing::TestWithParam<Case> {};

TEST_P(Explicit, RunsAsTheRunThatItTells) { expect_told_exactly(GetParam()); }

// As many seeds as are asked for: WEIR_EXPLICIT_SEEDS=1000.
TEST(ExplicitRuns, OfTheHarshestProfileAreToldExactly) {
  const char* asked = std::getenv("WEIR_EXPLICIT_SEEDS");
  const int last = asked == nullptr ? 6 : std::atoi(asked);
  for (int seed = 1; seed <= last; ++seed) {
    SCOPED_TRACE(seed);
    expect_told_exactly({"random-cluster", std::to_string(seed).c_str()});
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, Explicit,
                         testing::Values(Case{"random-broker", "1"}, Case{"storm", "5"},
                                         Case{"lost-response", "1"}, Case{"leader-failover", "4"}));

Scenario small_cluster() {
  Loaded loaded = loaded_case({"late-high-watermark", "2"});
  const RunOutcome outcome = run_scenario(loaded.scenario, loaded.inputs);
  return resolve(explicit_scenario(loaded.scenario, loaded.inputs, outcome));
}

TEST(Rewrite, WhatIsLeftOfAScenarioIsAlwaysOneThatCanBe) {
  Scenario s = small_cluster();
  drop_broker(s, 2);
  EXPECT_EQ(to_text(check_scenario(s), "without b2"), "");
  drop_controller(s, 1);
  EXPECT_EQ(to_text(check_scenario(s), "without k1"), "");
  drop_node(s, "P1");
  drop_node(s, "C1");
  EXPECT_EQ(to_text(check_scenario(s), "without P1 and C1"), "");
  cut_time(s, std::chrono::milliseconds(700), std::chrono::milliseconds(900));
  EXPECT_EQ(to_text(check_scenario(s), "cut short"), "");
  EXPECT_EQ(s.cluster.brokers, 2);
  EXPECT_EQ(s.cluster.controllers, 2);
  EXPECT_TRUE(s.clients.empty());
}

TEST(Rewrite, PartitionsThatNobodySpeaksOfGoAndTheOthersAreNumberedAnew) {
  const std::string text = R"({"format": "weir-scenario/1", "name": "x",
    "cluster": {"brokers": 3, "leader_moves": [{"at": "1s", "tp": "orders-5", "to": "b2"}]},
    "topics": [{"name": "orders", "partitions": 8, "replication": 3}],
    "clients": [
      {"id": "P1", "kind": "producer", "workload": {"topic": "orders",
        "ops": [{"at": "1ms", "send": ["orders", 3, null]}, {"at": "2ms", "send": ["orders", 6, "k"]}]}},
      {"id": "C1", "kind": "consumer", "loop": {"assign": ["orders-6"], "ops": [{"at": "3ms", "poll": "1s"}]}}],
    "faults": {"fired": [{"when": {"event": "hw.advanced", "tp": "orders-3", "node": "leader:orders-3"},
                          "do": "kill", "node": "follower:orders-3"}]}})";
  ScenarioRead read = read_scenario(text);
  ASSERT_TRUE(read.ok()) << to_text(read.problems, "x");
  EXPECT_EQ(partitions_in_use(read.scenario, "orders"), (std::vector<std::int32_t>{3, 5, 6}));
  keep_partitions(read.scenario, "orders", {3, 5, 6});
  EXPECT_EQ(to_text(check_scenario(read.scenario), "x"), "");
  EXPECT_EQ(read.scenario.topics[0].partitions, 3);
  EXPECT_EQ((*read.scenario.cluster.leader_moves)[0].tp, "orders-1");
  const Fault& fault = (*read.scenario.faults.fired)[0];
  EXPECT_EQ(fault.node, "follower:orders-0");
  EXPECT_EQ(std::get<Trigger>(fault.when).node, "leader:orders-0");
  EXPECT_EQ(std::get<ConsumerSpec>(read.scenario.clients[1].role).loop.assign,
            std::vector<std::string>{"orders-2"});
}

}  // namespace
}  // namespace weir
