// What an append answers, and what it says in facts.
#include <algorithm>

#include "tests/unit/storage_log/log_fixture.h"

namespace weir {
namespace {

using AppendTest = LogTest;

TEST_F(AppendTest, AssignsOffsetsAndTheLeaderEpoch) {
  leader_epoch = 4;
  run([](Machine&, LogTest& t) -> Task<> {
    const TestBatch two{.values = {"a", "b"}};
    const TestBatch one{.values = {"c"}};
    const AppendOutcome first = co_await LogTest::append(t, two);
    const AppendOutcome second = co_await LogTest::append(t, one);
    EXPECT_EQ(first.base_offset, Offset{0});
    EXPECT_EQ(first.last_offset, Offset{1});
    EXPECT_EQ(second.base_offset, Offset{2});
    EXPECT_EQ(second.log_start_offset, Offset{0});
    EXPECT_EQ(second.log_append_time, WallTime{-1});
    EXPECT_EQ(t.log->log_end_offset(), Offset{3});
    EXPECT_EQ(t.log->latest_epoch(), LeaderEpoch{4});
    const ReadOutcome read = co_await t.log->read(Offset{2}, 1000, Offset{3}, true);
    const BatchHeader header = read_batch_header(read.batches);
    EXPECT_EQ(header.base_offset, Offset{2});
    EXPECT_EQ(header.partition_leader_epoch, LeaderEpoch{4});
  });
  EXPECT_TRUE(saw("log.opened 0 0"));
  EXPECT_TRUE(saw("log.appended 0 1"));
  EXPECT_TRUE(saw("log.appended 2 2"));
}

TEST_F(AppendTest, StampsTheTimeWhereTheTopicAsksForIt) {
  config.timestamp_type = TimestampType::log_append_time;
  run([](Machine& machine, LogTest& t) -> Task<> {
    const TestBatch batch{.producer = 5, .producer_epoch = 0, .sequence = 0};
    const AppendOutcome first = co_await LogTest::append(t, batch);
    EXPECT_GE(first.log_append_time.ms, kDefaultWallEpoch.ms);
    EXPECT_LE(first.log_append_time, machine.clock.wall());
    const AppendOutcome again = co_await LogTest::append(t, batch);
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.log_append_time, first.log_append_time);
  });
}

TEST_F(AppendTest, AnswersARetryWithTheOffsetsOfThen) {
  run([](Machine&, LogTest& t) -> Task<> {
    const TestBatch batch{.values = {"a", "b"}, .producer = 5, .producer_epoch = 0, .sequence = 0};
    co_await LogTest::append_many(t, 3);
    const AppendOutcome first = co_await LogTest::append(t, batch);
    co_await LogTest::append_many(t, 3);
    const AppendOutcome again = co_await LogTest::append(t, batch);
    EXPECT_FALSE(first.duplicate);
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.base_offset, first.base_offset);
    EXPECT_EQ(again.last_offset, first.last_offset);
    EXPECT_EQ(t.log->log_end_offset(), Offset{8});
  });
  EXPECT_TRUE(saw("append.deduplicated 3 0"));
}

