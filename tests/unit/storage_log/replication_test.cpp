// What replication and the quorum ask of a log: batches as a leader made them, batches of this
// node's own making, beginning anew, epochs.
#include <set>

#include "tests/unit/storage_log/log_fixture.h"
#include "tests/unit/storage_log/shell_lab.h"

namespace weir {
namespace {

using ReplicationTest = LogTest;

Slice batch_at(std::int64_t base, std::int32_t epoch, std::vector<std::string> values = {"v"}) {
  return make_batch({.values = std::move(values), .base_offset = base, .leader_epoch = epoch});
}

Task<AppendOutcome> replicate(PartitionLog& log, Slice batches) {
  AppendOutcome outcome =
      co_await log.append(std::move(batches), AppendOrigin::replication, kNoLeaderEpoch);
  co_return outcome;
}

TEST_F(ReplicationTest, SeveralBatchesKeepTheirOffsetsAndTellTheirEpochs) {
  config.segment_bytes = 200;
  run([](Machine&, LogTest& t) -> Task<> {
    const Slice all = join_slices({batch_at(0, 0), batch_at(1, 2, {"a", "b"}), batch_at(3, 2),
                                   batch_at(7, 5), batch_at(8, 5)});  // a gap, as cleaning leaves
    const AppendOutcome outcome = co_await replicate(*t.log, all);
    EXPECT_EQ(outcome.error, ErrorCode::none);
    EXPECT_EQ(outcome.base_offset, Offset{0});
    EXPECT_EQ(outcome.last_offset, Offset{8});
    EXPECT_EQ(t.log->epochs(), (std::vector<EpochStart>{{LeaderEpoch{0}, Offset{0}},
                                                        {LeaderEpoch{2}, Offset{1}},
                                                        {LeaderEpoch{5}, Offset{7}}}));
    EXPECT_EQ(t.log->epoch_at(Offset{0}), LeaderEpoch{0});
    EXPECT_EQ(t.log->epoch_at(Offset{3}), LeaderEpoch{2});
    EXPECT_EQ(t.log->epoch_at(Offset{8}), LeaderEpoch{5});
    EXPECT_EQ(t.log->epoch_at(Offset{9}), kNoLeaderEpoch);
    EXPECT_EQ(t.log->last_fetched_epoch(), LeaderEpoch{5});
    const ReadOutcome read = co_await t.log->read(Offset{4}, 1000, PartitionLog::kNoBound, true);
    EXPECT_EQ(read.first_offset, Offset{7});
  });
  EXPECT_TRUE(saw("log.rolled 0 3"));  // in the midst of it: no segment is too large
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->log_end_offset(), Offset{9});
    EXPECT_EQ(t.log->epochs().size(), 3u);
    co_return;
  });
}

TEST_F(ReplicationTest, WhatCannotFollowIsRefusedAsAWhole) {
  run([](Machine&, LogTest& t) -> Task<> {
    const Slice first = batch_at(5, 3);
    AppendOutcome outcome = co_await replicate(*t.log, first);
    EXPECT_EQ(outcome.error, ErrorCode::none);  // an empty log takes its leader's beginning
    const Slice back = join_slices({batch_at(6, 3), batch_at(6, 3)});
    outcome = co_await replicate(*t.log, back);
    EXPECT_EQ(outcome.error, ErrorCode::invalid_record);
    const Slice old = join_slices({batch_at(6, 3), batch_at(7, 2)});
    outcome = co_await replicate(*t.log, old);
    EXPECT_EQ(outcome.error, ErrorCode::invalid_record);
    const Slice far = batch_at(6 + 0x80000000LL, 3);
    outcome = co_await replicate(*t.log, far);
    EXPECT_EQ(outcome.error, ErrorCode::invalid_record);
    EXPECT_EQ(outcome.error_message, "the gap is larger than a segment may span");
    Buffer rotten;
    rotten.append(batch_at(6, 3));
    rotten.data()[70] ^= std::byte{1};
    const Slice damaged = std::move(rotten).share();
    outcome = co_await replicate(*t.log, damaged);
    EXPECT_EQ(outcome.error, ErrorCode::corrupt_message);
    EXPECT_EQ(t.log->log_end_offset(), Offset{6});
  });
}

