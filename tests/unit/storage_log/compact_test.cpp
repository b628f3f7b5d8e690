// Cleaning as its owner sees it: what is left, what it waits for, what it gets along with.
#include <algorithm>

#include "tests/unit/storage/keyed_batches.h"
#include "tests/unit/storage_log/log_fixture.h"

namespace weir {
namespace {

constexpr std::int64_t kBegin = 1'704'067'200'000;  // of the world

class CompactTest : public LogTest {
 public:
  void SetUp() override {
    config.segment_bytes = 230;  // three batches of about 70
    config.index_interval_bytes = 60;
    config.retention_ms = -1;
    config.cleanup_policy = {.remove = false, .compact = true};
    config.min_cleanable_dirty_ppm = 0;
    config.delete_retention_ms = 1'000;
    config.file_delete_delay_ms = 1'000;
  }
  // One record a batch: "a" -> "a=1".
  static Task<> put(LogTest& t, std::string keys) {
    Codecs codecs;
    for (const char key : keys) {
      const KeyedBatch batch{.records = {{std::string(1, key), "1"}},
                             .timestamp = t.next_timestamp++};
      const Slice bytes = make_keyed(batch, codecs);
      const AppendOutcome outcome =
          co_await t.log->append(bytes, AppendOrigin::client, LeaderEpoch{0});
      EXPECT_EQ(outcome.error, ErrorCode::none) << outcome.error_message;
    }
  }
  static Task<> transaction(LogTest& t, std::string keys, std::int64_t producer) {
    Codecs codecs;
    for (const char key : keys) {
      const KeyedBatch batch{.records = {{std::string(1, key), "t"}},
                             .producer = producer,
                             .sequence = 0,
                             .transactional = true,
                             .timestamp = t.next_timestamp++};
      const Slice bytes = make_keyed(batch, codecs);
      const AppendOutcome outcome =
          co_await t.log->append_prepared(bytes, AppendOrigin::coordinator, LeaderEpoch{0});
      EXPECT_EQ(outcome.error, ErrorCode::none) << outcome.error_message;
    }
  }
  static Task<> end(LogTest& t, TransactionEnd how, std::int64_t producer) {
    Codecs codecs;
    const Slice marker = build_end_marker(how, ProducerId{producer}, ProducerEpoch{0}, 0,
                                          WallTime{t.next_timestamp++}, codecs);
    const AppendOutcome outcome =
        co_await t.log->append_prepared(marker, AppendOrigin::coordinator, LeaderEpoch{0});
    EXPECT_EQ(outcome.error, ErrorCode::none) << outcome.error_message;
  }
  static Task<CompactionOutcome> clean(LogTest& t) {
    const Offset bound = t.log->log_end_offset();
    CompactionOutcome outcome = co_await t.log->compact(bound);
    co_return outcome;
  }
  // "0 a=1 | 3 b=1 c=1 | 4 marker" of all that is there.
  static Task<std::string> content(LogTest& t) {
    std::string text;
    Codecs codecs;
    Offset from = t.log->log_start_offset();
    while (from < t.log->log_end_offset()) {
      const ReadOutcome read = co_await t.log->read(from, 1, PartitionLog::kNoBound, true);
      EXPECT_EQ(read.error, ErrorCode::none);
      const Result<RecordBatch> batch = parse_batch(read.batches);
      EXPECT_TRUE(batch.has_value());
      if (!batch) break;
      const std::string all = text_of_batch(*batch, codecs);
      text += (text.empty() ? "" : " | ") + all.substr(all.find('-') + 1);
      from = read.next_offset;
    }
    co_return text;
  }
  [[nodiscard]] std::size_t count(std::string_view suffix) {
    return static_cast<std::size_t>(std::ranges::count_if(
        disk().files(), [suffix](const std::string& path) { return path.ends_with(suffix); }));
  }
  static Task<> sleep(Machine& machine, std::int64_t ms) {
    const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
    const Instant until = machine.clock.now() + std::chrono::milliseconds(ms);
    co_await alarm->wait_until(until);
  }

