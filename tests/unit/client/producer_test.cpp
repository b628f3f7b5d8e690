// The producer against a real broker in the simulator: what reaches the log, and what is told.
#include "broker/client/shell/producer.h"

#include <algorithm>

#include "broker/base/record_digest.h"
#include "client_lab.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<> send_hundred(Machine& machine, Lab& lab) {
  Producer producer(machine, lab.producer_options(), &lab.recorder);
  co_await producer.start();
  co_await send_numbers(producer, lab, 100);
  co_await producer.flush();
  co_await producer.close();
}

class ProducerCodecs : public ::testing::TestWithParam<const char*> {};

TEST_P(ProducerCodecs, WhatWasSentIsReadBackInOrder) {
  Lab lab;
  lab.settings = {{"compression.type", GetParam()}};
  lab.run("P1", send_hundred);
  lab.run_until_done();
  EXPECT_EQ(lab.count(SendOutcome::acknowledged), 100u);
  EXPECT_EQ(lab.results[99].offset, 99);
  EXPECT_EQ(lab.log_values(), numbers(100));
}
INSTANTIATE_TEST_SUITE_P(All, ProducerCodecs,
                         ::testing::Values("none", "gzip", "snappy", "lz4", "zstd"));

TEST(Producer, RecordsEveryStepWithTheIdentityOfTheRecord) {
  Lab lab;
  lab.run("P1", send_hundred);
  lab.run_until_done();
  const auto invoked = lab.facts(FactKind::send_invoked);
  const auto acked = lab.facts(FactKind::send_acknowledged);
  ASSERT_EQ(invoked.size(), 100u);
  ASSERT_EQ(acked.size(), 100u);
  EXPECT_EQ(invoked[17].record, "P1:17");
  EXPECT_EQ(invoked[17].digest, record_digest({}, as_bytes("17")));
  EXPECT_EQ(acked[17].record, "P1:17");
  EXPECT_EQ(acked[17].operation, invoked[17].operation);
  EXPECT_EQ(acked[17].value, 17);
  EXPECT_EQ(lab.facts(FactKind::send_attempted)[17].sequence, 17);
  EXPECT_EQ(lab.facts(FactKind::client_configured).size(), 1u);
  EXPECT_EQ(lab.facts(FactKind::client_closed).size(), 1u);
  EXPECT_EQ(lab.recorder.sends, 100);
  static_cast<void>(lab.log_values());
  EXPECT_EQ(lab.records[17].headers.at(0).key, kIdentityHeader);
  EXPECT_EQ(text(lab.records[17].headers.at(0).value), "P1:17");
}

Task<> send_slowly(Machine& machine, Lab& lab) {
  Producer producer(machine, lab.producer_options(), &lab.recorder);
  co_await producer.start();
  const auto pace = machine.timers.alarm();
  for (int i = 0; i < 200; ++i) {
    ProducerRecord next = record(std::to_string(i));
    SendCallback note = [&lab](const SendResult& r) { lab.results.push_back(r); };
    co_await producer.send(std::move(next), std::move(note));
    co_await pace->wait_until(machine.clock.now() + milliseconds(10));
  }
  co_await producer.close();
}

TEST(Producer, CarriesOnAcrossARestartOfTheBroker) {
  Lab lab;
  lab.run("P1", send_slowly);
  lab.run_for(milliseconds(700));
  lab.world.kill(lab.broker);
  lab.run_for(milliseconds(500));
  lab.world.start(lab.broker);
  lab.run_until_done();
  EXPECT_EQ(lab.count(SendOutcome::acknowledged), 200u);
  EXPECT_EQ(lab.log_values(), numbers(200));
}

// The response to the first append is lost, and the connection with it.
std::vector<std::string> lose_first_response(OptionMap settings) {
  Lab lab;
  lab.settings = std::move(settings);
  const NodeId client = lab.run("P1", send_slowly);
  bool fired = false;
  lab.trigger = [&](const Observed& o) {
    if (fired || o.fact.kind != FactKind::log_appended) return;
    fired = true;
    lab.world.network().black_hole(lab.broker, client, milliseconds(50));
  };
  lab.run_until_done();
  EXPECT_TRUE(fired);
  EXPECT_EQ(lab.count(SendOutcome::acknowledged), 200u);
  return lab.log_values();
}

TEST(Producer, ALostResponseDoublesARecordWithoutIdempotence) {
  const auto values = lose_first_response({{"enable.idempotence", "false"}});
  EXPECT_EQ(std::ranges::count(values, "0"), 2);
}

TEST(Producer, ALostResponseDoublesNothingWithIdempotence) {
  EXPECT_EQ(lose_first_response({}), numbers(200));
}

TEST(Producer, FireAndForgetIsAcknowledgedWithoutAnOffset) {
  Lab lab;
  lab.settings = {{"acks", "0"}};
  lab.run("P1", send_hundred);
  lab.run_until_done();
  EXPECT_EQ(lab.count(SendOutcome::acknowledged), 100u);
  EXPECT_EQ(lab.results[0].offset, -1);
  EXPECT_EQ(lab.log_values(), numbers(100));
}

