// What a read yields, and the searches by timestamp.
#include "tests/unit/storage_log/log_fixture.h"

namespace weir {
namespace {

class ReadTest : public LogTest {
 public:
  // Twenty batches of two records in several segments, with sparse index entries.
  static Task<> fill(LogTest& t) {
    for (int i = 0; i < 20; ++i) {
      const TestBatch batch{.values = {"a", "b"}, .timestamp = 1'704'000'000'000 + 10 * i};
      const AppendOutcome outcome = co_await append(t, batch);
      EXPECT_EQ(outcome.error, ErrorCode::none);
    }
  }
  void SetUp() override {
    config.segment_bytes = 500;
    config.index_interval_bytes = 150;
  }
};

TEST_F(ReadTest, BeginsWithTheBatchThatHoldsTheOffset) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await ReadTest::fill(t);
    for (std::int64_t from = 0; from < 40; ++from) {
      const ReadOutcome read = co_await t.log->read(Offset{from}, 1, Offset{40}, true);
      EXPECT_EQ(read.error, ErrorCode::none);
      EXPECT_EQ(read.first_offset, Offset{from / 2 * 2});
      EXPECT_EQ(read.next_offset, Offset{from / 2 * 2 + 2});
    }
  });
}

TEST_F(ReadTest, KeepsTheBoundAndTheSize) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await ReadTest::fill(t);
    const std::size_t one = make_batch({.values = {"a", "b"}}).size();
    for (std::int64_t bound = 0; bound <= 40; ++bound) {
      const ReadOutcome read = co_await t.log->read(Offset{0}, 2 * one + 1, Offset{bound}, true);
      EXPECT_EQ(read.batches.size(), std::min<std::size_t>(2, bound / 2) * one) << bound;
    }
    const ReadOutcome nothing = co_await t.log->read(Offset{0}, one - 1, Offset{40}, false);
    EXPECT_TRUE(nothing.batches.empty());
    EXPECT_EQ(nothing.next_offset, Offset{0});
  });
}

TEST_F(ReadTest, OutsideOfTheLogIsOutOfRangeAndItsEndIsEmpty) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await ReadTest::fill(t);
    const ErrorCode advanced = co_await t.log->advance_log_start(Offset{7});
    EXPECT_EQ(advanced, ErrorCode::none);
    const ReadOutcome below = co_await t.log->read(Offset{6}, 1000, Offset{40}, true);
    EXPECT_EQ(below.error, ErrorCode::offset_out_of_range);
    const ReadOutcome above = co_await t.log->read(Offset{41}, 1000, Offset{50}, true);
    EXPECT_EQ(above.error, ErrorCode::offset_out_of_range);
    const ReadOutcome end = co_await t.log->read(Offset{40}, 1000, Offset{50}, true);
    EXPECT_EQ(end.error, ErrorCode::none);
    EXPECT_TRUE(end.batches.empty());
    const ReadOutcome middle = co_await t.log->read(Offset{7}, 1, Offset{40}, true);
    EXPECT_EQ(middle.first_offset, Offset{6});  // the batch is whole; clients skip
  });
  EXPECT_TRUE(saw("log_start.advanced 0 7"));
}

TEST_F(ReadTest, FindsTheFirstRecordThatIsNotOlder) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await ReadTest::fill(t);  // offsets 2i and 2i+1 at 10i and 10i+1
    for (std::int64_t ms = -5; ms <= 191; ++ms) {
      const std::int64_t in = ms <= 0 ? 0 : ms % 10 <= 1 ? ms % 10 : 10;
      const std::int64_t expected = ms <= 0 ? 0 : in == 10 ? (ms / 10 + 1) * 2 : ms / 10 * 2 + in;
      const WallTime wanted{1'704'000'000'000 + ms};
      const TimestampOffset found = co_await t.log->offset_for_timestamp(wanted, Offset{40});
      EXPECT_EQ(found.offset, Offset{expected}) << ms;
      EXPECT_EQ(found.epoch, LeaderEpoch{0});
    }
    const WallTime late{1'704'000'000'192};
    const TimestampOffset none = co_await t.log->offset_for_timestamp(late, Offset{40});
    EXPECT_EQ(none.offset, Offset{-1});
    const WallTime visible{1'704'000'000'100};
    const TimestampOffset hidden = co_await t.log->offset_for_timestamp(visible, Offset{20});
    EXPECT_EQ(hidden.offset, Offset{-1});
  });
}

TEST_F(ReadTest, FindsTheLargestTimestampBelowTheBound) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await ReadTest::fill(t);
    const TestBatch old{.timestamp = 1};
    co_await LogTest::append(t, old);
    const TimestampOffset all = co_await t.log->offset_of_max_timestamp(Offset{41});
    EXPECT_EQ(all.offset, Offset{39});
    EXPECT_EQ(all.timestamp, WallTime{1'704'000'000'191});
    const TimestampOffset some = co_await t.log->offset_of_max_timestamp(Offset{14});
    EXPECT_EQ(some.offset, Offset{13});
  });
}

TEST_F(ReadTest, UnluckyShortReadsYieldTheSameBatches) {
  options.buggify = true;
  for (options.seed = 1; options.seed <= 12; ++options.seed) {
    world.reset();
    run([](Machine&, LogTest& t) -> Task<> {
      co_await ReadTest::fill(t);
      Offset next{0};
      while (next < Offset{40}) {
        const ReadOutcome read = co_await t.log->read(next, 300, Offset{40}, true);
        EXPECT_EQ(read.first_offset, next);
        if (read.batches.empty()) break;
        next = read.next_offset;
      }
      EXPECT_EQ(next, Offset{40});
    });
  }
}

Task<> read_always(LogTest& t, const bool& stop, Machine& machine) {
  const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
  while (!stop) {
    const Offset end = t.log->log_end_offset();
    const Offset from = std::max(end - 6, t.log->log_start_offset());
    const ReadOutcome read = co_await t.log->read(from, 10'000, end, true);
    const bool cut_off = from > t.log->log_end_offset();
    EXPECT_TRUE(read.error == ErrorCode::none || cut_off);
    EXPECT_LE(read.next_offset, std::max(end, from));
    BatchWalker walker(read.batches);
    while (!walker.at_end()) {
      const Result<RecordBatch> batch = walker.next();
      EXPECT_TRUE(batch.has_value() && crc_is_right(*batch));
      if (!batch) break;
    }
    co_await alarm->wait_until(machine.clock.now() + std::chrono::microseconds(7));
  }
}

TEST_F(ReadTest, BesideAppendsRollsAndTruncationsSeesOnlyWholeBatches) {
  run([](Machine& machine, LogTest& t) -> Task<> {
    bool stop = false;
    TaskGroup group(machine);
    group.spawn("reader", read_always(t, stop, machine));
    for (int round = 0; round < 10; ++round) {
      co_await ReadTest::fill(t);
      const Offset cut = t.log->log_end_offset() - 14;
      const ErrorCode code = co_await t.log->truncate_to(cut, "test");
      EXPECT_EQ(code, ErrorCode::none);
    }
    stop = true;
    co_await group.join();
  });
}

}  // namespace
}  // namespace weir
