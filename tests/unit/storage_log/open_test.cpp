// What opening finds, mends and drops.
#include <algorithm>

#include "tests/unit/storage_log/log_fixture.h"

namespace weir {
namespace {

class OpenTest : public LogTest {
 public:
  void SetUp() override {
    config.segment_bytes = 220;  // three batches of 71
    config.index_interval_bytes = 50;
    config.retention_ms = -1;
  }
  void fill_and_close() {
    run([](Machine&, LogTest& t) -> Task<> {
      co_await LogTest::append_many(t, 10);
      const ErrorCode closed = co_await t.log->close();
      EXPECT_EQ(closed, ErrorCode::none);
    });
    facts.clear();
  }
  void fill_and_kill() {
    run([](Machine&, LogTest& t) -> Task<> { co_await LogTest::append_many(t, 10); });
    facts.clear();
  }
  static Task<> nothing(Machine&, LogTest&) { co_return; }
  bool has(const std::string& name) {
    return std::ranges::count(disk().files(), "orders-3/" + name) == 1;
  }
  void put(std::vector<std::string> names) {
    extra = std::move(names);
    run([](Machine& machine, LogTest& t) -> Task<> {
      for (const std::string& name : static_cast<OpenTest&>(t).extra) {
        Result<std::unique_ptr<File>> file =
            co_await machine.disk.open("orders-3/" + name, OpenMode::create);
        EXPECT_TRUE(file.has_value());
      }
    });
    facts.clear();
  }
  std::vector<std::string> extra;
};

TEST_F(OpenTest, ANewLogIsEmptyAndThere) {
  run(nothing);
  EXPECT_EQ(facts, std::vector<std::string>{"log.opened 0 0"});
  EXPECT_TRUE(has("00000000000000000000.log"));
  world->power_loss(node);
  EXPECT_TRUE(has("00000000000000000000.log"));
}

TEST_F(OpenTest, AfterAnOrderlyCloseNothingIsScanned) {
  config.segment_bytes = 1 << 30;
  config.index_interval_bytes = 4096;
  run([](Machine&, LogTest& t) -> Task<> {
    for (int i = 0; i < 40; ++i) {
      const TestBatch batch{.values = {std::string(100'000, 'x')}};
      co_await LogTest::append(t, batch);
    }
    const ErrorCode closed = co_await t.log->close();
    EXPECT_EQ(closed, ErrorCode::none);
  });
  EXPECT_TRUE(has("clean-shutdown"));
  const std::uint64_t before = disk().operations(DiskOperation::read);
  run(nothing);
  const std::uint64_t clean = disk().operations(DiskOperation::read) - before;
  EXPECT_FALSE(has("clean-shutdown"));
  run(nothing);  // the life before was killed
  const std::uint64_t unclean = disk().operations(DiskOperation::read) - before - clean;
  EXPECT_TRUE(saw("log.opened 0 40"));
  EXPECT_LT(clean + 4, unclean);
}

TEST_F(OpenTest, ATornTailIsCutOffWhereverItIsTorn) {
  fill_and_kill();
  EXPECT_TRUE(disk().rot("orders-3/00000000000000000009.log", 70));
  run(nothing);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0],
            "log.truncated 9 9 00000000000000000009.log at byte 0: the checksum does not match");
  EXPECT_EQ(facts[1], "log.opened 0 9");
}

TEST_F(OpenTest, ARottenEarlierSegmentIsToldAndTheRestIsServed) {
  for (const bool indexed : {true, false}) {
    world.reset();
    fill_and_kill();
    EXPECT_TRUE(disk().rot("orders-3/00000000000000000003.log", 71 * 1 + 65));
    if (!indexed) {
      EXPECT_TRUE(disk().rot("orders-3/00000000000000000003.index", 7, 0x7f));
    }
    run([](Machine&, LogTest& t) -> Task<> {
      EXPECT_EQ(t.log->log_end_offset(), Offset{10});
      EXPECT_TRUE(t.log->recovery().cut_why.empty());
      for (std::int64_t i = 0; i < 10; ++i) {
        const ReadOutcome read = co_await t.log->read(Offset{i}, 1, Offset{10}, true);
        EXPECT_EQ(read.error, i == 4 ? ErrorCode::corrupt_message : ErrorCode::none) << i;
      }
      EXPECT_TRUE(t.log->damage().has_value());
      if (t.log->damage()) {
        EXPECT_EQ(t.log->damage()->from, Offset{4});
      }
    });
  }
}

TEST_F(OpenTest, ABrokenOrMissingIndexIsRebuilt) {
  fill_and_close();
  EXPECT_TRUE(disk().rot("orders-3/00000000000000000000.index", 6, 0x7f));
  EXPECT_TRUE(disk().rot("orders-3/00000000000000000003.timeindex", 0, 0x7f));
  run([](Machine& machine, LogTest& t) -> Task<> {
    for (std::int64_t i = 0; i < 10; ++i) {
      const ReadOutcome read = co_await t.log->read(Offset{i}, 1, Offset{10}, true);
      EXPECT_EQ(read.first_offset, Offset{i});
    }
    const Result<void> removed =
        co_await machine.disk.remove("orders-3/00000000000000000003.index");
    EXPECT_TRUE(removed.has_value());
  });
  EXPECT_TRUE(saw("log.opened 0 10"));
  run([](Machine&, LogTest& t) -> Task<> {
    const ReadOutcome read = co_await t.log->read(Offset{4}, 1, Offset{10}, true);
    EXPECT_EQ(read.first_offset, Offset{4});
  });
}

TEST_F(OpenTest, BehindAHoleNothingIsKept) {
  fill_and_kill();
  run([](Machine& machine, LogTest&) -> Task<> {
    const Result<void> removed = co_await machine.disk.remove("orders-3/00000000000000000003.log");
    EXPECT_TRUE(removed.has_value());
  });
  facts.clear();
  run(nothing);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0], "log.truncated 9 3 no segment holds offset 3");
  EXPECT_EQ(facts[1], "log.opened 0 3");
}

TEST_F(OpenTest, LeftoversGoAndAreNotRead) {
  fill_and_kill();
  put({"00000000000000000003.log.deleted", "00000000000000000000.log.cleaned",
       "00000000000000000006.log.swap", "leader-epoch-checkpoint.tmp"});
  run(nothing);
  EXPECT_EQ(facts, std::vector<std::string>{"log.opened 0 10"});
  for (const std::string& path : disk().files()) {
    EXPECT_FALSE(path.ends_with("deleted") || path.ends_with("cleaned") || path.ends_with("swap") ||
                 path.ends_with("tmp"))
        << path;
  }
}

TEST_F(OpenTest, ARottedSnapshotOrCheckpointIsMadeAnew) {
  run([](Machine&, LogTest& t) -> Task<> {
    for (std::int32_t i = 0; i < 10; ++i) {
      const TestBatch batch{.producer = 5, .producer_epoch = 0, .sequence = i};
      t.leader_epoch = i / 4;
      const AppendOutcome outcome = co_await LogTest::append(t, batch);
      EXPECT_EQ(outcome.error, ErrorCode::none);
    }
    const ErrorCode closed = co_await t.log->close();
    EXPECT_EQ(closed, ErrorCode::none);
  });
  EXPECT_TRUE(disk().rot("orders-3/00000000000000000010.snapshot", 20));
  EXPECT_TRUE(disk().rot("orders-3/leader-epoch-checkpoint", 4));
  run([](Machine&, LogTest& t) -> Task<> {
    const TestBatch retry{.producer = 5, .producer_epoch = 0, .sequence = 6};
    t.leader_epoch = 2;
    const AppendOutcome again = co_await LogTest::append(t, retry);
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.base_offset, Offset{6});
    EXPECT_EQ(t.log->end_offset_for_epoch(LeaderEpoch{0}).end_offset, Offset{4});
    EXPECT_EQ(t.log->end_offset_for_epoch(LeaderEpoch{1}).end_offset, Offset{8});
  });
}