  CompactionOutcome outcome;
  bool cleaned = false;
};

TEST_F(CompactTest, LeavesTheLatestOfEachKeyAndTheActiveSegmentAlone) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabdaba");
    co_await put(t, "a");
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::none);
    EXPECT_TRUE(done.cleaned);
    EXPECT_EQ(done.from, Offset{0});
    EXPECT_EQ(done.to, Offset{9});
    EXPECT_EQ(done.records_removed, 5);
    const std::string left = co_await content(t);
    EXPECT_EQ(left, "2: 2 c=1 | 5: 5 d=1 | 7: 7 b=1 | 8: 8 a=1 | 9: 9 a=1");
    EXPECT_EQ(t.log->cleaner_checkpoint(), Offset{9});
    const CompactionOutcome again = co_await clean(t);
    EXPECT_FALSE(again.cleaned);
    EXPECT_EQ(again.error, ErrorCode::none);
  });
  EXPECT_TRUE(saw("log.compacted 0 9 100% of the log are dirty"));
  EXPECT_EQ(count(".log"), 4u);
}

TEST_F(CompactTest, WhatIsLeftIsFoundByOffsetAndByTime) {
  for (const bool reopened : {false, true}) {
    run([](Machine&, LogTest& t) -> Task<> {
      if (t.log->log_end_offset() == Offset{0}) {
        co_await put(t, "abcabdabaaxy");
        const CompactionOutcome done = co_await clean(t);
        EXPECT_TRUE(done.cleaned);
        const ErrorCode closed = co_await t.log->flush();
        EXPECT_EQ(closed, ErrorCode::none);
      }
      const std::vector<std::int64_t> next = {2, 2, 2, 5, 5, 5, 7, 7, 8, 9, 10, 11};
      for (std::int64_t i = 0; i < 12; ++i) {
        const ReadOutcome read = co_await t.log->read(Offset{i}, 1, Offset{12}, true);
        EXPECT_EQ(read.first_offset, Offset{next[static_cast<std::size_t>(i)]}) << i;
        const WallTime at(kBegin + i);
        const TimestampOffset found = co_await t.log->offset_for_timestamp(at, Offset(12));
        EXPECT_EQ(found.offset, Offset{next[static_cast<std::size_t>(i)]}) << i;
      }
      const TimestampOffset last = co_await t.log->offset_of_max_timestamp(Offset{12});
      EXPECT_EQ(last.offset, Offset{11});
    });
    static_cast<void>(reopened);
  }
}

TEST_F(CompactTest, TheLargestTimestampIsThatOfARecord) {
  run([](Machine&, LogTest& t) -> Task<> {
    const std::int64_t late = t.next_timestamp + 1'000;
    co_await put(t, "ab");
    t.next_timestamp = late;
    co_await put(t, "c");  // the last of its segment: what is left of it is an empty batch
    t.next_timestamp = kBegin + 10;
    co_await put(t, "cc");
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.records_removed, 0);  // both later ones lie in the active segment
    co_await put(t, "cxx");
    const CompactionOutcome more = co_await clean(t);
    EXPECT_EQ(more.records_removed, 3);
    const Offset end = t.log->log_end_offset();
    const TimestampOffset found = co_await t.log->offset_of_max_timestamp(end);
    EXPECT_EQ(found.error, ErrorCode::none);
    EXPECT_EQ(found.offset, Offset{7});
  });
}

TEST_F(CompactTest, NothingAtOrAboveTheBoundDisplacesAnything) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabcabcabc");
    const CompactionOutcome done = co_await t.log->compact(Offset{4});
    EXPECT_EQ(done.to, Offset{4});
    const std::string left = co_await content(t);
    EXPECT_EQ(left.substr(0, 30), "1: 1 b=1 | 2: 2 c=1 | 3: 3 a=1");
    const ErrorCode code = co_await t.log->truncate_to(Offset{4}, "not committed");
    EXPECT_EQ(code, ErrorCode::none);
    const std::string after = co_await content(t);
    EXPECT_EQ(after, "1: 1 b=1 | 2: 2 c=1 | 3: 3 a=1");
  });
}

