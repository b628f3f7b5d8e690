// What a seed draws of a profile: some value of each list, independently, and together valid.
#include "scenarios/draw.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/scenarios/scenario_support.h"

namespace weir {
namespace {

constexpr std::uint64_t kSeeds = 200;

Scenario profile_with(const std::string& draws, std::vector<ScenarioSetting> settings = {}) {
  const ScenarioRead read = read_scenario(
      scenario_with("\"cluster\": {\"brokers\": 3}, \"draw\": {" + draws + "}"), settings);
  EXPECT_TRUE(read.ok()) << to_text(read.problems, "x.json");
  return read.scenario;
}

Scenario drawn(const Scenario& profile, std::uint64_t seed) {
  std::string error;
  Scenario scenario = at_seed(profile, seed, error);
  EXPECT_EQ(error, "");
  return scenario;
}

TEST(Draw, EachSeedTakesOneValueOfEachListAndSomeSeedTakesEach) {
  const Scenario profile = profile_with(
      R"("cluster.brokers": [3, 4, 5], "topics.orders.config.flush.messages": [14, "20"])");
  std::set<std::pair<std::int64_t, std::string>> seen;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario s = drawn(profile, seed);
    EXPECT_EQ(s.seed, seed);
    EXPECT_TRUE(s.draws.empty());
    seen.emplace(s.cluster.brokers, s.topics[0].config.at("flush.messages"));
  }
  EXPECT_EQ(seen, (std::set<std::pair<std::int64_t, std::string>>{
                      {3, "14"}, {3, "20"}, {4, "14"}, {4, "20"}, {5, "14"}, {5, "20"}}));
}

TEST(Draw, WhatIsDrawnIsResolvedAndDrawsNothingAnyMore) {
  const Scenario profile =
      profile_with(R"("network.latency": ["1ms", {"exp": "2ms"}], "buggify": [true, false])");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Scenario s = drawn(profile, seed);
    EXPECT_EQ(drawn(s, seed), s);
    EXPECT_EQ(resolve(s), s);
    EXPECT_EQ(check_scenario(s), std::vector<ScenarioProblem>{});
  }
}

TEST(Draw, AFurtherDrawLeavesTheOthersAsTheyWere) {
  const std::string brokers = R"("cluster.brokers": [3, 4, 5])";
  const Scenario few = profile_with(brokers);
  const Scenario more = profile_with(R"("buggify": [true, false], )" + brokers);
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_EQ(drawn(few, seed).cluster.brokers, drawn(more, seed).cluster.brokers);
  }
}

TEST(Draw, AFurtherValueTakesOverSomeSeedsAndMovesNoOther) {
  const Scenario few = profile_with(R"("cluster.brokers": [3, 4])");
  const Scenario more = profile_with(R"("cluster.brokers": [3, 5, 4])");
  int taken = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::int64_t now = drawn(more, seed).cluster.brokers;
    if (now != 5) {
      EXPECT_EQ(now, drawn(few, seed).cluster.brokers) << seed;
    }
    taken += now == 5 ? 1 : 0;
  }
  EXPECT_GT(taken, 30);
  EXPECT_LT(taken, 120);
}

TEST(Draw, AValueGivenThriceIsDrawnMoreOften) {
  const Scenario profile = profile_with(R"("cluster.brokers": [4, 4, 4, 5])");
  int often = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    often += drawn(profile, seed).cluster.brokers == 4 ? 1 : 0;
  }
  EXPECT_GT(often, 120);
  EXPECT_LT(often, 180);
}

TEST(Draw, ValuesThatDoNotGoTogetherAreDrawnAgain) {
  const Scenario profile = profile_with(
      R"("cluster.brokers": [1, 2, 3], "topics.orders.replication": [1, 2, 3],
         "topics.orders.config.min.insync.replicas": [1, 2, 3])");
  std::set<std::int64_t> replications;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario s = drawn(profile, seed);
    EXPECT_LE(s.topics[0].replication, s.cluster.brokers);
    EXPECT_LE(std::stoll(s.topics[0].config.at("min.insync.replicas")), s.topics[0].replication);
    replications.insert(s.topics[0].replication);
  }
  EXPECT_EQ(replications, (std::set<std::int64_t>{1, 2, 3}));
}

TEST(Draw, WhereNothingGoesTogetherItSaysWhy) {
  const Scenario profile = profile_with(R"("topics.orders.replication": [4, 5])");
  std::string error;
  static_cast<void>(at_seed(profile, 7, error));
  EXPECT_EQ(error.substr(0, error.find("replication ")),
            "$.draw: no valid combination of values for seed 0x7; the last: "
            "$.topics[0].replication: ");
}

TEST(Draw, WhatIsSetByHandIsNoLongerDrawn) {
  const Scenario pinned = profile_with(R"("cluster.brokers": [4, 5], "buggify": [true, false])",
                                       {{"cluster.brokers", "3"}});
  EXPECT_EQ(pinned.draws, (std::vector<Draw>{{"buggify", {"true", "false"}}}));
  EXPECT_EQ(drawn(pinned, 1).cluster.brokers, 3);
  const Scenario whole =
      profile_with(R"("network.latency": ["1ms", "2ms"])", {{"network", R"({"loss": 0})"}});
  EXPECT_TRUE(whole.draws.empty());
}

TEST(Draw, AMistakeInADrawIsToldWithItsPlace) {
  const auto told = [](const std::string& draws) {
    return problems_of(scenario_with("\"draw\": {" + draws + "}"));
  };
  EXPECT_EQ(told(R"("cluster.brokers": 3)"),
            "x.json:5: $.draw[\"cluster.brokers\"]: expected a list of 1 to 1,000 values, found "
            "3\n");
  EXPECT_EQ(told(R"("cluster.brokers": [3, "many"])"),
            "x.json:5: $.draw[\"cluster.brokers\"][1]: $.cluster.brokers: expected a whole number "
            "from 1 to 100, found \"many\"\n");
  EXPECT_EQ(told(R"("cluster.borkers": [3])"),
            "x.json:5: $.draw[\"cluster.borkers\"][0]: $.cluster.borkers: unknown key; did you "
            "mean \"brokers\"?\n");
  EXPECT_EQ(told(R"("topics.order.partitions": [3])"),
            "x.json:5: $.draw[\"topics.order.partitions\"]: $.topics: no item \"order\" here; did "
            "you mean \"orders\"?\n");
  EXPECT_EQ(told(R"("seed": [1, 2])"),
            "x.json:5: $.draw.seed: is not drawn: expected the path of a setting, as for --set\n");
}

TEST(Draw, TheWorkloadOfAFileIsNotDrawn) {
  EXPECT_EQ(problems_of(scenario_with(
                R"("draw": {"clients.P1.workload.records": [1]}, "clients": [{"id": "P1", "kind": )"
                R"("producer", "workload": {"topic": "orders", "records_file": "a.jsonl"}}])")),
            "x.json:5: $.draw[\"clients.P1.workload.records\"]: the workload of \"P1\" reads a "
            "file, and so is not drawn\n");
}

}  // namespace
}  // namespace weir
