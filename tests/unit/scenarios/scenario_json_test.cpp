// Reading and writing are inverse; what the design's example says is what is read.
#include "scenarios/scenario_json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/support/property.h"
#include "tests/unit/scenarios/scenario_support.h"

namespace weir {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// The example of the documentation of the format.
constexpr std::string_view kExample = R"({
  "$schema": "../schema/scenario-1.schema.json",
  "format": "weir-scenario/1",
  "name": "late-high-watermark",
  "about": "A follower that truncates to its own high watermark on restart can erase a record.",
  "until": "10s",
  "cluster": { "brokers": 3, "config": { "replica.lag.time.max.ms": 10000 } },
  "topics": [
    { "name": "orders", "partitions": 1, "replication": 2,
      "config": { "min.insync.replicas": 2, "unclean.leader.election.enable": false } }
  ],
  "clients": [
    { "id": "P1", "kind": "producer",
      "config": { "acks": "all", "enable.idempotence": true, "delivery.timeout.ms": 2000 },
      "workload": { "topic": "orders", "records": 500, "per_second": 100,
                    "keys": { "uniform": 10 } } },
    { "id": "C1", "kind": "consumer", "group": "g",
      "config": { "isolation.level": "read_committed", "enable.auto.commit": false },
      "loop": { "order": "process-then-commit", "process_time": { "exp": "2ms" } } }
  ],
  "network": { "latency": { "lognormal": { "median": "300us", "p99": "5ms" } }, "loss": "1/1000" },
  "seed": "0x2a",
  "faults": {
    "scripted": [
      { "when": { "event": "hw.advanced", "tp": "orders-0", "at_least": 1, "node": "leader" },
        "do": "kill", "node": "follower:orders-0", "for": "450us", "label": "follower blinks" },
      { "when": { "after": "follower blinks", "delay": "500us" }, "do": "kill",
        "node": "leader:orders-0" }
    ],
    "random": { "count": 17, "window": ["1s", "7s"], "heal_by": "7s",
      "weights": { "kill": 3, "power_loss": 1, "partition": 3, "pause": 1, "clock_skew": 1 } }
  },
  "plant": "truncate-to-high-watermark",
  "check": { "promise": "from-config", "require_exercised": ["durability.acked"] },
  "expect": { "durability.acked": "violated" }
})";

TEST(ScenarioJson, ReadsTheDocumentedExample) {
  const ScenarioRead read = read_scenario(kExample);
  ASSERT_TRUE(read.ok()) << to_text(read.problems, "example");
  const Scenario& s = read.scenario;
  EXPECT_EQ(s.until, Duration(seconds(10)));
  EXPECT_EQ(s.cluster.brokers, 3);
  EXPECT_EQ(s.cluster.config, (ConfigMap{{"replica.lag.time.max.ms", "10000"}}));
  EXPECT_EQ(s.topics[0].config.at("unclean.leader.election.enable"), "false");
  EXPECT_EQ(std::get<ProducerSpec>(s.clients[0].role).workload.keys, Keys(UniformKeys{10}));
  EXPECT_EQ(std::get<ConsumerSpec>(s.clients[1].role).loop.process_time,
            Delay(ExponentialDelay{milliseconds(2)}));
  EXPECT_EQ(s.network.latency, Delay(LognormalDelay{microseconds(300), milliseconds(5)}));
  EXPECT_EQ(s.seed, 42u);
  const auto& trigger = std::get<Trigger>(s.faults.scripted[0].when);
  EXPECT_EQ(trigger.event, FactKind::hw_advanced);
  EXPECT_EQ(trigger.node, "leader");
  EXPECT_EQ(std::get<AfterFault>(s.faults.scripted[1].when).delay, Duration(microseconds(500)));
  EXPECT_EQ(s.faults.random->weights.size(), 5u);
  EXPECT_EQ(s.expect.at("durability.acked"), std::vector<std::string>{"violated"});
  EXPECT_EQ(beyond_this_build(s).size(), 1u);  // groups
}