TEST_F(ReplicationTest, AnEpochWithoutRecordsGivesWayToAnOlderOneOfTheNextLeader) {
  run([](Machine&, LogTest& t) -> Task<> {
    const Slice begin = join_slices({batch_at(0, 0), batch_at(1, 0)});
    AppendOutcome outcome = co_await replicate(*t.log, begin);
    EXPECT_EQ(outcome.error, ErrorCode::none);
    const ErrorCode assigned = co_await t.log->assign_epoch(LeaderEpoch{1});
    EXPECT_EQ(assigned, ErrorCode::none);
    const Slice older = batch_at(2, 0);
    outcome = co_await replicate(*t.log, older);
    EXPECT_EQ(outcome.error, ErrorCode::none);
    const Slice newer = batch_at(3, 3);
    outcome = co_await replicate(*t.log, newer);
    EXPECT_EQ(outcome.error, ErrorCode::none);
    const Slice back = batch_at(4, 2);  // but what has records stays
    outcome = co_await replicate(*t.log, back);
    EXPECT_EQ(outcome.error, ErrorCode::invalid_record);
    EXPECT_EQ(t.log->epochs(),
              (std::vector<EpochStart>{{LeaderEpoch{0}, Offset{0}}, {LeaderEpoch{3}, Offset{3}}}));
  });
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->log_end_offset(), Offset{4});
    EXPECT_EQ(t.log->epoch_at(Offset{2}), LeaderEpoch{0});
    EXPECT_EQ(t.log->epochs().size(), 2u);
    co_return;
  });
}

TEST_F(ReplicationTest, NoSequenceOfALeadersBatchIsJudged) {
  run([](Machine&, LogTest& t) -> Task<> {
    const TestBatch sent{
        .producer = 5, .producer_epoch = 1, .sequence = 40, .base_offset = 0, .leader_epoch = 0};
    TestBatch gap = sent;
    gap.base_offset = 1;
    gap.sequence = 90;
    const Slice batches = join_slices({make_batch(sent), make_batch(gap)});
    const AppendOutcome outcome = co_await replicate(*t.log, batches);
    EXPECT_EQ(outcome.error, ErrorCode::none);
    EXPECT_EQ(t.log->producers().entries().at(ProducerId{5}).batches.size(), 2u);
  });
}

TEST_F(ReplicationTest, PreparedBatchesGetOffsetsAndEpochTogether) {
  run([](Machine&, LogTest& t) -> Task<> {
    const Slice two = join_slices({batch_at(0, -1, {"a", "b"}), batch_at(0, -1)});
    AppendOutcome outcome =
        co_await t.log->append_prepared(two, AppendOrigin::raft, LeaderEpoch{4}, Offset{0});
    EXPECT_EQ(outcome.error, ErrorCode::none);
    EXPECT_EQ(outcome.base_offset, Offset{0});
    EXPECT_EQ(outcome.last_offset, Offset{2});
    outcome = co_await t.log->append_prepared(two, AppendOrigin::raft, LeaderEpoch{4}, Offset{2});
    EXPECT_EQ(outcome.error, ErrorCode::offset_out_of_range);
    EXPECT_EQ(outcome.error_message, "the log ends at 3, not at 2");
    outcome = co_await t.log->append_prepared(two, AppendOrigin::raft, LeaderEpoch{3});
    EXPECT_EQ(outcome.error, ErrorCode::fenced_leader_epoch);
    const Slice cut = two.subslice(0, two.size() - 1);
    outcome = co_await t.log->append_prepared(cut, AppendOrigin::raft, LeaderEpoch{4});
    EXPECT_EQ(outcome.error, ErrorCode::corrupt_message);
    EXPECT_EQ(t.log->log_end_offset(), Offset{3});
    const ReadOutcome read = co_await t.log->read(Offset{2}, 1000, Offset{3}, true);
    const BatchHeader header = read_batch_header(read.batches);
    EXPECT_EQ(header.base_offset, Offset{2});
    EXPECT_EQ(header.partition_leader_epoch, LeaderEpoch{4});
  });
}