TEST_F(CompactTest, ATruncationBelowTheCheckpointMakesTheLogDirty) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabcabca");
    CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(t.log->cleaner_checkpoint(), Offset{9});
    const ErrorCode code = co_await t.log->truncate_to(Offset{7}, "test");
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->cleaner_checkpoint(), Offset{-1});
    co_await put(t, "aaaaaaa");
    done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::none);
    EXPECT_EQ(done.from, Offset{0});
  });
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_GT(t.log->cleaner_checkpoint(), Offset{7});
    const ErrorCode code = co_await t.log->truncate_to(t.log->log_start_offset(), "test");
    EXPECT_EQ(code, ErrorCode::none);
  });
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_EQ(t.log->cleaner_checkpoint(), Offset{-1});
    co_return;
  });
}

TEST_F(CompactTest, LittleMemoryTakesSeveralPassesInOneCleaning) {
  config.dedupe_buffer_bytes = 1;  // one key at a time
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabcabcabca");
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::none);
    EXPECT_EQ(done.to, Offset{12});
    const std::string left = co_await content(t);
    EXPECT_EQ(left, "8 empty | 9: 9 a=1 | 10: 10 b=1 | 11: 11 c=1 | 12: 12 a=1");
  });
}

TEST_F(CompactTest, SmallSegmentsBecomeOneAndTheOldFilesGoAfterTheirDelay) {
  run([](Machine& machine, LogTest& t) -> Task<> {
    auto& test = static_cast<CompactTest&>(t);
    co_await put(t, "aaaaaaaaaaaaa");
    CompactionOutcome done = co_await clean(t);
    EXPECT_TRUE(done.cleaned);
    std::string left = co_await content(t);
    EXPECT_EQ(left, "2 empty | 5 empty | 8 empty | 11: 11 a=1 | 12: 12 a=1");
    co_await put(t, "bbb");
    EXPECT_EQ(test.count(".log"), 6u);  // 0, 3, 6, 9, 12, 15
    done = co_await clean(t);
    EXPECT_TRUE(done.cleaned);
    left = co_await content(t);
    EXPECT_EQ(left, "8 empty | 11 empty | 12: 12 a=1 | 14: 14 b=1 | 15: 15 b=1");
    EXPECT_EQ(test.count(".log"), 4u);  // 0, 9, 12, 15
    EXPECT_EQ(test.count(".log.deleted"), 2u);
    EXPECT_EQ(test.count(".index"), 3u);
    EXPECT_EQ(test.count(".snapshot"), 3u);
    ErrorCode code = co_await t.log->maintain(Offset{0});
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(test.count(".log.deleted"), 2u);
    co_await sleep(machine, 1'100);
    code = co_await t.log->maintain(Offset{0});
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(test.count(".log.deleted"), 0u);
  });
}

TEST_F(CompactTest, AnOpenTransactionIsWaitedFor) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "ab");
    co_await transaction(t, "a", 7);
    co_await put(t, "abbbbb");
    CompactionOutcome done = co_await t.log->compact(t.log->log_end_offset());
    EXPECT_EQ(done.error, ErrorCode::none);
    EXPECT_EQ(done.to, Offset{2});  // not even where the owner forgets the last stable offset
    co_await end(t, TransactionEnd::abort, 7);
    co_await put(t, "xyzx");
    done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::none);
    const std::string left = co_await content(t);
    EXPECT_EQ(left.find("a=t"), std::string::npos) << left;
    EXPECT_NE(left.find("3 a=1"), std::string::npos) << left;
    EXPECT_NE(left.find("9 marker"), std::string::npos) << left;
  });
}

TEST_F(CompactTest, AnAbortedValueDisplacesNoCommittedOneAcrossSegments) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "a");
    co_await transaction(t, "aaaaaaa", 7);  // over three segments
    co_await end(t, TransactionEnd::abort, 7);
    co_await transaction(t, "b", 7);
    co_await end(t, TransactionEnd::commit, 7);
    co_await put(t, "xyzxyz");
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::none);
    const std::string left = co_await content(t);
    EXPECT_EQ(left.find("a=t"), std::string::npos) << left;
    EXPECT_EQ(left.substr(0, 8), "0: 0 a=1");
    EXPECT_NE(left.find("b=t"), std::string::npos) << left;
  });
}

