// Disks that fail, lie or forget: what the log says, and how its owner can mend it.
#include "tests/unit/storage_log/log_fixture.h"

namespace weir {
namespace {

class DamageTest : public LogTest {
 public:
  void SetUp() override {
    config.segment_bytes = 220;  // three batches of 71
    config.index_interval_bytes = 50;
    config.retention_ms = -1;
  }
  static Task<ErrorCode> append_one(LogTest& t) {
    const TestBatch batch;
    const AppendOutcome outcome = co_await append(t, batch);
    co_return outcome.error;
  }
  // Everything answers a storage error, and nothing else.
  static Task<> expect_failed(LogTest& t) {
    EXPECT_TRUE(t.log->failed());
    ErrorCode code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    code = co_await t.log->flush();
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    code = co_await t.log->truncate_to(Offset{0}, "test");
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    code = co_await t.log->truncate_fully_and_start_at(Offset{0}, "test");
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    code = co_await t.log->advance_log_start(Offset{1});
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    code = co_await t.log->assign_epoch(LeaderEpoch{9});
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    code = co_await t.log->maintain(Offset{1});
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    const CompactionOutcome cleaned = co_await t.log->compact(Offset{1});
    EXPECT_EQ(cleaned.error, ErrorCode::kafka_storage_error);
    const ReadOutcome read = co_await t.log->read(Offset{0}, 100, Offset{1}, true);
    EXPECT_EQ(read.error, ErrorCode::kafka_storage_error);
    const WallTime first(0);
    const TimestampOffset found = co_await t.log->offset_for_timestamp(first, Offset(1));
    EXPECT_EQ(found.error, ErrorCode::kafka_storage_error);
    code = co_await t.log->close();
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
  }
};

TEST_F(DamageTest, AFailedWriteFailsTheLogForGood) {
  run([](Machine&, LogTest& t) -> Task<> {
    ErrorCode code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::none);
    t.disk().fail({.operation = DiskOperation::write, .path_contains = ".log"});
    code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    EXPECT_EQ(t.log->failure(), "orders-3: a write failed: disk error");
    co_await expect_failed(t);
  });
  run([](Machine&, LogTest& t) -> Task<> {  // opened anew, it lives again, with what it had
    EXPECT_EQ(t.log->log_end_offset(), Offset{1});
    const ErrorCode code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::none);
  });
}

TEST_F(DamageTest, AFailedSyncAtARollFailsTheLogForGood) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 3);
    t.disk().fail({.operation = DiskOperation::sync});
    const ErrorCode code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    co_await expect_failed(t);
  });
}

TEST_F(DamageTest, AFullDiskRefusesEpochsRollsAndLogStartsAndTheLogLivesOn) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 3);
    ErrorCode code = co_await t.log->flush();
    EXPECT_EQ(code, ErrorCode::none);
    t.disk().set_capacity(1);
    code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    code = co_await t.log->assign_epoch(LeaderEpoch{7});
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    EXPECT_EQ(t.log->latest_epoch(), LeaderEpoch{0});
    code = co_await t.log->advance_log_start(Offset{2});
    EXPECT_EQ(code, ErrorCode::kafka_storage_error);
    EXPECT_EQ(t.log->log_start_offset(), Offset{0});
    code = co_await t.log->truncate_to(Offset{2}, "it needs no room");
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_FALSE(t.log->failed());
    t.disk().set_capacity(0);
    code = co_await t.log->assign_epoch(LeaderEpoch{7});
    EXPECT_EQ(code, ErrorCode::none);
    t.leader_epoch = 7;
    code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->log_end_offset(), Offset{3});
  });
}

TEST_F(DamageTest, AFailedReadIsAnsweredAndTheLogLivesOn) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 2);
    t.disk().fail({.operation = DiskOperation::read});
    ReadOutcome read = co_await t.log->read(Offset{0}, 100, Offset{2}, true);
    EXPECT_EQ(read.error, ErrorCode::kafka_storage_error);
    EXPECT_TRUE(read.batches.empty());
    EXPECT_FALSE(t.log->failed());
    read = co_await t.log->read(Offset{0}, 100, Offset{2}, true);
    EXPECT_EQ(read.error, ErrorCode::none);
  });
}

TEST_F(DamageTest, AReaderFindsRotAndWhatIsWholeBeforeItIsHandedOut) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 9);
    EXPECT_FALSE(t.log->damage().has_value());
    EXPECT_TRUE(t.disk().rot("orders-3/00000000000000000003.log", 71 + 65));  // offset 4
    ReadOutcome read = co_await t.log->read(Offset{3}, 10'000, Offset{9}, true);
    EXPECT_EQ(read.error, ErrorCode::none);
    EXPECT_EQ(read.next_offset, Offset{4});
    EXPECT_EQ(read.batches.size(), 71u);
    EXPECT_TRUE(t.log->damage().has_value());
    read = co_await t.log->read(Offset{4}, 10'000, Offset{9}, true);
    EXPECT_EQ(read.error, ErrorCode::corrupt_message);
    EXPECT_TRUE(read.batches.empty());
    read = co_await t.log->read(Offset{5}, 10'000, Offset{9}, true);
    EXPECT_EQ(read.error, ErrorCode::none);
    EXPECT_EQ(t.log->damage()->from, Offset{4});
    EXPECT_EQ(t.log->damage()->what, "00000000000000000003.log: the checksum does not match");
    const ErrorCode code = co_await append_one(t);
    EXPECT_EQ(code, ErrorCode::none);
  });
}