TEST_F(ReplicationTest, ACoordinatorsBatchIsJudgedByItsProducerEpochAlone) {
  run([](Machine&, LogTest& t) -> Task<> {
    TestBatch batch{.producer = 5, .producer_epoch = 2, .sequence = 0};
    const Slice first = make_batch(batch);
    AppendOutcome outcome =
        co_await t.log->append_prepared(first, AppendOrigin::coordinator, LeaderEpoch{0});
    EXPECT_EQ(outcome.error, ErrorCode::none);
    outcome = co_await t.log->append_prepared(first, AppendOrigin::coordinator, LeaderEpoch{0});
    EXPECT_EQ(outcome.error, ErrorCode::none);  // offset commits all have sequence 0
    EXPECT_FALSE(outcome.duplicate);
    batch.producer_epoch = 1;
    const Slice fenced = make_batch(batch);
    outcome = co_await t.log->append_prepared(fenced, AppendOrigin::coordinator, LeaderEpoch{0});
    EXPECT_EQ(outcome.error, ErrorCode::invalid_producer_epoch);
    Codecs codecs;
    const Slice marker = build_end_marker(TransactionEnd::abort, ProducerId{5}, ProducerEpoch{2}, 0,
                                          WallTime{1}, codecs);
    outcome = co_await t.log->append_prepared(marker, AppendOrigin::coordinator, LeaderEpoch{0});
    EXPECT_EQ(outcome.error, ErrorCode::none);
  });
}

// The leader's log begins in the midst of a batch, since records were deleted up to there.
TEST_F(ReplicationTest, AnEmptyLogTakesTheBatchInWhichItBegins) {
  run([](Machine&, LogTest& t) -> Task<> {
    const ErrorCode code = co_await t.log->truncate_fully_and_start_at(Offset{15}, "far behind");
    EXPECT_EQ(code, ErrorCode::none);
    const Slice before = batch_at(13, 3, {"a", "b"});
    AppendOutcome outcome = co_await replicate(*t.log, before);
    EXPECT_EQ(outcome.error, ErrorCode::invalid_record) << "it ends where the log begins";
    const Slice within = join_slices({batch_at(13, 3, {"a", "b", "c"}), batch_at(16, 4)});
    outcome = co_await replicate(*t.log, within);
    EXPECT_EQ(outcome.error, ErrorCode::none);
    const Slice again = batch_at(14, 4, {"a", "b", "c", "d"});
    outcome = co_await replicate(*t.log, again);
    EXPECT_EQ(outcome.error, ErrorCode::invalid_record) << "it is not empty any more";
  });
  for (int life = 0; life < 2; ++life) {
    run([](Machine&, LogTest& t) -> Task<> {
      EXPECT_EQ(t.log->log_start_offset(), Offset{15});
      EXPECT_EQ(t.log->log_end_offset(), Offset{17});
      EXPECT_EQ(t.log->epochs(), (std::vector<EpochStart>{{LeaderEpoch{3}, Offset{15}},
                                                          {LeaderEpoch{4}, Offset{16}}}));
      const ReadOutcome read = co_await t.log->read(Offset{15}, 1000, PartitionLog::kNoBound, true);
      EXPECT_EQ(read.first_offset, Offset{13});
      EXPECT_EQ(read.next_offset, Offset{17});
    });
  }
}