TEST_F(OpenTest, ProducersAreKnownAfterTheirRecordsAreDeleted) {
  run([](Machine&, LogTest& t) -> Task<> {
    const TestBatch batch{.producer = 5, .producer_epoch = 0, .sequence = 0};
    co_await LogTest::append(t, batch);
    co_await LogTest::append_many(t, 9);
    const ErrorCode code = co_await t.log->advance_log_start(Offset{8});
    EXPECT_EQ(code, ErrorCode::none);
  });
  EXPECT_FALSE(has("00000000000000000000.log"));
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->log_start_offset(), Offset{8});
    TestBatch batch{.producer = 5, .producer_epoch = 0, .sequence = 0};
    const AppendOutcome again = co_await LogTest::append(t, batch);
    EXPECT_TRUE(again.duplicate);
    batch.sequence = 2;
    const AppendOutcome gap = co_await LogTest::append(t, batch);
    EXPECT_EQ(gap.error, ErrorCode::out_of_order_sequence_number);
  });
}

TEST_F(OpenTest, RetentionDeletesOldSegmentsBelowTheHighWatermark) {
  config.retention_ms = 0;
  run([](Machine& machine, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 10);
    const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
    co_await alarm->wait_until(machine.clock.now() + std::chrono::seconds(2));
    const ErrorCode some = co_await t.log->maintain(Offset{5});
    EXPECT_EQ(some, ErrorCode::none);
    EXPECT_EQ(t.log->log_start_offset(), Offset{3});
    const ErrorCode all = co_await t.log->maintain(Offset{10});
    EXPECT_EQ(all, ErrorCode::none);
    EXPECT_EQ(t.log->log_start_offset(), Offset{10});
    EXPECT_EQ(t.log->size_in_bytes(), 0u);
    co_await LogTest::append_many(t, 1);
  });
  run(nothing);
  EXPECT_EQ(facts.back(), "log.opened 10 11");
}

TEST_F(OpenTest, ATruncationToASegmentsBeginningCanBeAppendedTo) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 10);
    for (const std::int64_t to : {9, 6, 0}) {
      const ErrorCode code = co_await t.log->truncate_to(Offset{to}, "test");
      EXPECT_EQ(code, ErrorCode::none);
      EXPECT_EQ(t.log->log_end_offset(), Offset{to});
      co_await LogTest::append_many(t, 5);
      EXPECT_EQ(t.log->log_end_offset(), Offset{to + 5});
    }
  });
  EXPECT_TRUE(saw("log.truncated 10 9 test"));
}

TEST_F(OpenTest, ARemovedLogLeavesNothing) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 10);
    const ErrorCode code = co_await t.log->remove();
    EXPECT_EQ(code, ErrorCode::none);
  });
  EXPECT_TRUE(disk().files().empty());
}

}  // namespace
}  // namespace weir