TEST(ScenarioJson, ResolvingFillsInWhatDependsOnOtherMembers) {
  const Scenario s = resolve(read_scenario(scenario_with(R"("until": "20s",
        "clients": [{"id": "C1", "kind": "consumer", "config": {"request.timeout.ms": 2000}}],
        "faults": {"random": {"count": 3}})"))
                                 .scenario);
  EXPECT_EQ(std::get<ConsumerSpec>(s.clients[0].role).loop.assign,
            std::vector<std::string>{"orders"});
  EXPECT_EQ(s.faults.random->heal_by, Duration(seconds(14)));
  EXPECT_EQ(s.faults.random->from, Duration(seconds(2)));
  EXPECT_EQ(s.faults.random->to, Duration(seconds(14)));
  EXPECT_EQ(s.faults.random->weights, survivable_weights(shape_of(s)));
  EXPECT_EQ(s.faults.heal_by, Duration(seconds(14)));
  EXPECT_EQ(s.liveness_after_heal, Duration(milliseconds(6500)));  // 2 s + 0.5 s + 2 x (1 s + 1 s)
  EXPECT_EQ(resolve(s), s);
}

TEST(ScenarioJson, WhoConnectsForLongMayBeLongWithoutProgress) {
  const auto liveness = [](const std::string& setup) {
    return resolve(read_scenario(scenario_with(R"("until": "20s", "clients": [{"id": "C1",
        "kind": "consumer", "config": {"request.timeout.ms": 2000,
        "socket.connection.setup.timeout.ms": )" +
                                               setup + "}}]"))
                       .scenario)
        .liveness_after_heal;
  };
  EXPECT_EQ(liveness("150"), Duration(milliseconds(6500)));
  EXPECT_EQ(liveness("10000"), Duration(milliseconds(6500)));
  EXPECT_EQ(liveness("30000"), Duration(seconds(34)));
}

TEST(ScenarioJson, TheContentHashDependsOnTheRunNotOnTheDescription) {
  Scenario s = read_scenario(scenario_with(R"("until": "5s")")).scenario;
  const std::uint64_t hash = content_hash(s);
  s.name = "other";
  s.about = "something else";
  s.schema = "elsewhere";
  EXPECT_EQ(content_hash(s), hash);
  EXPECT_EQ(content_hash(resolve(s)), hash);
  s.seed = 2;
  EXPECT_NE(content_hash(s), hash);
}

TEST(ScenarioJson, WritesTheSameBytesForTheSameValue) {
  const std::string once = write_scenario(resolve(read_scenario(kExample).scenario));
  EXPECT_EQ(write_scenario(read_scenario(once).scenario), once);
  // The order of keys in the file means nothing.
  const std::string other = R"({"name": "x", "format": "weir-scenario/1",
    "faults": {"random": {"weights": {"pause": 1, "kill": 2}, "count": 1}}})";
  const std::string same = R"({"format": "weir-scenario/1", "name": "x",
    "faults": {"random": {"count": 1, "weights": {"kill": 2, "pause": 1}}}})";
  EXPECT_EQ(write_scenario(read_scenario(other).scenario),
            write_scenario(read_scenario(same).scenario));
}

TEST(ScenarioJson, WhatWasMadeIsCheckedLikeWhatWasRead) {
  Scenario s = read_scenario(scenario_with(R"("until": "5s")")).scenario;
  EXPECT_TRUE(check_scenario(s).empty());
  s.topics[0].replication = 2;
  ASSERT_EQ(check_scenario(s).size(), 1u);
  EXPECT_EQ(check_scenario(s)[0].path, "$.topics[0].replication");
}

TEST(ScenarioJson, FaultsThatFiredAreThePlan) {
  const Scenario s = resolve(read_scenario(scenario_with(R"("faults": {
      "scripted": [{"at": "1s", "do": "kill", "node": "b1"}],
      "random": {"count": 3},
      "fired": [{"at": "2s", "do": "pause", "node": "b1", "for": "1s"}]})"))
                                 .scenario);
  const Plan plan = plan_of(s);
  ASSERT_EQ(plan.faults.size(), 1u);
  EXPECT_EQ(to_text(plan.faults[0]), "pause b1 at 2 s for 1 s");
}

// Generated scenarios ------------------------------------------------------------------------

Duration any_time(std::int64_t low, std::int64_t high) {
  return Duration(*rc::gen::inRange<std::int64_t>(low, high));
}

std::string any_text() { return *rc::gen::container<std::string>(rc::gen::inRange<char>(32, 127)); }

ConfigMap any_config() {
  ConfigMap config;
  const auto n = *rc::gen::inRange(0, 4);
  for (int i = 0; i < n; ++i) {
    config["key." + std::to_string(i)] = *rc::gen::oneOf(
        rc::gen::exec([] { return any_text(); }),
        rc::gen::element<std::string>("true", "false", "0", "-1", "007", "1.5", "all"),
        rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                     [](std::int64_t v) { return std::to_string(v); }));
  }
  return config;
}

Delay any_delay() {
  const Duration low = any_time(0, 1'000'000);
  switch (*rc::gen::inRange(0, 4)) {
    case 0: return FixedDelay{low};
    case 1: return UniformDelay{low, low + any_time(0, 1'000'000)};
    case 2: return ExponentialDelay{low};
    default: return LognormalDelay{low, low + any_time(0, 1'000'000)};
  }
}