TEST_F(ReplicationTest, ALogThatBeginsAnewForgetsEverything) {
  config.segment_bytes = 200;
  run([](Machine&, LogTest& t) -> Task<> {
    for (std::int32_t i = 0; i < 6; ++i) {
      const TestBatch batch{.producer = 5, .producer_epoch = 0, .sequence = i};
      const AppendOutcome outcome = co_await LogTest::append(t, batch);
      EXPECT_EQ(outcome.error, ErrorCode::none);
    }
    const ErrorCode code = co_await t.log->truncate_fully_and_start_at(Offset{50}, "far behind");
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->log_start_offset(), Offset{50});
    EXPECT_EQ(t.log->log_end_offset(), Offset{50});
    EXPECT_EQ(t.log->flushed_offset(), Offset{50});
    EXPECT_EQ(t.log->latest_epoch(), kNoLeaderEpoch);
    EXPECT_TRUE(t.log->producers().entries().empty());
    ReadOutcome read = co_await t.log->read(Offset{3}, 1000, PartitionLog::kNoBound, true);
    EXPECT_EQ(read.error, ErrorCode::offset_out_of_range);
    const Slice next = batch_at(50, 7);
    const AppendOutcome outcome = co_await replicate(*t.log, next);
    EXPECT_EQ(outcome.base_offset, Offset{50});
    read = co_await t.log->read(Offset{50}, 1000, PartitionLog::kNoBound, true);
    EXPECT_EQ(read.first_offset, Offset{50});
  });
  EXPECT_TRUE(saw("log.truncated 6 0 far behind"));
  EXPECT_TRUE(saw("log_start.advanced 0 50"));
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->log_start_offset(), Offset{50});
    EXPECT_EQ(t.log->log_end_offset(), Offset{51});
    EXPECT_EQ(t.log->epochs(), (std::vector<EpochStart>{{LeaderEpoch{7}, Offset{50}}}));
    // And back to where it was, which is a segment's own base, and below it.
    for (const std::int64_t to : {50, 20, 0, 0}) {
      const ErrorCode code = co_await t.log->truncate_fully_and_start_at(Offset{to}, "again");
      EXPECT_EQ(code, ErrorCode::none);
      EXPECT_EQ(t.log->log_start_offset(), Offset{to});
      const Slice one = batch_at(to, 8);
      const AppendOutcome outcome = co_await replicate(*t.log, one);
      EXPECT_EQ(outcome.error, ErrorCode::none);
    }
    const ErrorCode code = co_await t.log->truncate_fully_and_start_at(Offset{-1}, "no");
    EXPECT_EQ(code, ErrorCode::offset_out_of_range);
  });
}

LogOptions small_log() {
  LogOptions options;
  options.topic = "t";
  options.directory = "t-0";
  options.config.segment_bytes = 200;
  options.config.retention_ms = -1;
  return options;
}

// Ten batches in epoch 1 from 30 on, synced; then anew at 35 or 7 in epoch 2.
Task<> fill_and_begin_anew(Machine& machine, ShellLab& lab, std::int64_t start) {
  LogOptions options = small_log();
  Result<std::unique_ptr<PartitionLog>> opened =
      co_await PartitionLog::open(machine, std::move(options));
  EXPECT_TRUE(opened.has_value());
  if (!opened) co_return;
  lab.log = std::move(*opened);
  ErrorCode code = co_await lab.log->truncate_fully_and_start_at(Offset{30}, "begin");
  EXPECT_EQ(code, ErrorCode::none);
  for (std::int64_t i = 30; i < 40; ++i) {
    const Slice one = batch_at(i, 1);
    const AppendOutcome outcome = co_await replicate(*lab.log, one);
    EXPECT_EQ(outcome.error, ErrorCode::none);
  }
  code = co_await lab.log->advance_log_start(Offset{33});
  EXPECT_EQ(code, ErrorCode::none);
  code = co_await lab.log->flush();
  EXPECT_EQ(code, ErrorCode::none);
  lab.done = 1;
  code = co_await lab.log->truncate_fully_and_start_at(Offset{start}, "anew");
  EXPECT_EQ(code, ErrorCode::none);
  lab.done = 2;
  for (std::int64_t i = start; i < start + 4; ++i) {
    const Slice one = batch_at(i, 2);
    const AppendOutcome outcome = co_await replicate(*lab.log, one);
    EXPECT_EQ(outcome.error, ErrorCode::none);
  }
  code = co_await lab.log->flush();
  EXPECT_EQ(code, ErrorCode::none);
  lab.done = 3;
}

