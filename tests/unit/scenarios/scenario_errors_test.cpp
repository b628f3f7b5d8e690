// What a mistake in a scenario looks like: file, line, path, value, expectation, suggestion.
#include <gtest/gtest.h>

#include "tests/unit/scenarios/scenario_support.h"

namespace weir {
namespace {

struct Mistake {
  std::string_view name;
  std::string_view keys;  // from line 5 on
  std::string_view told;
};

void PrintTo(const Mistake& m, std::ostream* out) { *out << m.name; }

class ScenarioMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ScenarioMistake, IsToldWithItsPlaceAndWhatWasExpected) {
  EXPECT_EQ(problems_of(scenario_with(GetParam().keys)), std::string(GetParam().told) + "\n");
}

constexpr Mistake kMistakes[] = {
    {"UnknownKey", R"("untill": "5s")",
     R"(x.json:5: $.untill: unknown key; did you mean "until"?)"},
    {"UnknownKeyFarFromAll", R"("xyzzy": 1)", R"(x.json:5: $.xyzzy: unknown key)"},
    {"DurationWithoutUnit", R"("until": 5)",
     R"(x.json:5: $.until: expected a duration with a unit (ns, us, ms, s, m, h), such as "450us" or "1.5s", above zero, found 5)"},
    {"DurationInUnknownUnit", R"("service_time": "5sec")",
     R"(x.json:5: $.service_time: expected a duration with a unit (ns, us, ms, s, m, h), such as "450us" or "1.5s", found "5sec")"},
    {"RatioAsDecimal", R"("network": {"loss": 0.01})",
     R"(x.json:5: $.network.loss: expected a probability as a fraction between 0 and 1, such as "1/1000", found 0.01)"},
    {"SizeInUnknownUnit", R"("disk": {"capacity": "5MB"})",
     R"(x.json:5: $.disk.capacity: expected a number of bytes, plain or with a unit (B, KiB, MiB, GiB), such as "64KiB", found "5MB")"},
    {"CountOutOfRange", R"("cluster": {"brokers": 0})",
     R"(x.json:5: $.cluster.brokers: expected a whole number from 1 to 100, found 0)"},
    {"FractionWhereWholeNumber", R"("cluster": {"brokers": 1.5})",
     R"(x.json:5: $.cluster.brokers: expected a whole number from 1 to 100, found 1.5)"},
    {"NegativeSeed", R"("seed": -1)",
     R"(x.json:5: $.seed: expected a whole number of at most 64 bits, such as 7 or "0x2a", found -1)"},
    {"WordForBoolean", R"("buggify": "yes")",
     R"(x.json:5: $.buggify: expected true or false, found "yes")"},
    {"UnknownClientKind", R"("clients": [{"id": "P1", "kind": "producr", "workload": {}}])",
     R"(x.json:5: $.clients[0].kind: expected "producer", "consumer" or "app", found "producr"; did you mean "producer"?)"},
    {"MissingWorkload", R"("clients": [{"id": "P1", "kind": "producer"}])",
     R"(x.json:5: $.clients[0]: "workload" is missing)"},
    {"LoopOfAProducer",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders"}, "loop": {}}])",
     R"(x.json:5: $.clients[0].loop: unknown key)"},
    {"UnknownTopic",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "order"}}])",
     R"(x.json:5: $.clients[0].workload.topic: unknown topic "order"; did you mean "orders"?)"},
    {"PartitionBeyondTheTopic",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders", "partition": 2}}])",
     R"(x.json:5: $.clients[0].workload.partition: partition 2 does not exist: "orders" has 2)"},
    {"KeysFromFieldsOfGeneratedRecords",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders", "keys": {"field": "a"}}}])",
     R"(x.json:5: $.clients[0].workload.keys: generated records have no fields; name a records_file)"},
    {"RateBesideOperations",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders", "per_second": 5, "ops": []}}])",
     R"(x.json:5: $.clients[0].workload.per_second: does not belong beside "ops", which says all of it)"},
    {"OperationOfAnUnknownTopic",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders", "ops": [{"at": "1s", "send": ["order", 0, null]}]}}])",
     R"(x.json:5: $.clients[0].workload.ops[0].send[0]: unknown topic "order"; did you mean "orders"?)"},
    {"OperationBeyondTheTopic",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders", "ops": [{"at": "1s", "send": ["orders", 2, null]}]}}])",
     R"(x.json:5: $.clients[0].workload.ops[0].send[1]: partition 2 does not exist: "orders" has 2)"},
    {"OperationWithoutAKey",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders", "ops": [{"at": "1s", "send": ["orders", 2]}]}}])",
     R"(x.json:5: $.clients[0].workload.ops[0].send: expected a topic, a partition or null, and a key or null, such as ["orders", 0, null], found ["orders",2])"},
    {"PollWithoutTime",
     R"("clients": [{"id": "C1", "kind": "consumer", "loop": {"ops": [{"poll": "1s"}]}}])",
     R"(x.json:5: $.clients[0].loop.ops[0]: "at" is missing)"},
    {"LeaderMovedToNobody",
     R"("cluster": {"leader_moves": [{"at": "1s", "tp": "orders-0", "to": "b2"}]})",
     R"(x.json:5: $.cluster.leader_moves[0].to: unknown broker "b2"; did you mean "b1"?)"},
    {"DelayOfAnUnknownNode",
     R"("network": {"delays": [{"from": "b1", "to": "C9", "nth": 1, "takes": "1s"}]})",
     R"(x.json:5: $.network.delays[0].to: unknown node "C9")"},
    {"UnknownFormOfKeys",
     R"("clients": [{"id": "P1", "kind": "producer", "workload": {"topic": "orders", "keys": {"zipf": 3}}}])",
     R"(x.json:5: $.clients[0].workload.keys: expected "none", {"uniform": how many} or {"field": name}, found {"zipf":3})"},
    {"UnknownAssignment",
     R"("clients": [{"id": "C1", "kind": "consumer", "loop": {"assign": ["orders-2"]}}])",
     R"(x.json:5: $.clients[0].loop.assign[0]: unknown topic or partition "orders-2"; did you mean "orders-0"?)"},
    {"TwoClientsOfOneName",
     "\"clients\": [{\"id\": \"C1\", \"kind\": \"consumer\"},\n{\"id\": \"C1\", \"kind\": "
     "\"consumer\"}]",
     R"(x.json:6: $.clients[1].id: the client "C1" exists already)"},
    {"AClientNamedLikeABroker", R"("clients": [{"id": "b1", "kind": "consumer"}])",
     R"(x.json:5: $.clients[0].id: "b1" is the name of a broker or controller)"},
    {"NameWithBlanks", R"("clients": [{"id": "a b", "kind": "consumer"}])",
     R"(x.json:5: $.clients[0].id: expected a name of at most 249 letters, digits, '.', '_' and '-', found "a b")"},
    {"ConfigOfAList", R"("cluster": {"config": {"min.insync.replicas": []}})",
     R"(x.json:5: $.cluster.config["min.insync.replicas"]: expected a text, a whole number, true or false, found [])"},
    {"LatencyUpsideDown",
     R"("network": {"latency": {"lognormal": {"median": "2ms", "p99": "1ms"}}})",
     R"(x.json:5: $.network.latency.lognormal: expected p99 not below the median, found {"median":"2ms","p99":"1ms"})"},
    {"UnknownDelay", R"("network": {"latency": {"gauss": "2ms"}})",
     R"(x.json:5: $.network.latency: expected a duration such as "2ms", {"uniform": [low, high]}, {"exp": mean} or {"lognormal": {"median": .., "p99": ..}}, found {"gauss":"2ms"})"},
    {"FaultWithoutTime", R"("faults": {"scripted": [{"do": "kill", "node": "b1"}]})",
     R"(x.json:5: $.faults.scripted[0]: needs "at" or "when")"},
    {"UnknownFault", R"("faults": {"scripted": [{"at": "1s", "do": "kil", "node": "b1"}]})",
     R"(x.json:5: $.faults.scripted[0].do: expected "kill", "power_loss", "wipe", "stop", "rolling_restart", "pause", "slow_node", "partition", "isolate", "bridge", "ring", "clog", "swizzle", "tangle", "slow_link", "narrow_link", "reset", "half_open", "refuse", "lose_response", "late_delivery", "fail_read", "fail_write", "fail_sync", "disk_full", "slow_disk", "stuck_disk", "bit_rot", "misdirected", "clock_step" or "clock_skew", found "kil"; did you mean "kill"?)"},
    {"FaultOnAnUnknownNode",
     R"("faults": {"scripted": [{"at": "1s", "do": "kill", "node": "b2"}]})",
     R"(x.json:5: $.faults.scripted[0].node: unknown node "b2"; did you mean "b1"?)"},
    {"FaultOnTheLeaderOfNoPartition",
     R"("faults": {"scripted": [{"at": "1s", "do": "kill", "node": "leader:orders-7"}]})",
     R"(x.json:5: $.faults.scripted[0].node: unknown partition "orders-7"; did you mean "orders-0"?)"},
    {"FaultThatTakesNoDuration",
     R"("faults": {"scripted": [{"at": "1s", "do": "bit_rot", "node": "b1", "for": "1s"}]})",
     R"(x.json:5: $.faults.scripted[0].for: does not belong to bit_rot)"},
    {"FaultWithoutItsParameter",
     R"("faults": {"scripted": [{"at": "1s", "do": "slow_disk", "node": "b1"}]})",
     R"(x.json:5: $.faults.scripted[0]: slow_disk needs "factor")"},
    {"PartitionWithANode",
     R"("faults": {"scripted": [{"at": "1s", "do": "partition", "between": [["b1"], ["brokers"]], "node": "b1"}]})",
     R"(x.json:5: $.faults.scripted[0].node: does not belong to partition)"},
    {"PartitionOfOneSide",
     R"("faults": {"scripted": [{"at": "1s", "do": "partition", "between": [["b1"]]}]})",
     R"(x.json:5: $.faults.scripted[0].between: expected two lists of nodes, such as [["b1"], ["P1"]], found [["b1"]])"},
    {"RoleOfAnEventWithoutOne",
     R"("faults": {"scripted": [{"at": "1s", "do": "kill", "node": "event:node"}]})",
     R"(x.json:5: $.faults.scripted[0].node: "event:node" needs a fault with a trigger)"},
    {"UnknownTrigger",
     R"("faults": {"scripted": [{"when": {"event": "log.append"}, "do": "kill", "node": "b1"}]})",
     R"(x.json:5: $.faults.scripted[0].when.event: expected the name of a kind of event, such as "log.appended", found "log.append"; did you mean "log.appended"?)"},
    {"UnknownLabel",
     R"("faults": {"scripted": [{"when": {"after": "frist"}, "do": "kill", "node": "b1"}, {"at": "1s", "do": "kill", "node": "b1", "label": "first"}]})",
     R"(x.json:5: $.faults.scripted[0].when.after: no fault has the label "frist"; did you mean "first"?)"},
    {"FaultsThatWaitForEachOther",
     R"("faults": {"scripted": [{"when": {"after": "a"}, "do": "kill", "node": "b1", "label": "a"}]})",
     R"(x.json:5: $.faults.scripted[0].when.after: these faults wait for each other)"},
    {"FaultAfterTheHealing",
     R"("faults": {"heal_by": "2s", "scripted": [{"at": "3s", "do": "kill", "node": "b1"}]})",
     R"(x.json:5: $.faults.scripted[0].at: 3s is not before 2s, when everything heals)"},
    {"HealingAfterTheEnd", R"("until": "5s", "faults": {"heal_by": "6s"})",
     R"(x.json:5: $.faults.heal_by: 6s is later than `until`, 5s)"},
    {"WindowAfterTheHealing",
     R"("faults": {"random": {"count": 1, "window": ["1s", "5s"], "heal_by": "4s"}})",
     R"(x.json:5: $.faults.random.window: ends after 4s, when everything heals)"},
    {"UnknownWeight", R"("faults": {"random": {"count": 1, "weights": {"kil": 1}}})",
     R"(x.json:5: $.faults.random.weights.kil: unknown kind of fault; did you mean "kill"?)"},
    {"NoWeightAtAll", R"("faults": {"random": {"count": 1, "weights": {"kill": 0}}})",
     R"(x.json:5: $.faults.random.weights: at least one weight must be above 0)"},
    {"UnknownGuarantee", R"("expect": {"durability.ack": "holds"})",
     R"(x.json:5: $.expect["durability.ack"]: unknown guarantee; did you mean "durability.acked"?)"},
    {"UnknownVerdict", R"("expect": {"durability.acked": "hold"})",
     R"(x.json:5: $.expect["durability.acked"]: expected "holds", "violated", "not exercised", "not promised" or "unknown", found "hold"; did you mean "holds"?)"},
    {"KeyGivenTwice", "\"seed\": 1,\n\"seed\": 2", R"(x.json:6: $.seed: this key is given twice)"},
    {"NotAnObject", R"("network": [])", R"(x.json:5: $.network: expected an object, found [])"},
};

