// Clients of a cluster whose leadership moves: on real wire, against scripted brokers in the
// simulator.
#include "broker/client/shell/consumer.h"
#include "broker/client/shell/producer.h"
#include "failover_lab.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kSends = 100;

Task<> send_steadily(Machine& machine, Failover& lab) {
  Producer producer(machine, ProducerOptions::from(lab.options()).value(), &lab.recorder);
  co_await producer.start();
  const auto pace = machine.timers.alarm();
  for (int i = 0; i < kSends; ++i) {
    ProducerRecord next;
    next.topic = "t";
    next.partition = 0;
    next.value = Slice::copy_of(std::to_string(i));
    SendCallback note = [&lab](const SendResult& r) { lab.results.push_back(r); };
    co_await producer.send(std::move(next), std::move(note));
    co_await pace->wait_until(machine.clock.now() + milliseconds(20));
  }
  co_await producer.close();
}

void expect_all_once(Failover& lab) {
  ASSERT_EQ(lab.results.size(), static_cast<std::size_t>(kSends));
  for (const SendResult& r : lab.results) EXPECT_EQ(r.outcome, SendOutcome::acknowledged) << r.why;
  EXPECT_EQ(lab.stored(), kSends);
}

TEST_F(Failover, AProducerFollowsTheLeaderThatARefusalNames) {
  run(send_steadily);
  for (const std::int32_t leader : {2, 3, 1}) {
    run_for(milliseconds(400));
    cluster.elect(0, leader);
  }
  run_until_done();
  expect_all_once(*this);
  EXPECT_GT(cluster.times("b3 Produce"), 5u);
}

TEST_F(Failover, AProducerFindsTheLeaderAfterTheOldOneDied) {
  run(send_steadily);
  run_for(milliseconds(500));
  world.kill(cluster.nodes[1]);
  run_for(milliseconds(300));
  cluster.elect(0, 2);
  run_until_done();
  expect_all_once(*this);
}

TEST_F(Failover, ResponsesLostInTheFailoverDoubleNothing) {
  run(send_steadily);
  for (const std::int32_t leader : {2, 3, 2}) {
    run_for(milliseconds(400));
    const std::int32_t old = cluster.partitions[0].leader;
    world.network().black_hole(cluster.nodes[static_cast<std::size_t>(old)], client,
                               milliseconds(50));
    cluster.after_append = [this, old, leader](std::int32_t) {
      if (cluster.partitions[0].leader == old) cluster.elect(0, leader);
      return ErrorCode::none;
    };
  }
  run_until_done();
  expect_all_once(*this);
}

TEST_F(Failover, TooFewReplicasAndTimeoutsAreRetriedAsDuplicates) {
  int appends = 0;
  cluster.after_append = [&appends](std::int32_t) {
    constexpr ErrorCode kCodes[] = {ErrorCode::not_enough_replicas_after_append,
                                    ErrorCode::request_timed_out, ErrorCode::none};
    return kCodes[appends++ % 3];
  };
  int tries = 0;
  cluster.on_produce = [&tries](std::int32_t, FakePartition&) {
    return tries++ % 7 == 3 ? ErrorCode::not_enough_replicas : ErrorCode::none;
  };
  run(send_steadily);
  run_until_done();
  expect_all_once(*this);
}

TEST_F(Failover, WithoutIdempotenceOneInFlightKeepsTheOrder) {
  settings = {{"enable.idempotence", "false"}, {"max.in.flight.requests.per.connection", "1"}};
  run(send_steadily);
  for (const std::int32_t leader : {2, 3, 1}) {
    run_for(milliseconds(400));
    cluster.elect(0, leader);
  }
  run_until_done();
  ASSERT_EQ(results.size(), static_cast<std::size_t>(kSends));
  std::int64_t last = -1;
  for (const SendResult& r : results) {
    EXPECT_GT(r.offset, last);
    last = r.offset;
  }
}

TEST_F(Failover, TheFirstServerThatAnswersIsEnough) {
  settings = {{"bootstrap.servers", "nowhere:9092,b1:9092,b3:9092"}};
  world.kill(cluster.nodes[1]);
  cluster.elect(0, 2);
  run(send_steadily);
  run_until_done();
  expect_all_once(*this);
}

// All brokers that metadata named go away; another one takes over and is known to the bootstrap
// servers alone.
TEST_F(Failover, BeginsAnewFromTheBootstrapServersWhenAllKnownBrokersAreGone) {
  settings = {{"bootstrap.servers", "b1:9092,b3:9092"}};
  cluster.list(3, false);
  run(send_steadily);
  run_for(milliseconds(500));
  world.kill(cluster.nodes[1]);
  world.kill(cluster.nodes[2]);
  cluster.listed = {3};
  cluster.elect(0, 3);
  run_until_done();
  expect_all_once(*this);
}

