// Consumer and admin against a real broker in the simulator: positions, resets, polls, idleness.
#include "broker/client/shell/consumer.h"

#include <algorithm>

#include "broker/base/record_digest.h"
#include "client_lab.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<> produce_fifty(Machine& machine, Lab& lab) {
  Producer producer(machine, lab.producer_options({{"batch.size", "300"}}), &lab.recorder);
  co_await producer.start();
  co_await send_numbers(producer, lab, 50);
  co_await producer.close();
}

// Polls until a poll comes back empty or with an error.
Task<> drain(Consumer& consumer, Lab& lab) {
  for (;;) {
    auto got = co_await consumer.poll(seconds(1));
    if (got.has_error()) {
      lab.notes.push_back(got.error().why);
      break;
    }
    if (got->empty()) break;
    lab.notes.push_back("poll of " + std::to_string(got->size()));
    for (ConsumerRecord& r : *got) lab.records.push_back(std::move(r));
  }
}

Task<> read_all(Machine& machine, Lab& lab) {
  Consumer consumer(machine, lab.consumer_options(), &lab.recorder);
  co_await consumer.start();
  consumer.assign({{"t", 0}});
  co_await drain(consumer, lab);
  co_await consumer.close();
}

struct Filled : Lab {
  explicit Filled(OptionMap consumer_settings = {}) {
    run("P1", produce_fifty);
    run_until_done();
    EXPECT_EQ(count(SendOutcome::acknowledged), 50u);
    settings = std::move(consumer_settings);
    recorder = {"C1"};
  }
  std::vector<std::string> values() const {
    std::vector<std::string> out;
    for (const ConsumerRecord& r : records) out.push_back(text(r.value));
    return out;
  }
};

TEST(Consumer, EarliestReadsEverythingAndRecordsIt) {
  Filled lab(OptionMap{{"auto.offset.reset", "earliest"}});
  lab.run("C1", read_all);
  lab.run_until_done();
  EXPECT_EQ(lab.values(), numbers(50));
  const auto records = lab.facts(FactKind::poll_record);
  ASSERT_EQ(records.size(), 50u);
  EXPECT_EQ(records[7].value, 7);
  EXPECT_EQ(records[7].record, "P1:7");
  EXPECT_EQ(records[7].digest, record_digest({}, as_bytes("7")));
  const auto resets = lab.facts(FactKind::position_reset);
  ASSERT_EQ(resets.size(), 1u);
  EXPECT_EQ(resets[0].value, 0);
  EXPECT_EQ(resets[0].why, "earliest: no position yet");
  EXPECT_EQ(lab.facts(FactKind::consumer_assigned).size(), 1u);
  EXPECT_EQ(lab.facts(FactKind::poll_invoked).size(), lab.facts(FactKind::poll_completed).size());
}

TEST(Consumer, LatestReadsOnlyWhatComesLater) {
  Filled lab;
  lab.run("C1", read_all);
  lab.run_for(milliseconds(300));
  lab.recorder = {"P2"};
  lab.run("P2", produce_fifty);
  lab.run_until_done();
  EXPECT_EQ(lab.records.size(), 50u);
  EXPECT_EQ(lab.records.at(0).offset, Offset{50});
}

TEST(Consumer, NoneWithoutAPositionIsAnError) {
  Filled lab(OptionMap{{"auto.offset.reset", "none"}});
  lab.run("C1", read_all);
  lab.run_until_done();
  EXPECT_EQ(lab.notes.at(0), "t-0: no position yet, and auto.offset.reset=none");
  EXPECT_EQ(lab.facts(FactKind::poll_failed).size(), 1u);
}

Task<> seek_beyond(Machine& machine, Lab& lab) {
  Consumer consumer(machine, lab.consumer_options(), &lab.recorder);
  co_await consumer.start();
  consumer.assign({{"t", 0}});
  consumer.seek({"t", 0}, Offset{1000});
  co_await drain(consumer, lab);
  co_await consumer.close();
}

TEST(Consumer, AnOffsetOutOfRangeFollowsThePolicy) {
  for (const std::string policy : {"earliest", "latest", "none"}) {
    Filled lab(OptionMap{{"auto.offset.reset", policy}});
    lab.run("C1", seek_beyond);
    lab.run_until_done();
    EXPECT_EQ(lab.records.size(), policy == "earliest" ? 50u : 0u);
    const auto resets = lab.facts(FactKind::position_reset);
    ASSERT_EQ(resets.size(), policy == "none" ? 0u : 1u);
    if (policy == "none") {
      EXPECT_NE(lab.notes.at(0).find("offset 1000 out of range"), std::string::npos);
    } else {
      EXPECT_EQ(resets[0].old, 1000);
      EXPECT_EQ(resets[0].value, policy == "earliest" ? 0 : 50);
    }
  }
}