TEST_F(AppendTest, RefusesAGapAndStaysAsItWas) {
  run([](Machine&, LogTest& t) -> Task<> {
    TestBatch batch{.producer = 5, .producer_epoch = 0, .sequence = 0};
    co_await LogTest::append(t, batch);
    batch.sequence = 2;
    const AppendOutcome outcome = co_await LogTest::append(t, batch);
    EXPECT_EQ(outcome.error, ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(outcome.error_message, "producer 5 epoch 0 sent sequence 2 where 1 was expected");
    EXPECT_EQ(t.log->log_end_offset(), Offset{1});
  });
  EXPECT_TRUE(saw("append.refused 0 0 OUT_OF_ORDER_SEQUENCE_NUMBER"));
}

TEST_F(AppendTest, RefusesWhatIsNoBatch) {
  config.max_message_bytes = 200;
  run([](Machine&, LogTest& t) -> Task<> {
    const Slice noise = Slice::copy_of("no batch");
    const AppendOutcome bad = co_await t.log->append(noise, AppendOrigin::client, LeaderEpoch{0});
    EXPECT_EQ(bad.error, ErrorCode::corrupt_message);
    Buffer rotted;
    rotted.append(make_batch({}));
    rotted.data()[65] ^= std::byte{1};
    const Slice wrong = std::move(rotted).share();
    const AppendOutcome crc = co_await t.log->append(wrong, AppendOrigin::client, LeaderEpoch{0});
    EXPECT_EQ(crc.error, ErrorCode::corrupt_message);
    const TestBatch large{.values = {std::string(300, 'x')}};
    const AppendOutcome too_large = co_await LogTest::append(t, large);
    EXPECT_EQ(too_large.error, ErrorCode::message_too_large);
    EXPECT_EQ(t.log->log_end_offset(), Offset{0});
  });
}

TEST_F(AppendTest, RefusesALeaderOfAnOlderEpoch) {
  run([](Machine&, LogTest& t) -> Task<> {
    const ErrorCode assigned = co_await t.log->assign_epoch(LeaderEpoch{7});
    EXPECT_EQ(assigned, ErrorCode::none);
    t.leader_epoch = 6;
    const TestBatch batch;
    const AppendOutcome outcome = co_await LogTest::append(t, batch);
    EXPECT_EQ(outcome.error, ErrorCode::fenced_leader_epoch);
  });
}

TEST_F(AppendTest, KeepsAReplicatedBatchAsItsLeaderMadeIt) {
  run([](Machine&, LogTest& t) -> Task<> {
    // Two batches in one slice, with a sequence that nobody here has seen the beginning of.
    const Slice bytes = join_slices({make_batch({.values = {"a", "b"},
                                                 .producer = 5,
                                                 .producer_epoch = 0,
                                                 .sequence = 40,
                                                 .leader_epoch = 2}),
                                     make_batch({.producer = 5,
                                                 .producer_epoch = 0,
                                                 .sequence = 60,
                                                 .base_offset = 2,
                                                 .leader_epoch = 3})});
    const AppendOutcome outcome =
        co_await t.log->append(bytes, AppendOrigin::replication, LeaderEpoch{9});
    EXPECT_EQ(outcome.error, ErrorCode::none);
    EXPECT_EQ(outcome.base_offset, Offset{0});
    EXPECT_EQ(outcome.last_offset, Offset{2});
    EXPECT_EQ(t.log->latest_epoch(), LeaderEpoch{3});
    const ReadOutcome read = co_await t.log->read(Offset{0}, 1000, Offset{3}, true);
    EXPECT_EQ(read.batches.text(), bytes.text());
    const AppendOutcome again =
        co_await t.log->append(bytes, AppendOrigin::replication, LeaderEpoch{9});
    EXPECT_EQ(again.error, ErrorCode::invalid_record);
  });
}

TEST_F(AppendTest, ALeadersBatchAndItsReplicaHaveOneDigest) {
  run([](Machine&, LogTest& t) -> Task<> {
    const TestBatch batch{.values = {"a", "b"}};
    co_await LogTest::append(t, batch);
    const ReadOutcome read = co_await t.log->read(Offset{0}, 1000, Offset{2}, true);
    const ErrorCode cut = co_await t.log->truncate_to(Offset{0}, "test");
    EXPECT_EQ(cut, ErrorCode::none);
    co_await t.log->append(read.batches, AppendOrigin::replication, LeaderEpoch{0});
  });
  ASSERT_EQ(digests.size(), 2u);
  EXPECT_EQ(digests[0], digests[1]);
}

TEST_F(AppendTest, RollsBySizeTimeAndFullIndex) {
  config.segment_bytes = 200;
  run([](Machine&, LogTest& t) -> Task<> { co_await LogTest::append_many(t, 4); });
  EXPECT_TRUE(saw("log.rolled 0 2"));
  EXPECT_FALSE(saw("log.rolled 0 1"));

  facts.clear();
  config = LogConfig{};
  config.segment_ms = 1;
  run([](Machine&, LogTest& t) -> Task<> { co_await LogTest::append_many(t, 5); });
  EXPECT_TRUE(saw("log.rolled 0 6"));  // 4 and 5, then 6 would be two milliseconds younger
  EXPECT_FALSE(saw("log.rolled 0 5"));

  facts.clear();
  config = LogConfig{};
  config.segment_index_bytes = 16;
  config.index_interval_bytes = 0;
  run([](Machine&, LogTest& t) -> Task<> { co_await LogTest::append_many(t, 6); });
  EXPECT_EQ(std::ranges::count_if(facts,
                                  [](const std::string& f) { return f.starts_with("log.rolled"); }),
            3);  // at 10, 12 and 14: two batches make an entry, and there is room for one
}

Task<> append_one(LogTest& t) {
  const TestBatch batch;
  const AppendOutcome outcome = co_await LogTest::append(t, batch);
  EXPECT_EQ(outcome.error, ErrorCode::none);
  EXPECT_GE(t.log->flushed_offset(), outcome.last_offset + 1);
}

TEST_F(AppendTest, OneSyncServesAllAppendsThatWait) {
  config.flush_messages = 1;
  run([](Machine& machine, LogTest& t) -> Task<> {
    const std::uint64_t syncs = t.disk().operations(DiskOperation::sync);
    TaskGroup group(machine);
    for (int i = 0; i < 20; ++i) group.spawn("append", append_one(t));
    co_await group.join();
    EXPECT_EQ(t.log->log_end_offset(), Offset{20});
    EXPECT_LE(t.disk().operations(DiskOperation::sync) - syncs, 3u);
  });
}

TEST_F(AppendTest, AFailedSyncFailsTheLogForGood) {
  config.flush_messages = 1;
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 1);
    t.disk().fail({.operation = DiskOperation::sync});
    const TestBatch batch;
    const AppendOutcome failed = co_await LogTest::append(t, batch);
    EXPECT_EQ(failed.error, ErrorCode::kafka_storage_error);
    EXPECT_TRUE(t.log->failed());
    EXPECT_EQ(t.log->failure(), "orders-3: a sync failed: disk error");
    const AppendOutcome later = co_await LogTest::append(t, batch);
    EXPECT_EQ(later.error, ErrorCode::kafka_storage_error);
    const ReadOutcome read = co_await t.log->read(Offset{0}, 1000, Offset{1}, true);
    EXPECT_EQ(read.error, ErrorCode::kafka_storage_error);
  });
}

TEST_F(AppendTest, AFullDiskRefusesAndTheLogGoesOnWhenThereIsRoom) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 2);
    t.disk().set_capacity(t.disk().used_bytes() + 20);
    const TestBatch batch;
    const AppendOutcome refused = co_await LogTest::append(t, batch);
    EXPECT_EQ(refused.error, ErrorCode::kafka_storage_error);
    EXPECT_FALSE(t.log->failed());
    EXPECT_EQ(t.log->log_end_offset(), Offset{2});
    t.disk().set_capacity(0);
    co_await LogTest::append_many(t, 1);
    EXPECT_EQ(t.log->log_end_offset(), Offset{3});
  });
}

TEST_F(AppendTest, FlushMsBoundsHowLongARecordStaysUnsynced) {
  config.flush_ms = 1000;
  run([](Machine& machine, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 1);
    EXPECT_EQ(t.log->flushed_offset(), Offset{0});
    const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
    co_await alarm->wait_until(machine.clock.now() + std::chrono::seconds(2));
    const ErrorCode code = co_await t.log->maintain(Offset{1});
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->flushed_offset(), Offset{1});
  });
  EXPECT_TRUE(saw("log.synced 0 1"));
}

}  // namespace
}  // namespace weir