// Reads until the record at `last` was seen; after a truncation seeks to where it is told to.
Task<> read_up_to(Machine& machine, Failover& lab, std::int64_t last) {
  Consumer consumer(machine, ConsumerOptions::from(lab.options()).value(), &lab.recorder);
  co_await consumer.start();
  consumer.assign({{"t", 0}});
  consumer.seek({"t", 0}, Offset{0});
  while (lab.offsets.empty() || lab.offsets.back() < last) {
    auto got = co_await consumer.poll(seconds(1));
    if (got.has_error()) {
      lab.errors.push_back(got.error());
      const std::optional<LogTruncation> cut = got.error().truncation;
      if (cut) consumer.seek(cut->tp, cut->divergent.value_or(Offset{0}));
      continue;
    }
    for (const ConsumerRecord& r : *got) lab.offsets.push_back(r.offset.value());
  }
  co_await consumer.close();
}

Task<> read_all_sent(Machine& machine, Failover& lab) {
  co_await read_up_to(machine, lab, kSends - 1);
}

TEST_F(Failover, AConsumerFollowsTheLeaderAndProvesItsPosition) {
  run(send_steadily);
  recorder = {"C2"};
  run(read_all_sent);
  for (const std::int32_t leader : {2, 3, 1}) {
    run_for(milliseconds(500));
    cluster.elect(0, leader);
  }
  run_until_done();
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < kSends; ++i) all.push_back(i);
  EXPECT_EQ(offsets, all);
  const auto proven = facts(FactKind::position_validated);
  ASSERT_EQ(proven.size(), 3u);
  EXPECT_EQ(proven[2].epoch, 3);
  EXPECT_TRUE(facts(FactKind::position_truncated).empty());
}

Task<> read_fourteen(Machine& machine, Failover& lab) { co_await read_up_to(machine, lab, 13); }

// Ten records are read; then an unclean election loses the last four, and others take their place.
void lose_records(Failover& lab, const std::string& policy) {
  lab.settings = {{"auto.offset.reset", policy}};
  lab.cluster.fill(0, 10);
  lab.run(read_fourteen);
  lab.run_for(seconds(1));
  ASSERT_EQ(lab.offsets.size(), 10u);
  lab.cluster.partitions[0].cut(Offset{6});
  lab.cluster.elect(0, 2);
  lab.cluster.fill(0, 8);
  lab.run_until_done();
  std::vector<std::int64_t> expected = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  for (std::int64_t i = 6; i < 14; ++i) expected.push_back(i);
  EXPECT_EQ(lab.offsets, expected);
  const auto cuts = lab.facts(FactKind::position_truncated);
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].old, 10);
  EXPECT_EQ(cuts[0].value, 6);
}

TEST_F(Failover, AConsumerGoesBackToWhereTheLogsPart) {
  lose_records(*this, "latest");
  const auto resets = facts(FactKind::position_reset);
  ASSERT_EQ(resets.size(), 1u);
  EXPECT_EQ(resets[0].old, 10);
  EXPECT_EQ(resets[0].value, 6);
}

TEST_F(Failover, UnderNoneTheApplicationIsToldOfTheTruncationAndDecides) {
  lose_records(*this, "none");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].truncation->divergent, Offset{6});
  EXPECT_EQ(errors[0].why,
            "t-0: the log was cut off below offset 10, the logs part at 6, and "
            "auto.offset.reset=none");
  EXPECT_TRUE(facts(FactKind::position_reset).empty());
}

Task<> read_both(Machine& machine, Failover& lab) {
  Consumer consumer(machine, ConsumerOptions::from(lab.options()).value());
  co_await consumer.start();
  consumer.assign({{"t", 0}, {"t", 1}});
  consumer.seek({"t", 0}, Offset{0});
  consumer.seek({"t", 1}, Offset{0});
  while (lab.offsets.size() < 20) {
    auto got = co_await consumer.poll(seconds(1));
    if (got.has_error()) break;
    for (const ConsumerRecord& r : *got) lab.offsets.push_back(r.offset.value());
  }
  const std::vector<TopicPartition> both = {{"t", 0}, {"t", 1}};
  auto ends = co_await consumer.end_offsets(both);
  for (const auto& end : *ends) lab.notes.push_back(std::to_string(end.second.value()));
  co_await consumer.close();
}

TEST_F(Failover, AConsumerReadsFromSeveralLeadersAtOnce) {
  cluster.elect(1, 3);
  cluster.fill(0, 10);
  cluster.fill(1, 10);
  run(read_both);
  run_until_done();
  EXPECT_EQ(offsets.size(), 20u);
  EXPECT_GE(cluster.times("b1 Fetch"), 1u);
  EXPECT_GE(cluster.times("b3 Fetch"), 1u);
  EXPECT_EQ(notes, (std::vector<std::string>{"10", "10"}));
}

}  // namespace
}  // namespace weir::test
