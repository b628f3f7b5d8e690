// Each step of the shrinker by itself, on a run that fails in a way which only this step makes
// small.
//
// A broker breaks a promise that only the test made: a retry without idempotence is stored twice,
// an unsynced record goes with the power.
#include <gtest/gtest.h>

#include "scenarios/explicit.h"
#include "scenarios/load.h"
#include "scenarios/rewrite.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shrinker.h"

namespace weir {
namespace {

constexpr const char* kTwice = "dup.idempotent";
constexpr const char* kLost = "durability.acked";

// A broker, the topic "orders" and these further keys of the file.
class ShrinkStep : public testing::Test {
 protected:
  // As it is written, or with all that its run draws listed.
  void fail(const std::string& promise, const std::string& keys, bool listed = false) {
    const ScenarioRead read = read_scenario(
        "{\"format\": \"weir-scenario/1\", \"name\": \"x\", \"until\": \"1s\", "
        "\"check\": {\"promise\": [\"" +
        promise + "\"]}, " + keys + "}");
    ASSERT_TRUE(read.ok()) << to_text(read.problems, "x.json");
    loaded_.scenario = resolve(read.scenario);
    options_.guarantee = promise;
    shrinker_.emplace(loaded_, options_);
    ASSERT_TRUE(shrinker_->begin(loaded_.scenario)) << "it does not fail";
    if (!listed) return;
    ASSERT_TRUE(shrinker_->attempt(
        explicit_scenario(shrinker_->smallest(), shrinker_->inputs(), shrinker_->outcome())));
  }