Fault any_fault(int index) {
  const auto catalogue = fault_catalogue();
  const auto& traits = catalogue[*rc::gen::inRange<std::size_t>(0, catalogue.size())];
  Fault f;
  f.kind = traits.kind;
  f.label = *rc::gen::inRange(0, 2) == 0 ? "" : "fault " + std::to_string(index);
  f.when = any_time(0, 1'000'000'000);
  if (traits.target == FaultTarget::response || *rc::gen::inRange(0, 3) == 0) {
    Trigger t;
    t.event = static_cast<FactKind>(*rc::gen::inRange<int>(0, static_cast<int>(FactKind::count_)));
    t.nth = *rc::gen::inRange<std::uint32_t>(1, 9);
    const auto names = api_names();
    if (*rc::gen::arbitrary<bool>()) {
      t.api = api_key_named(names[*rc::gen::inRange<std::size_t>(0, names.size())]);
    }
    t.peer = *rc::gen::element<std::string>("", "P1", "client:C1");
    t.node = *rc::gen::element<std::string>("", "leader", "b1");
    t.tp = *rc::gen::element<std::string>("", "orders-0");
    if (*rc::gen::arbitrary<bool>()) t.at_least = *rc::gen::arbitrary<std::int64_t>();
    t.since = any_time(0, 1'000'000);
    t.delay = any_time(0, 1'000'000);
    f.when = t;
  }
  if (traits.target == FaultTarget::node) {
    f.node = *rc::gen::element<std::string>("b1", "P1", "leader:orders-1", "client:C1");
  } else if (traits.target == FaultTarget::sides) {
    f.from = {"b1"};
    f.to = {"clients"};
    f.one_way = traits.is(FaultTraits::kOneWay) && *rc::gen::arbitrary<bool>();
  } else if (traits.target == FaultTarget::set) {
    f.from = {"brokers", "C1"};
  }
  if (traits.is(FaultTraits::kLasts) && *rc::gen::arbitrary<bool>()) f.lasts = any_time(1, 1 << 30);
  if (traits.is(FaultTraits::kBy)) f.by = any_time(-1'000'000, 1'000'000);
  if (traits.is(FaultTraits::kRate)) f.rate_ppm = *rc::gen::inRange(1, 1000);
  if (traits.is(FaultTraits::kFactor)) f.factor = *rc::gen::inRange<std::uint32_t>(2, 1000);
  if (traits.is(FaultTraits::kRateBytes)) {
    f.bytes_per_second = *rc::gen::inRange<std::int64_t>(1, 1 << 30);
  }
  if (traits.is(FaultTraits::kNth)) f.nth = *rc::gen::inRange<std::uint32_t>(1, 1000);
  f.guard = *rc::gen::element(Guard::none, Guard::others_up);
  return f;
}

Workload any_workload() {
  Workload w;
  w.topic = "orders";
  w.records = *rc::gen::inRange(0, 1'000'000);
  w.value_size = *rc::gen::inRange(0, 1 << 20);
  w.per_second = *rc::gen::inRange(0, 1000);
  w.start = any_time(0, 1'000'000);
  if (*rc::gen::arbitrary<bool>()) w.partition = *rc::gen::inRange(0, 2);
  if (*rc::gen::arbitrary<bool>()) w.keys = UniformKeys{*rc::gen::inRange(1, 100)};
  if (*rc::gen::arbitrary<bool>()) {
    w.records_file = "some/file.jsonl";
    w.keys = FieldKeys{"network"};
  }
  return w;
}

// What an explicit scenario lists instead of what is drawn.
void tell_what_is_drawn(Scenario& s) {
  Workload told;
  told.topic = "orders";
  told.ops.emplace();
  const int sends = *rc::gen::inRange(0, 3);
  for (int i = 0; i < sends; ++i) {
    SendOp op{any_time(0, 1'000'000), "orders", {}, {}, {}};
    if (*rc::gen::arbitrary<bool>()) op.partition = *rc::gen::inRange(0, 2);
    if (*rc::gen::arbitrary<bool>()) op.key = any_text();
    if (*rc::gen::arbitrary<bool>()) op.record = *rc::gen::inRange(0, 100);
    told.ops->push_back(std::move(op));
  }
  std::get<ProducerSpec>(s.clients[0].role).workload = std::move(told);
  std::get<ConsumerSpec>(s.clients[1].role).loop.ops = {
      PollOp{any_time(0, 1'000'000), any_time(0, 1'000'000)}};
  s.cluster.leader_moves = {LeaderMove{any_time(0, 1'000'000), "orders-1", "b1"},
                            LeaderMove{any_time(0, 1'000'000), "orders-1", ""}};
  s.network.delays = {LinkDelay{"b1", "P1", 7, any_time(0, 1'000'000)}};
  s.buggify_points = {"storage.short_read"};
}

Scenario any_scenario() {
  Scenario s;
  s.name = "generated";
  s.about = any_text();
  s.until = Duration(seconds(10));
  s.cluster.config = any_config();
  s.topics = {{"orders", 2, 1, any_config()}};
  s.clients = {{"P1", any_config(), ProducerSpec{any_workload()}},
               {"C1", any_config(), ConsumerSpec{}}};
  auto& loop = std::get<ConsumerSpec>(s.clients[1].role).loop;
  if (*rc::gen::arbitrary<bool>()) loop.assign = {"orders-1", "orders"};
  loop.from = *rc::gen::element(StartFrom::beginning, StartFrom::end);
  loop.order = *rc::gen::element(LoopOrder::process_then_commit, LoopOrder::commit_then_process);
  loop.process_time = any_delay();
  s.network = {any_delay(),
               {*rc::gen::inRange<std::uint32_t>(0, 9), 9},
               {1, 7},
               *rc::gen::inRange(0, 1 << 30),
               {}};
  s.disk = {any_delay(), any_delay(), any_delay(), *rc::gen::inRange(0, 1 << 30)};
  s.seed = *rc::gen::arbitrary<std::uint64_t>();
  const int faults = *rc::gen::inRange(0, 4);
  for (int i = 0; i < faults; ++i) s.faults.scripted.push_back(any_fault(i));
  if (*rc::gen::arbitrary<bool>()) s.faults.fired = std::vector<Fault>{any_fault(0)};
  if (*rc::gen::arbitrary<bool>()) s.faults.heal_by = any_time(8'000'000'000, 9'000'000'000);
  if (*rc::gen::arbitrary<bool>()) {
    s.faults.random = RandomFaults{5, seconds(1), seconds(2), seconds(3), {{FaultKind::stop, 2}}};
  }
  if (*rc::gen::arbitrary<bool>()) s.check.promise = {"dup.idempotent"};
  if (*rc::gen::arbitrary<bool>()) s.check.require_exercised = {"order.partition"};
  if (*rc::gen::arbitrary<bool>()) s.expect["node.sound"] = {"holds", "unknown"};
  if (*rc::gen::arbitrary<bool>()) {
    s.draws = {{"cluster.config.replica.lag.time.max.ms", {"200", "\"500\"", "200"}},
               {"network.latency", {R"({"exp":"2ms"})", "\"1ms\""}}};
  }
  s.buggify = *rc::gen::arbitrary<bool>();
  s.final_drain = *rc::gen::arbitrary<bool>();
  s.service_time = any_time(0, 1'000);
  if (*rc::gen::arbitrary<bool>()) s.liveness_after_heal = any_time(1, 1'000);
  if (*rc::gen::arbitrary<bool>()) tell_what_is_drawn(s);
  return s;
}

TEST(ScenarioJson, ReadingGivesBackWhatWasWritten) {
  expect_property([] {
    const Scenario s = *rc::gen::arbitrary<bool>() ? any_scenario() : resolve(any_scenario());
    const std::string text = write_scenario(s);
    const ScenarioRead read = read_scenario(text);
    if (!read.ok()) RC_FAIL(to_text(read.problems, text));
    RC_ASSERT(read.scenario == s);
    RC_ASSERT(write_scenario(read.scenario) == text);
  });
}

TEST(ScenarioJson, DamagedFilesAreReadOrRefusedButNeverCrash) {
  const std::string good(kExample);
  expect_property([&good] {
    std::string text = good;
    const int edits = *rc::gen::inRange(1, 6);
    for (int i = 0; i < edits; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      const auto length = *rc::gen::inRange<std::size_t>(0, 12);
      const auto insert = *rc::gen::element<std::string>("", "\"", "{", "[]", "null", "-1", "\xff",
                                                         "1e999", "\\u0000", ",", "\"at\": 3,");
      text.replace(at, std::min(length, text.size() - at), insert);
    }
    const ScenarioRead read = read_scenario(text);
    for (const ScenarioProblem& problem : read.problems) RC_ASSERT(!problem.message.empty());
    if (read.ok()) static_cast<void>(plan_of(resolve(read.scenario)));
  });
}

}  // namespace
}  // namespace weir