Task<> look_at_anew(Machine& machine, ShellLab& lab, std::int64_t start) {
  LogOptions options = small_log();
  Result<std::unique_ptr<PartitionLog>> opened =
      co_await PartitionLog::open(machine, std::move(options));
  EXPECT_TRUE(opened.has_value());
  if (!opened) co_return;
  lab.log = std::move(*opened);
  const Offset begin = lab.log->log_start_offset();
  const Offset end = lab.log->log_end_offset();
  std::set<std::int32_t> epochs;
  Offset from = begin;
  while (from < end) {
    const ReadOutcome read = co_await lab.log->read(from, 1, PartitionLog::kNoBound, true);
    EXPECT_EQ(read.error, ErrorCode::none);
    EXPECT_EQ(read.first_offset, from);
    if (read.batches.empty()) break;
    epochs.insert(read_batch_header(read.batches).partition_leader_epoch.value());
    from = read.next_offset;
  }
  EXPECT_LE(epochs.size(), 1u);  // never some of both
  const bool empty = begin == end;
  const bool old = epochs.contains(1);
  if (lab.done == 1) {
    EXPECT_TRUE(empty || old);
    if (old) {
      EXPECT_GE(begin, Offset{33});
      EXPECT_LE(end, Offset{40});
    }
  }
  if (lab.done >= 2) {
    EXPECT_FALSE(old);
    EXPECT_EQ(begin, Offset{start});
  }
  if (lab.done == 3) {
    EXPECT_EQ(end, Offset{start + 4});
  }
  // Whatever is left, it can be begun anew.
  const ErrorCode code = co_await lab.log->truncate_fully_and_start_at(Offset{start}, "once more");
  EXPECT_EQ(code, ErrorCode::none);
  const Slice one = batch_at(start, 3);
  const AppendOutcome outcome = co_await replicate(*lab.log, one);
  EXPECT_EQ(outcome.error, ErrorCode::none);
}

TEST(BeginningAnew, ACrashAtAnyOperationLeavesTheOldBeginningNothingOrTheNewLog) {
  crash_everywhere([](Machine& m, ShellLab& lab) { return fill_and_begin_anew(m, lab, 35); },
                   [](Machine& m, ShellLab& lab) { return look_at_anew(m, lab, 35); });
}

TEST(BeginningAnew, TheSameBelowTheOldLogStart) {
  crash_everywhere([](Machine& m, ShellLab& lab) { return fill_and_begin_anew(m, lab, 7); },
                   [](Machine& m, ShellLab& lab) { return look_at_anew(m, lab, 7); });
}

TEST(BeginningAnew, TheSameBehindTheOldLogEnd) {
  crash_everywhere([](Machine& m, ShellLab& lab) { return fill_and_begin_anew(m, lab, 70); },
                   [](Machine& m, ShellLab& lab) { return look_at_anew(m, lab, 70); });
}

// Begun at 30, and then with the batch 28..31 of epoch 2, in which that lies.
Task<> begin_within_a_batch(Machine& machine, ShellLab& lab) {
  Result<std::unique_ptr<PartitionLog>> opened = co_await PartitionLog::open(machine, small_log());
  EXPECT_TRUE(opened.has_value());
  if (!opened) co_return;
  lab.log = std::move(*opened);
  ErrorCode code = co_await lab.log->truncate_fully_and_start_at(Offset{30}, "begin");
  EXPECT_EQ(code, ErrorCode::none);
  lab.done = 1;
  const Slice within = batch_at(28, 2, {"a", "b", "c", "d"});
  const AppendOutcome outcome = co_await replicate(*lab.log, within);
  EXPECT_EQ(outcome.error, ErrorCode::none);
  code = co_await lab.log->flush();
  EXPECT_EQ(code, ErrorCode::none);
  lab.done = 2;
}