  Loaded loaded_;
  ShrinkOptions options_;
  std::optional<Shrinker> shrinker_;
};

std::string topic(int partitions, const std::string& config = "{}") {
  return "\"topics\": [{\"name\": \"orders\", \"partitions\": " + std::to_string(partitions) +
         ", \"config\": " + config + "}], ";
}

// Sends one batch a record, and after so long again, as if nobody could know the record.
std::string repeats(const std::string& id, const std::string& workload, int timeout_ms) {
  return "{\"id\": \"" + id +
         "\", \"kind\": \"producer\", \"config\": {\"acks\": \"all\", \"linger.ms\": 0, "
         "\"enable.idempotence\": false, \"request.timeout.ms\": " +
         std::to_string(timeout_ms) + "}, \"workload\": {\"topic\": \"orders\", " + workload + "}}";
}

std::string lost_answer(int nth) {
  return "\"faults\": {\"fired\": [{\"when\": {\"event\": \"response.sent\", \"api\": \"Produce\", "
         "\"nth\": " +
         std::to_string(nth) +
         "}, \"do\": \"lose_response\", \"for\": \"20ms\"}], \"heal_by\": \"900ms\"}";
}

constexpr const char* kSteady = "\"network\": {\"latency\": \"300us\"}, ";

TEST_F(ShrinkStep, PartitionsThatAreAllInUseBecomeOne) {
  fail(kTwice, topic(3) + kSteady + "\"clients\": [" +
                   repeats("P1",
                           "\"ops\": [{\"at\": \"0s\", \"send\": [\"orders\", 0, null]}, "
                           "{\"at\": \"0s\", \"send\": [\"orders\", 1, null]}, "
                           "{\"at\": \"0s\", \"send\": [\"orders\", 2, null]}]",
                           100) +
                   "], " + lost_answer(1));
  drop_partitions(*shrinker_);
  EXPECT_EQ(shrinker_->smallest().topics[0].partitions, 1);
  EXPECT_EQ(listed_operations(shrinker_->smallest()), 3u);
}

TEST_F(ShrinkStep, TheFirstMatchTakesThePlaceOfALaterOne) {
  fail(kTwice, topic(1) + kSteady + "\"clients\": [" +
                   repeats("P1", "\"records\": 6, \"per_second\": 50", 100) + "], " +
                   lost_answer(5));
  simplify_triggers(*shrinker_);
  EXPECT_EQ(std::get<Trigger>(shrinker_->smallest().faults.fired->front().when).nth, 1u);
}

// No answer but the last may be lost, and without any send the last one is not the third.
TEST_F(ShrinkStep, AnOperationGoesWithItsCount) {
  fail(kTwice,
       topic(1) + kSteady +
           "\"clients\": [{\"id\": \"P1\", \"kind\": \"producer\", \"config\": "
           "{\"linger.ms\": 0}, \"workload\": {\"topic\": \"orders\", \"ops\": ["
           "{\"at\": \"0s\", \"send\": [\"orders\", 0, null]}, "
           "{\"at\": \"50ms\", \"send\": [\"orders\", 0, null]}]}}, " +
           repeats("P2", "\"ops\": [{\"at\": \"100ms\", \"send\": [\"orders\", 0, null]}]", 100) +
           "], " + lost_answer(3));
  simplify_triggers(*shrinker_);
  EXPECT_EQ(counts_in(shrinker_->smallest()).back(), 3u);
  drop_operations(*shrinker_);
  EXPECT_EQ(listed_operations(shrinker_->smallest()), 1u);
  EXPECT_EQ(counts_in(shrinker_->smallest()).back(), 1u);
}

// It takes a full segment: the power fails when the next one begins.
TEST_F(ShrinkStep, FewLargeRecordsDoWhatManySmallOnesDo) {
  fail(kLost,
       topic(1, "{\"internal.segment.bytes\": 3000}") + kSteady +
           "\"clients\": [{\"id\": \"P1\", \"kind\": \"producer\", \"config\": {\"acks\": 1, "
           "\"linger.ms\": 0, \"enable.idempotence\": false}, \"workload\": {\"topic\": "
           "\"orders\", \"records\": 40, \"per_second\": 200}}], "
           "\"faults\": {\"scripted\": [{\"when\": {\"event\": \"log.rolled\", \"delay\": "
           "\"2ms\"}, \"do\": \"power_loss\", \"node\": \"b1\", \"for\": \"100ms\"}], "
           "\"heal_by\": \"900ms\"}",
       true);
  drop_operations(*shrinker_);
  EXPECT_LE(listed_operations(shrinker_->smallest()), 4u);
}

TEST_F(ShrinkStep, LostMessagesAreNamed) {
  fail(kTwice, topic(1) +
                   "\"network\": {\"latency\": \"300us\", \"loss\": \"1/40\"}, \"clients\": [" +
                   repeats("P1", "\"records\": 20, \"per_second\": 50", 100) + "]");
  calm_chance(*shrinker_);
  const NetworkSpec& network = shrinker_->smallest().network;
  EXPECT_EQ(network.loss.numerator, 0);
  ASSERT_EQ(network.delays.size(), 1u);
  EXPECT_GE(network.delays.front().takes, std::chrono::milliseconds(200));
}

// None takes twice as long as usual; two that are later than usual do it together.
TEST_F(ShrinkStep, MessagesThatAreSomewhatLateAreNamed) {
  fail(kTwice, topic(1) +
                   "\"network\": {\"latency\": {\"uniform\": [\"1ms\", \"10ms\"]}}, "
                   "\"clients\": [" +
                   repeats("P1", "\"records\": 20, \"per_second\": 50", 15) + "]");
  calm_chance(*shrinker_);
  const NetworkSpec& network = shrinker_->smallest().network;
  EXPECT_TRUE(std::holds_alternative<FixedDelay>(network.latency));
  EXPECT_GE(network.delays.size(), 1u);
  EXPECT_LE(network.delays.size(), 2u);
}

// Two faults wait for the third send, and only both together make it late enough.
TEST_F(ShrinkStep, TheMomentOfAFaultTakesThePlaceOfALaterMatch) {
  const auto slow = [](const std::string& when, const std::string& between) {
    return "{\"when\": {" + when + ", \"nth\": 3}, \"do\": \"slow_link\", \"between\": " + between +
           ", \"one_way\": true, \"by\": \"60ms\", \"for\": \"20ms\"}";
  };
  fail(kTwice,
       topic(1) + kSteady + "\"clients\": [" +
           repeats("P1", "\"records\": 3, \"per_second\": 5", 100) +
           "], \"faults\": {\"heal_by\": \"900ms\", \"fired\": [" +
           slow("\"event\": \"send.invoked\"", "[[\"P1\"], [\"b1\"]]") + ", " +
           slow("\"event\": \"log.appended\"", "[[\"b1\"], [\"P1\"]]") + "]}",
       true);
  drop_operations(*shrinker_);
  EXPECT_LE(listed_operations(shrinker_->smallest()), 2u);
}

// Named, as once it took them, although nothing is drawn any more.
TEST_F(ShrinkStep, LateMessagesThatDoNotMatterAreLeftOut) {
  fail(kTwice, topic(1) +
                   "\"network\": {\"latency\": \"300us\", \"delays\": [{\"from\": \"P1\", \"to\": "
                   "\"b1\", \"nth\": 3, \"takes\": \"1ms\"}, {\"from\": \"b1\", \"to\": \"P1\", "
                   "\"nth\": 9, \"takes\": \"150ms\"}]}, \"clients\": [" +
                   repeats("P1", "\"records\": 10, \"per_second\": 50", 100) + "]");
  calm_chance(*shrinker_);
  ASSERT_EQ(shrinker_->smallest().network.delays.size(), 1u);
  EXPECT_EQ(shrinker_->smallest().network.delays.front().nth, 9u);
}

// A message that is late loses its place in the row with what was sent before.
TEST_F(ShrinkStep, TheFirstMessageIsLateInPlaceOfALaterOne) {
  fail(kTwice,
       topic(1) +
           "\"network\": {\"latency\": \"300us\", \"delays\": [{\"from\": \"b1\", \"to\": "
           "\"P1\", \"nth\": 9, \"takes\": \"150ms\"}]}, \"clients\": [" +
           repeats("P1", "\"records\": 10, \"per_second\": 50", 100) + "]",
       true);
  simplify_triggers(*shrinker_);
  drop_operations(*shrinker_);
  EXPECT_EQ(listed_operations(shrinker_->smallest()), 1u);
}

}  // namespace
}  // namespace weir