TEST_F(CompactTest, ASegmentNeverSpansMoreOffsetsThanItsIndexCanHold) {
  config.segment_offset_span = 20;
  config.segment_bytes = 600;
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, std::string(120, 'a'));
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::none);
    const std::string left = co_await content(t);
    EXPECT_NE(left.find("119 a=1"), std::string::npos);
  });
  EXPECT_GE(count(".log"), 120u / 21);
  facts.clear();
  run([](Machine&, LogTest&) -> Task<> { co_return; });
  EXPECT_EQ(facts, std::vector<std::string>{"log.opened 0 120"});
}

// Cleaning leaves no holes, so a log may be opened under any policy afterwards.
TEST_F(CompactTest, ACleanedLogIsWholeUnderAnotherPolicy) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabcabcabca");
    const CompactionOutcome done = co_await clean(t);
    EXPECT_TRUE(done.cleaned);
  });
  config.cleanup_policy = {.remove = true, .compact = false};
  facts.clear();
  run([](Machine&, LogTest& t) -> Task<> {
    const std::string left = co_await content(t);
    const std::string latest = "9: 9 a=1 | 10: 10 b=1 | 11: 11 c=1 | 12: 12 a=1";
    EXPECT_EQ(left, "2 empty | 5 empty | 8 empty | " + latest);
  });
  EXPECT_EQ(facts, std::vector<std::string>{"log.opened 0 13"});
}

TEST_F(CompactTest, BothPoliciesDeleteByTimeToo) {
  config.cleanup_policy = {.remove = true, .compact = true};
  config.retention_ms = 60'000;
  run([](Machine&, LogTest& t) -> Task<> {
    t.next_timestamp = kBegin - 100'000;
    co_await put(t, "abcabc");
    t.next_timestamp = kBegin;
    co_await put(t, "abcabc");
    ErrorCode code = co_await t.log->maintain(t.log->log_end_offset());
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_EQ(t.log->log_start_offset(), Offset{6});
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.from, Offset{6});
    EXPECT_TRUE(done.cleaned);
  });
}

TEST_F(CompactTest, ARecordWithoutAKeyIsRefused) {
  run([](Machine&, LogTest& t) -> Task<> {
    Codecs codecs;
    const KeyedBatch batch{.records = {{"a", "1"}, {std::nullopt, "1"}}};
    const Slice bytes = make_keyed(batch, codecs);
    const AppendOutcome refused =
        co_await t.log->append(bytes, AppendOrigin::client, LeaderEpoch{0});
    EXPECT_EQ(refused.error, ErrorCode::invalid_record);
    EXPECT_EQ(t.log->log_end_offset(), Offset{0});
  });
}

TEST_F(CompactTest, ADamagedSegmentStaysAsItIsAndTheDamageIsTold) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabcabcabca");
    EXPECT_TRUE(t.disk().rot("orders-3/00000000000000000003.log", 65));
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::corrupt_message);
    EXPECT_FALSE(done.cleaned);
    EXPECT_TRUE(t.log->damage().has_value());
    EXPECT_EQ(t.log->damage()->from, Offset{3});
    EXPECT_FALSE(t.log->failed());
    const ReadOutcome read = co_await t.log->read(Offset{5}, 1, Offset{12}, true);
    EXPECT_EQ(read.first_offset, Offset{5});
  });
}

TEST_F(CompactTest, AnOffsetThatRottedIsDamageTooThoughNoChecksumCoversIt) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabcabcabca");
    EXPECT_TRUE(t.disk().rot("orders-3/00000000000000000003.log", 2));
    const CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::corrupt_message);
    EXPECT_EQ(t.log->damage()->from, Offset{3});
  });
}

TEST_F(CompactTest, AFullDiskPutsItOff) {
  run([](Machine&, LogTest& t) -> Task<> {
    co_await put(t, "abcabcabcabca");
    t.disk().set_capacity(1);
    CompactionOutcome done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::kafka_storage_error);
    EXPECT_FALSE(t.log->failed());
    t.disk().set_capacity(0);
    done = co_await clean(t);
    EXPECT_EQ(done.error, ErrorCode::none);
    EXPECT_EQ(done.to, Offset{12});
  });
  EXPECT_EQ(count(".cleaned"), 0u);
}

