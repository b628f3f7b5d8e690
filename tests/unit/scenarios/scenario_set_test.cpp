// --set: paths by name and index, values as JSON or text, mistakes told as the setting's.
#include <gtest/gtest.h>

#include "tests/unit/scenarios/scenario_support.h"

namespace weir {
namespace {

const std::string kFile = scenario_with(
    R"("clients": [
      {"id": "P1", "kind": "producer", "workload": {"topic": "orders", "records": 5}},
      {"id": "C1", "kind": "consumer"}],
    "faults": {"scripted": [{"at": "1s", "do": "kill", "node": "b1", "label": "crash"}]})");

Scenario set(std::vector<ScenarioSetting> settings) {
  const ScenarioRead read = read_scenario(kFile, settings);
  EXPECT_TRUE(read.ok()) << to_text(read.problems, "x.json");
  return read.scenario;
}

std::string refused(const std::string& path, const std::string& value) {
  return problems_of(kFile, {{path, value}});
}

TEST(ScenarioSet, ReachesConfigsByTheClientsIdDotsAndAll) {
  const Scenario s = set({{"clients.P1.config.enable.idempotence", "false"},
                          {"clients.P1.config.acks", "1"},
                          {"clients.1.config.fetch.max.wait.ms", "10"}});
  EXPECT_EQ(s.clients[0].config, (ConfigMap{{"acks", "1"}, {"enable.idempotence", "false"}}));
  EXPECT_EQ(s.clients[1].config, (ConfigMap{{"fetch.max.wait.ms", "10"}}));
}

TEST(ScenarioSet, ReachesTopicsByNameFaultsByLabelAndMakesMissingObjects) {
  const Scenario s = set({{"topics.orders.partitions", "7"},
                          {"faults.scripted.crash.for", "250ms"},
                          {"network.latency.uniform", R"(["1ms", "2ms"])"},
                          {"expect.durability.acked", "holds"},
                          {"seed", "0x2a"},
                          {"until", "20s"}});
  EXPECT_EQ(s.topics[0].partitions, 7);
  EXPECT_EQ(s.faults.scripted[0].lasts, Duration(std::chrono::milliseconds(250)));
  EXPECT_EQ(s.network.latency,
            Delay(UniformDelay{std::chrono::milliseconds(1), std::chrono::milliseconds(2)}));
  EXPECT_EQ(s.expect.at("durability.acked"), std::vector<std::string>{"holds"});
  EXPECT_EQ(s.seed, 42u);
  EXPECT_EQ(s.until, Duration(std::chrono::seconds(20)));
}

TEST(ScenarioSet, TheLongestNameWinsWhereNamesContainDots) {
  const std::string file =
      R"({"format": "weir-scenario/1", "name": "x",
          "topics": [{"name": "a"}, {"name": "a.b"}]})";
  const std::vector<ScenarioSetting> settings = {{"topics.a.b.partitions", "3"}};
  const ScenarioRead read = read_scenario(file, settings);
  ASSERT_TRUE(read.ok()) << to_text(read.problems, "x.json");
  EXPECT_EQ(read.scenario.topics[1].partitions, 3);
}

TEST(ScenarioSet, MistakesNameTheSetting) {
  EXPECT_EQ(refused("clients.P2.config.acks", "1"),
            "x.json: $.clients: no item \"P2\" here; did you mean \"P1\"? (from --set "
            "clients.P2.config.acks=1)\n");
  EXPECT_EQ(refused("untill", "5s"),
            "x.json: $.untill: unknown key; did you mean \"until\"? (from --set untill=5s)\n");
  EXPECT_EQ(refused("topics.orders.partitions", "many"),
            "x.json: $.topics[0].partitions: expected a whole number from 1 to 10,000, found "
            "\"many\" (from --set topics.orders.partitions=many)\n");
  EXPECT_EQ(refused("name.x", "1"),
            "x.json: $.name: has no \"x\": it is no object (from --set name.x=1)\n");
}

TEST(ScenarioSet, SplitsAtTheFirstEqualsSign) {
  const auto setting = parse_setting("a.b=c=d");
  ASSERT_TRUE(setting);
  EXPECT_EQ(setting->path, "a.b");
  EXPECT_EQ(setting->value, "c=d");
  EXPECT_TRUE(parse_setting("a="));
  EXPECT_FALSE(parse_setting("a"));
  EXPECT_FALSE(parse_setting("=b"));
}

}  // namespace
}  // namespace weir