Task<> look_within_a_batch(Machine& machine, ShellLab& lab) {
  Result<std::unique_ptr<PartitionLog>> opened = co_await PartitionLog::open(machine, small_log());
  EXPECT_TRUE(opened.has_value());
  if (!opened) co_return;
  lab.log = std::move(*opened);
  if (lab.done >= 1) {
    EXPECT_EQ(lab.log->log_start_offset(), Offset{30});
  }
  if (lab.done == 2) {
    EXPECT_EQ(lab.log->log_end_offset(), Offset{32});
  }
  if (lab.log->log_start_offset() != Offset{30}) co_return;
  // Whatever is left, the leader's records follow.
  if (lab.log->log_end_offset() == Offset{30}) {
    const Slice within = batch_at(28, 2, {"a", "b", "c", "d"});
    const AppendOutcome outcome = co_await replicate(*lab.log, within);
    EXPECT_EQ(outcome.error, ErrorCode::none);
  }
  const Slice next = batch_at(32, 2);
  const AppendOutcome outcome = co_await replicate(*lab.log, next);
  EXPECT_EQ(outcome.error, ErrorCode::none);
  const ReadOutcome read = co_await lab.log->read(Offset{30}, 1000, PartitionLog::kNoBound, true);
  EXPECT_EQ(read.first_offset, Offset{28});
  EXPECT_EQ(read.next_offset, Offset{33});
}

TEST(BeginningAnew, ACrashAtAnyOperationWithinABatchLeavesNothingOrTheBatch) {
  crash_everywhere(begin_within_a_batch, look_within_a_batch);
}

TEST_F(ReplicationTest, EpochsCanBeToldAndStay) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await LogTest::append_many(t, 4);
    const std::vector<EpochStart> told = {{LeaderEpoch{1}, Offset{0}}, {LeaderEpoch{3}, Offset{2}}};
    ErrorCode code = co_await t.log->reset_epochs(told);
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->epochs(), told);
    const std::vector<EpochStart> back = {{LeaderEpoch{3}, Offset{0}}, {LeaderEpoch{1}, Offset{2}}};
    code = co_await t.log->reset_epochs(back);
    EXPECT_EQ(code, ErrorCode::invalid_request);
    const std::vector<EpochStart> outside = {{LeaderEpoch{3}, Offset{5}}};
    code = co_await t.log->reset_epochs(outside);
    EXPECT_EQ(code, ErrorCode::invalid_request);
    EXPECT_EQ(t.log->epochs(), told);
  });
}

TEST_F(ReplicationTest, ATruncationIntoAGapLeavesNoHoleBetweenSegments) {
  config.segment_bytes = 200;
  run([](Machine&, LogTest& t) -> Task<> {
    const Slice gap = join_slices({batch_at(0, 0), batch_at(9, 0)});
    AppendOutcome outcome = co_await replicate(*t.log, gap);
    EXPECT_EQ(outcome.error, ErrorCode::none);
    const ErrorCode code = co_await t.log->truncate_to(Offset{5}, "diverged");
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->log_end_offset(), Offset{5});
    for (std::int64_t i = 5; i < 12; ++i) {
      const Slice one = batch_at(i, 1);
      outcome = co_await replicate(*t.log, one);
      EXPECT_EQ(outcome.error, ErrorCode::none);
    }
  });
  facts.clear();
  run([](Machine&, LogTest&) -> Task<> { co_return; });
  EXPECT_EQ(facts, std::vector<std::string>{"log.opened 0 12"});
}

}  // namespace
}  // namespace weir