INSTANTIATE_TEST_SUITE_P(All, ScenarioMistake, testing::ValuesIn(kMistakes),
                         [](const auto& mistake) { return std::string(mistake.param.name); });

TEST(ScenarioErrors, ImpossibleClusterIsToldWhereTheTopicIs) {
  EXPECT_EQ(problems_of("{\"format\": \"weir-scenario/1\", \"name\": \"x\",\n"
                        "\"topics\": [{\"name\": \"t\", \"replication\": 3},\n{\"name\": \"t\"}]}"),
            "x.json:2: $.topics[0].replication: replication 3 is more than the 1 broker(s) of the "
            "cluster\n"
            "x.json:3: $.topics[1].name: the topic \"t\" exists already\n");
}

TEST(ScenarioErrors, AllMistakesOfAFileAreToldInItsOrder) {
  EXPECT_EQ(problems_of(scenario_with("\"untill\": \"5s\",\n\"seed\": \"x\",\n\"plant\": 3")),
            "x.json:5: $.untill: unknown key; did you mean \"until\"?\n"
            "x.json:6: $.seed: expected a whole number of at most 64 bits, such as 7 or \"0x2a\", "
            "found \"x\"\n"
            "x.json:7: $.plant: expected a name of at most 249 letters, digits, '.', '_' and '-', "
            "found 3\n");
}