// As a follower does: it drops the damage and what follows, and fetches both again.
TEST_F(DamageTest, ATruncationToTheDamageMakesTheLogWholeAgain) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 9);
    const ReadOutcome whole = co_await t.log->read(Offset{4}, 71, Offset{9}, true);
    const Slice copy = Slice::copy_of(whole.batches);  // as another replica has it
    EXPECT_TRUE(t.disk().rot("orders-3/00000000000000000003.log", 71 + 65));
    ReadOutcome read = co_await t.log->read(Offset{4}, 71, Offset{9}, true);
    EXPECT_EQ(read.error, ErrorCode::corrupt_message);
    const Offset from = t.log->damage()->from;
    const ErrorCode code = co_await t.log->truncate_to(from, "damaged, fetched again");
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->log_end_offset(), Offset{4});
    EXPECT_FALSE(t.log->damage().has_value());
    const AppendOutcome again =
        co_await t.log->append(copy, AppendOrigin::replication, kNoLeaderEpoch);
    EXPECT_EQ(again.error, ErrorCode::none);
    read = co_await t.log->read(Offset{4}, 71, Offset{5}, true);
    EXPECT_EQ(read.batches.text(), copy.text());
  });
}

TEST_F(DamageTest, ATruncationAboveTheDamageGoesDownToIt) {
  config.segment_bytes = 10'000;
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 9);
    EXPECT_TRUE(t.disk().rot("orders-3/00000000000000000000.log", 71 * 2 + 65));
    const ErrorCode code = co_await t.log->truncate_to(Offset{7}, "diverged");
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->log_end_offset(), Offset{2});
  });
}

TEST_F(DamageTest, AMisdirectedWriteIsFoundByItsReader) {
  config.segment_bytes = 1 << 20;
  run([](Machine&, LogTest& t) -> Task<> {
    for (int i = 0; i < 20; ++i) {
      const TestBatch batch{.values = {std::string(500, 'x')}};
      if (i == 15) {
        t.disk().fail({.operation = DiskOperation::write, .misdirected = true});
      }
      const AppendOutcome outcome = co_await append(t, batch);
      EXPECT_EQ(outcome.error, ErrorCode::none);
    }
    int corrupt = 0;
    for (std::int64_t i = 0; i < 20; ++i) {
      const ReadOutcome read = co_await t.log->read(Offset{i}, 1, Offset{20}, true);
      if (read.error == ErrorCode::corrupt_message) ++corrupt;
      EXPECT_TRUE(read.error == ErrorCode::corrupt_message || read.first_offset == Offset{i});
    }
    EXPECT_GE(corrupt, 1);
    EXPECT_TRUE(t.log->damage().has_value());
  });
}

TEST_F(DamageTest, WithoutVerifyingRotIsHandedOnAsKafkaDoes) {
  verify_reads = false;
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 2);
    EXPECT_TRUE(t.disk().rot("orders-3/00000000000000000000.log", 65));
    const ReadOutcome read = co_await t.log->read(Offset{0}, 100, Offset{2}, true);
    EXPECT_EQ(read.error, ErrorCode::none);
    EXPECT_FALSE(t.log->damage().has_value());
  });
}

TEST_F(DamageTest, FromTheRecoveryPointOnEverySegmentIsScanned) {
  run([](Machine&, LogTest& t) -> Task<> { co_await LogTest::append_many(t, 10); });
  EXPECT_TRUE(disk().rot("orders-3/00000000000000000003.log", 71 + 65));  // offset 4
  recovery_point = Offset{9};  // that is in the last segment
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->log_end_offset(), Offset{10});
    EXPECT_FALSE(t.log->recovery().clean);
    EXPECT_FALSE(t.log->recovery().durable_lost);
    co_return;
  });
  recovery_point = Offset{4};
  facts.clear();
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->log_end_offset(), Offset{4});
    EXPECT_EQ(t.log->recovery().cut_why,
              "00000000000000000003.log at byte 71: the checksum does not match");
    EXPECT_FALSE(t.log->recovery().durable_lost);  // nobody said that more was durable
    co_return;
  });
  EXPECT_TRUE(saw("log.opened 0 4")) << testing::PrintToString(facts);
}

TEST_F(DamageTest, ACutBelowTheRecoveryPointIsToldAsALoss) {
  run([](Machine&, LogTest& t) -> Task<> { co_await LogTest::append_many(t, 3); });
  EXPECT_TRUE(disk().rot("orders-3/00000000000000000000.log", 71 + 65));
  recovery_point = Offset{2};
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->log_end_offset(), Offset{1});
    EXPECT_EQ(t.log->recovery().cut_from, Offset{1});
    EXPECT_TRUE(t.log->recovery().durable_lost);
    co_return;
  });
}

TEST_F(DamageTest, AnUnreadableCheckpointOfTheLogStartBringsNothingBack) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 3);
    const ErrorCode code = co_await t.log->advance_log_start(Offset{2});
    EXPECT_EQ(code, ErrorCode::none);
  });
  run([](Machine& machine, LogTest& t) -> Task<> {
    t.log.reset();
    t.disk().fail({.operation = DiskOperation::read, .path_contains = "log-start"});
    LogOptions wanted;
    wanted.directory = "orders-3";
    wanted.config = t.config;
    Result<std::unique_ptr<PartitionLog>> opened =
        co_await PartitionLog::open(machine, std::move(wanted));
    EXPECT_FALSE(opened.has_value());
  });
}

}  // namespace
}  // namespace weir