Task<> clean_beside(LogTest& t) {
  auto& test = static_cast<CompactTest&>(t);
  test.outcome = co_await t.log->compact(t.log->log_end_offset());
  test.cleaned = true;
}

TEST_F(CompactTest, AppendsAndReadsGoOnMeanwhile) {
  run([](Machine& machine, LogTest& t) -> Task<> {
    auto& test = static_cast<CompactTest&>(t);
    co_await CompactTest::put(t, "abcabcabcabca");
    machine.tasks.spawn("clean", clean_beside(t));
    int rounds = 0;
    while (!test.cleaned) {
      co_await CompactTest::put(t, "b");
      const std::string left = co_await CompactTest::content(t);
      EXPECT_NE(left.find("11 c=1"), std::string::npos);
      ++rounds;
    }
    EXPECT_GT(rounds, 5);
    EXPECT_EQ(test.outcome.error, ErrorCode::none);
    EXPECT_EQ(test.outcome.to, Offset{12});
  });
}

TEST_F(CompactTest, ATruncationOfWhatItKnowsEndsIt) {
  // At any moment of the cleaning: what a truncated record had displaced must still be there.
  for (std::int64_t us = 0; us < 4'000; us += 60) {
    world.reset();
    cleaned = false;
    microseconds = us;
    run([](Machine& machine, LogTest& t) -> Task<> {
      auto& test = static_cast<CompactTest&>(t);
      co_await CompactTest::put(t, "abcabcxxxabca");
      ErrorCode code = co_await t.log->flush();
      EXPECT_EQ(code, ErrorCode::none);
      machine.tasks.spawn("clean", clean_beside(t));
      const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
      const Instant until = machine.clock.now() + std::chrono::microseconds(t.microseconds);
      co_await alarm->wait_until(until);
      const bool before = !test.cleaned;
      const bool begun = t.saw("log.compacted 0 12 100% of the log are dirty");
      code = co_await t.log->truncate_to(Offset{9}, "it was never committed");
      EXPECT_EQ(code, ErrorCode::none);
      while (!test.cleaned) co_await CompactTest::sleep(machine, 1);
      if (before && !begun) {
        EXPECT_EQ(test.outcome.error, ErrorCode::operation_not_attempted);
        const std::string left = co_await CompactTest::content(t);
        for (const char* record : {"3 a=1", "4 b=1", "5 c=1"}) {
          EXPECT_NE(left.find(record), std::string::npos) << left << " " << t.microseconds;
        }
      }
      EXPECT_EQ(t.log->log_end_offset(), Offset{9});
      co_await CompactTest::put(t, "abc");
    });
  }
}

TEST_F(CompactTest, AnEndingLogDoesNotWaitForIt) {
  run([](Machine& machine, LogTest& t) -> Task<> {
    auto& test = static_cast<CompactTest&>(t);
    co_await CompactTest::put(t, std::string(60, 'a'));
    machine.tasks.spawn("clean", clean_beside(t));
    co_await CompactTest::sleep(machine, 1);
    EXPECT_FALSE(test.cleaned);
    const ErrorCode code = co_await t.log->close();
    EXPECT_EQ(code, ErrorCode::none);
    co_await CompactTest::sleep(machine, 1);
    EXPECT_TRUE(test.cleaned);
    EXPECT_EQ(test.outcome.error, ErrorCode::operation_not_attempted);
  });
  facts.clear();
  run([](Machine&, LogTest& t) -> Task<> {
    EXPECT_TRUE(t.log->recovery().clean);
    co_return;
  });
  EXPECT_EQ(facts, std::vector<std::string>{"log.opened 0 60"});
}

TEST_F(CompactTest, ALogThatIsRemovedMeanwhileLeavesNothing) {
  run([](Machine& machine, LogTest& t) -> Task<> {
    co_await CompactTest::put(t, std::string(60, 'a'));
    machine.tasks.spawn("clean", clean_beside(t));
    co_await CompactTest::sleep(machine, 1);
    const ErrorCode code = co_await t.log->remove();
    EXPECT_EQ(code, ErrorCode::none);
    EXPECT_TRUE(t.disk().files().empty());
    co_await CompactTest::sleep(machine, 1);
  });
}

}  // namespace
}  // namespace weir