TEST(ScenarioErrors, MissingFormatAndNameAreTold) {
  EXPECT_EQ(problems_of("{}"),
            "x.json:1: $: \"format\" is missing\nx.json:1: $: \"name\" is missing\n");
  EXPECT_EQ(problems_of(R"({"format": "weir-scenario/2", "name": "x"})"),
            "x.json:1: $.format: expected \"weir-scenario/1\", found \"weir-scenario/2\"; did you "
            "mean \"weir-scenario/1\"?\n");
  EXPECT_EQ(problems_of("[1]"), "x.json:1: $: expected an object, found [1]\n");
}

TEST(ScenarioErrors, BrokenJsonIsToldWithItsLine) {
  const std::string told = problems_of("{\n\"format\": \"weir-scenario/1\",\n\"name\": }\n");
  EXPECT_TRUE(told.starts_with("x.json:3: is not valid JSON: ")) << told;
  EXPECT_EQ(problems_of("{\"seed\": 1e999}"),
            "x.json: is not valid JSON: number overflow parsing '1e999'\n");
  EXPECT_TRUE(problems_of("").starts_with("x.json:1: is not valid JSON: "));
  EXPECT_TRUE(problems_of("{\"name\": \"\xff\"}").starts_with("x.json:1: is not valid JSON: "));
}