Task<> seek_around(Machine& machine, Lab& lab) {
  Consumer consumer(machine, lab.consumer_options({{"max.poll.records", "7"}}), &lab.recorder);
  co_await consumer.start();
  const TopicPartition tp{"t", 0};
  consumer.assign({tp});
  EXPECT_FALSE(consumer.seek({"t", 9}, Offset{0})) << "not assigned";
  consumer.seek(tp, Offset{23});
  auto got = co_await consumer.poll(seconds(1));
  EXPECT_EQ(got->size(), 7u);
  EXPECT_EQ(got->at(0).offset, Offset{23}) << "from the middle of a batch";
  auto position = co_await consumer.position(tp);
  EXPECT_EQ(*position, Offset{30});
  consumer.seek_to_end();
  position = co_await consumer.position(tp);
  EXPECT_EQ(*position, Offset{50});
  consumer.seek_to_beginning();
  got = co_await consumer.poll(seconds(1));
  EXPECT_EQ(got->at(0).offset, Offset{0});
  const std::vector<TopicPartition> both = {tp};
  auto first = co_await consumer.beginning_offsets(both);
  auto end = co_await consumer.end_offsets(both);
  EXPECT_EQ(first->at(tp), Offset{0});
  EXPECT_EQ(end->at(tp), Offset{50});
  co_await consumer.close();
  lab.notes.push_back("done");
}

TEST(Consumer, SeeksAndTellsItsPosition) {
  Filled lab;
  lab.run("C1", seek_around);
  lab.run_until_done();
  EXPECT_EQ(lab.notes.size(), 1u);
  EXPECT_EQ(lab.facts(FactKind::consumer_seek).size(), 3u);
}

TEST(Consumer, PollsAtMostMaxPollRecordsInOrder) {
  Filled lab(OptionMap{{"auto.offset.reset", "earliest"}, {"max.poll.records", "20"}});
  lab.run("C1", read_all);
  lab.run_until_done();
  EXPECT_EQ(lab.values(), numbers(50));
  EXPECT_EQ(lab.notes.at(0), "poll of 20");
}

Task<> follow(Machine& machine, Lab& lab) {
  Consumer consumer(machine, lab.consumer_options({{"auto.offset.reset", "earliest"}}));
  co_await consumer.start();
  consumer.assign({{"t", 0}});
  while (lab.records.size() < 50) {
    auto got = co_await consumer.poll(seconds(30));
    if (got.has_error()) break;
    for (ConsumerRecord& r : *got) lab.records.push_back(std::move(r));
  }
  co_await consumer.close();
}

TEST(Consumer, GoesOnAfterTheBrokerWasAway) {
  Lab lab;
  lab.run("C1", follow);
  lab.run_for(seconds(1));
  lab.world.kill(lab.broker);
  lab.run_for(seconds(2));
  lab.world.start(lab.broker);
  lab.run("P1", produce_fifty);
  lab.run_until_done();
  EXPECT_EQ(lab.records.size(), 50u);
}

Task<> idle_minute(Machine& machine, Lab& lab) {
  Producer producer(machine, lab.producer_options());
  co_await producer.start();
  SendResult sent = co_await producer.send_and_wait(record("only"));
  lab.results.push_back(sent);
  Consumer consumer(machine, lab.consumer_options());
  co_await consumer.start();
  consumer.assign({{"t", 0}});
  auto got = co_await consumer.poll(seconds(60));
  EXPECT_TRUE(got->empty());
  co_await consumer.close();
  co_await producer.close();
}

TEST(Consumer, AnIdleMinuteIsALongPollEachHalfSecondAndNothingElse) {
  Lab lab;
  lab.run("C1", idle_minute);
  lab.run_for(seconds(1));
  const std::uint64_t before = lab.world.events();
  lab.run_for(seconds(50));
  const std::uint64_t events = lab.world.events() - before;
  EXPECT_LE(events, 100u * 20u) << "100 fetches";
  lab.run_until_done();
}

Task<> manage_topics(Machine& machine, Lab& lab) {
  const AdminOptions options = AdminOptions::from(lab.options()).value();
  Admin admin(machine, options);
  co_await admin.start();
  std::vector<NewTopic> wanted = {{"made", 3, 1}, {"t", 1, 1}};
  auto made = co_await admin.create_topics(std::move(wanted));
  for (const TopicOutcome& o : *made) {
    lab.notes.push_back(o.topic + " " + std::to_string(o.code));
  }
  std::vector<std::string> names = {"made"};
  auto seen = co_await admin.describe(names);
  lab.notes.push_back(std::to_string(seen->topics.at(0).partitions.size()) + " partitions");
  auto removed = co_await admin.delete_topics(names);
  lab.notes.push_back(removed->at(0).topic + " " + std::to_string(removed->at(0).code));
  seen = co_await admin.describe();
  lab.notes.push_back(std::to_string(seen->topics.size()) + " topics on " +
                      seen->brokers.at(0).address.host);
  co_await admin.close();
}

TEST(Admin, MakesDescribesAndRemovesTopics) {
  Lab lab;
  lab.run("A1", manage_topics);
  lab.run_until_done();
  EXPECT_EQ(lab.notes, (std::vector<std::string>{"made 0", "t 36", "3 partitions", "made 0",
                                                 "1 topics on b1"}));
}

}  // namespace
}  // namespace weir::test