Task<> fill_the_buffer(Machine& machine, Lab& lab) {
  Producer producer(machine, lab.producer_options());
  co_await producer.start();
  SendResult first = co_await producer.send_and_wait(record("first"));
  lab.results.push_back(first);
  lab.notes.push_back("connected");
  const auto pace = machine.timers.alarm();
  co_await pace->wait_until(machine.clock.now() + seconds(1));
  const Instant before = machine.clock.now();
  const std::string big(16000, 'x');
  for (int i = 0; i < 4; ++i) {
    ProducerRecord next = record(big);
    SendCallback note = [&lab](const SendResult& r) { lab.results.push_back(r); };
    co_await producer.send(std::move(next), std::move(note));
  }
  const Duration waited = machine.clock.now() - before;
  lab.notes.push_back(waited >= seconds(2) ? "waited" : "did not wait");
  co_await producer.close(seconds(20));
}

TEST(Producer, AFullBufferMakesSendWaitUpToMaxBlock) {
  for (const bool returns : {false, true}) {
    Lab lab;
    lab.settings = {{"buffer.memory", "40000"}, {"max.block.ms", "4000"}};
    lab.run("P1", fill_the_buffer);
    lab.run_for(milliseconds(500));
    ASSERT_EQ(lab.notes.size(), 1u);
    lab.world.kill(lab.broker);
    lab.run_for(milliseconds(2900));
    if (returns) lab.world.start(lab.broker);
    lab.run_until_done();
    EXPECT_EQ(lab.count(SendOutcome::acknowledged), returns ? 5u : 1u);
    EXPECT_EQ(lab.count(SendOutcome::failed), returns ? 0u : 4u);
    EXPECT_EQ(lab.notes[1], "waited");
    if (!returns) {
      EXPECT_EQ(lab.results[1].why, "no room in buffer.memory for max.block.ms");
    }
  }
}

Task<> send_one_late(Machine& machine, Lab& lab) {
  Producer producer(machine, lab.producer_options());
  co_await producer.start();
  SendResult first = co_await producer.send_and_wait(record("first"));
  lab.results.push_back(first);
  const auto pace = machine.timers.alarm();
  co_await pace->wait_until(machine.clock.now() + seconds(1));
  const Instant before = machine.clock.now();
  SendResult late = co_await producer.send_and_wait(record("late"));
  lab.results.push_back(late);
  const auto waited = std::chrono::duration_cast<milliseconds>(machine.clock.now() - before);
  lab.notes.push_back(std::to_string(waited.count()));
  co_await producer.close();
}

TEST(Producer, DeliveryTimeoutEndsARecordThatWasNeverSentAsFailed) {
  Lab lab;
  lab.settings = {{"request.timeout.ms", "1000"}, {"delivery.timeout.ms", "5000"}};
  lab.run("P1", send_one_late);
  lab.run_for(milliseconds(500));
  lab.world.kill(lab.broker);
  lab.run_until_done();
  ASSERT_EQ(lab.results.size(), 2u);
  EXPECT_EQ(lab.results[1].outcome, SendOutcome::failed);
  EXPECT_EQ(lab.notes.at(0), "5000");
}

TEST(Producer, DeliveryTimeoutEndsARecordWithoutAnswerAsUnknown) {
  Lab lab;
  lab.settings = {{"request.timeout.ms", "1000"}, {"delivery.timeout.ms", "5000"}};
  const NodeId client = lab.run("P1", send_one_late);
  lab.run_for(milliseconds(500));
  lab.world.network().cut(lab.broker, client);
  lab.run_until_done();
  ASSERT_EQ(lab.results.size(), 2u);
  EXPECT_EQ(lab.results[1].outcome, SendOutcome::unknown);
}

Task<> send_to_nowhere(Machine& machine, Lab& lab) {
  Producer producer(machine, lab.producer_options());
  co_await producer.start();
  ProducerRecord nowhere = record("x");
  nowhere.topic = "nowhere";
  SendResult result = co_await producer.send_and_wait(std::move(nowhere));
  lab.results.push_back(result);
  ProducerRecord beyond = record("x", 7);
  result = co_await producer.send_and_wait(std::move(beyond));
  lab.results.push_back(result);
  ProducerRecord large = record(std::string(2 << 20, 'x'));
  result = co_await producer.send_and_wait(std::move(large));
  lab.results.push_back(result);
  co_await producer.close();
  result = co_await producer.send_and_wait(record("x"));
  lab.results.push_back(result);
}

TEST(Producer, WhatCannotBeSentFailsWithTheReason) {
  Lab lab;
  lab.settings = {{"max.block.ms", "3000"}};
  lab.run("P1", send_to_nowhere);
  lab.run_until_done();
  ASSERT_EQ(lab.count(SendOutcome::failed), 4u);
  EXPECT_EQ(lab.results[0].why, "no metadata of nowhere-0 for max.block.ms");
  EXPECT_EQ(lab.results[1].why, "no metadata of t-7 for max.block.ms");
  EXPECT_NE(lab.results[2].why.find("more than max.request.size"), std::string::npos);
  EXPECT_EQ(lab.results[3].why, "the producer is closed");
}

TEST(Producer, ACrashOfTheClientEndsInSilence) {
  Lab lab;
  const NodeId client = lab.run("P1", send_slowly);
  lab.run_for(milliseconds(503));
  lab.world.kill(client);
  lab.run_for(seconds(2));
  EXPECT_TRUE(lab.facts(FactKind::client_closed).empty());
  EXPECT_GT(lab.facts(FactKind::send_invoked).size(),
            lab.facts(FactKind::send_acknowledged).size());
  const std::int64_t sends = lab.recorder.sends;
  lab.world.start(client);
  lab.run_until_done();
  EXPECT_EQ(lab.facts(FactKind::send_invoked)[static_cast<std::size_t>(sends)].record,
            "P1:" + std::to_string(sends));
}

}  // namespace
}  // namespace weir::test