TEST(ScenarioErrors, HostileSizesAndDepthsAreRefused) {
  EXPECT_EQ(problems_of(std::string(kMaxScenarioBytes + 1, ' ')),
            "x.json: is larger than a scenario may be, 16 MiB\n");
  const std::string deep =
      "{\"about\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_EQ(problems_of(deep), "x.json: is nested more deeply than a scenario may be\n");
}

TEST(ScenarioErrors, ManyMistakesAreCountedNotListed) {
  std::string keys;
  for (int i = 0; i < 300; ++i) {
    keys += (i == 0 ? "\"zzz" : ",\n\"zzz") + std::to_string(i) + "\": 1";
  }
  const ScenarioRead read = read_scenario(scenario_with(keys));
  ASSERT_EQ(read.problems.size(), kMaxScenarioProblems + 1);
  EXPECT_EQ(read.problems.back().message, "and 200 more");
}

TEST(ScenarioErrors, AFileThatIsNotThereIsTold) {
  EXPECT_EQ(to_text(load_scenario("/nowhere/x.json").problems, "/nowhere/x.json"),
            "/nowhere/x.json: cannot be read\n");
  EXPECT_EQ(to_text(load_scenario("/tmp").problems, "/tmp"), "/tmp: cannot be read\n");
}

}  // namespace
}  // namespace weir
