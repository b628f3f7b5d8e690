// What cleaning leaves of batches: keys, tombstones, markers, producers.
#include "broker/storage/batch_cleaner.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/storage/keyed_batches.h"

namespace weir {
namespace {

using Lines = std::vector<std::string>;

class CleaningTest : public testing::Test {
 protected:
  void batch(KeyedBatch b) {
    b.base = end_;
    add(make_keyed(b, codecs_));
  }
  void marker(TransactionEnd end, std::int64_t producer) {
    add(make_marker(end, producer, end_, codecs_));
  }
  void add(const Slice& bytes) {
    log_.push_back(*parse_batch(bytes));
    end_ = log_.back().header.next_offset().value();
  }
  // One pass over the whole log; what is left is the log of the next pass.
  Lines clean(std::size_t memory = 1 << 20, Offset from = Offset{0}) {
    TransactionScan transactions;
    for (const RecordBatch& b : log_) EXPECT_TRUE(transactions.add(b, codecs_));
    OffsetMap map(from, memory);
    for (const RecordBatch& b : log_) {
      if (b.header.next_offset() <= from) continue;
      const bool over = b.header.is_control() || transactions.aborted(b.header);
      const Result<bool> more = map.add(b, over, codecs_);
      EXPECT_TRUE(more.has_value());
      if (!*more) break;
    }
    reached_ = map.end();
    BatchCleaner cleaner({.latest = map,
                          .transactions = transactions,
                          .producers = producers_,
                          .now = WallTime{now_},
                          .delete_retention_ms = 100});
    std::vector<RecordBatch> left;
    removed_ = 0;
    for (const RecordBatch& b : log_) {
      const bool last = keep_last_ && &b == &log_.back();
      const Result<CleanedBatch> cleaned = cleaner.clean(b, last, codecs_);
      EXPECT_TRUE(cleaned.has_value());
      removed_ += cleaned->removed;
      EXPECT_EQ(cleaned->changed, cleaned->bytes.text() != b.bytes.text());
      if (!cleaned->bytes.empty()) left.push_back(*parse_batch(cleaned->bytes));
    }
    log_ = std::move(left);
    return lines();
  }
  Lines lines() {
    Lines all;
    for (const RecordBatch& b : log_) all.push_back(text_of_batch(b, codecs_));
    return all;
  }

  Codecs codecs_;
  std::vector<RecordBatch> log_;
  std::int64_t end_ = 0;
  LastOfProducers producers_;
  std::int64_t now_ = 10'000;
  bool keep_last_ = false;
  Offset reached_;
  std::int64_t removed_ = 0;
};

TEST_F(CleaningTest, TheLatestOfEachKeyStaysWhereItWas) {
  batch({.records = {{"a", "1"}, {"b", "1"}, {"c", "1"}}});
  batch({.records = {{"a", "2"}}});
  batch({.records = {{"b", "2"}, {"d", "1"}}});
  EXPECT_EQ(clean(), (Lines{"0-2: 2 c=1", "3-3: 3 a=2", "4-5: 4 b=2, 5 d=1"}));
  EXPECT_EQ(removed_, 2);
  EXPECT_EQ(clean(), lines());  // once more changes nothing
  EXPECT_EQ(removed_, 0);
}

TEST_F(CleaningTest, ABatchThatLosesAllItsRecordsGoes) {
  batch({.records = {{"a", "1"}, {"a", "2"}}});
  batch({.records = {{"a", "3"}}});
  EXPECT_EQ(clean(), Lines{"2-2: 2 a=3"});
}

TEST_F(CleaningTest, EveryCodecIsKept) {
  for (const Compression codec : {Compression::none, Compression::gzip, Compression::snappy,
                                  Compression::lz4, Compression::zstd}) {
    log_.clear();
    end_ = 0;
    batch({.records = {{"a", "1"}, {"b", "1"}, {"c", "x"}}, .compression = codec});
    batch({.records = {{"b", "2"}}, .compression = codec});
    EXPECT_EQ(clean(), (Lines{"0-2: 0 a=1, 2 c=x", "3-3: 3 b=2"}));
    EXPECT_EQ(log_[0].header.compression(), codec);
  }
}

TEST_F(CleaningTest, HeaderFieldsAndTimestampsStay) {
  batch({.records = {{"a", "1"}, {"b", "1"}, {"c", "1"}},
         .producer = 7,
         .sequence = 40,
         .timestamp = 5'000});
  batch({.records = {{"a", "2"}, {"c", "2"}}});
  const BatchHeader before = log_[0].header;
  static_cast<void>(clean());
  const BatchHeader& after = log_[0].header;
  EXPECT_EQ(after.base_offset, before.base_offset);
  EXPECT_EQ(after.last_offset_delta, before.last_offset_delta);
  EXPECT_EQ(after.base_sequence, 40);
  EXPECT_EQ(after.last_sequence(), before.last_sequence());
  EXPECT_EQ(after.producer_id, ProducerId{7});
  EXPECT_EQ(after.max_timestamp, 5'001);  // of the one that is left
}

TEST_F(CleaningTest, TheTimeOfAnAppendStays) {
  batch({.records = {{"a", "1"}, {"b", "1"}}, .log_append_time = 9'000});
  batch({.records = {{"a", "2"}}});
  static_cast<void>(clean());
  EXPECT_TRUE(log_[0].header.is_log_append_time());
  EXPECT_EQ(log_[0].header.max_timestamp, 9'000);
}

TEST_F(CleaningTest, RecordsWithoutAKeyGo) {
  batch({.records = {{std::nullopt, "x"}, {"a", "1"}}});
  EXPECT_EQ(clean(), Lines{"0-1: 1 a=1"});
}

TEST_F(CleaningTest, ATombstoneIsDatedByTheFirstPassAndGoesByALaterOne) {
  batch({.records = {{"a", "1"}, {"b", "1"}}});
  batch({.records = {{"a", std::nullopt}, {"c", "1"}}, .timestamp = 3'000});
  EXPECT_EQ(clean(), (Lines{"0-1: 1 b=1", "2-3: 2 a=null, 3 c=1"}));
  const BatchHeader& header = log_[1].header;
  EXPECT_TRUE(header.has(BatchHeader::kDeleteHorizonBit));
  EXPECT_EQ(header.base_timestamp, now_ + 100);
  EXPECT_EQ(header.max_timestamp, 3'001);
  Result<RecordReader> reader = RecordReader::open(log_[1], codecs_);
  Record record;
  ASSERT_TRUE(*reader->next(record));
  EXPECT_EQ(record.timestamp, 3'000);

  now_ += 99;
  EXPECT_EQ(clean(), (Lines{"0-1: 1 b=1", "2-3: 2 a=null, 3 c=1"}));
  EXPECT_EQ(log_[1].header.base_timestamp, 10'100);  // not dated anew (KAFKA-8522)
  now_ += 1;
  EXPECT_EQ(clean(), (Lines{"0-1: 1 b=1", "2-3: 3 c=1"}));
}

TEST_F(CleaningTest, ATombstoneHidesEarlierValuesOnly) {
  batch({.records = {{"a", "1"}, {"a", std::nullopt}, {"a", "2"}}});
  EXPECT_EQ(clean(), Lines{"0-2: 2 a=2"});
}

TEST_F(CleaningTest, LittleMemoryMeansSeveralPasses) {
  for (int round = 0; round < 3; ++round) {
    for (const char* key : {"a", "b", "c"}) batch({.records = {{key, std::to_string(round)}}});
  }
  // Room for one key: the map ends before the second.
  EXPECT_EQ(clean(1, Offset{0}).size(), 9u);
  EXPECT_EQ(reached_, Offset{1});
  Offset from = reached_;
  int passes = 1;
  while (from < Offset{9}) {
    static_cast<void>(clean(2 * OffsetMap::kEntryBytes + 2, from));
    EXPECT_GT(reached_, from);
    from = reached_;
    ++passes;
  }
  EXPECT_EQ(lines(), (Lines{"6-6: 6 a=2", "7-7: 7 b=2", "8-8: 8 c=2"}));
  EXPECT_LE(passes, 6);
}

TEST_F(CleaningTest, AMapThatEndsInsideABatchJudgesThatBatchInPart) {
  batch({.records = {{"a", "1"}}});
  batch({.records = {{"a", std::nullopt}, {"b", "1"}, {"a", "3"}, {"b", std::nullopt}}});
  // Room for "a" alone: the map ends before the first "b".
  EXPECT_EQ(clean(OffsetMap::kEntryBytes + 1), Lines{"1-4: 1 a=null, 2 b=1, 3 a=3, 4 b=null"});
  EXPECT_EQ(reached_, Offset{2});
  EXPECT_FALSE(log_[0].header.has(BatchHeader::kDeleteHorizonBit));
}

TEST_F(CleaningTest, TheLastSequenceOfAnActiveProducerStaysAsAnEmptyBatch) {
  batch({.records = {{"a", "1"}, {"b", "1"}}, .producer = 7, .sequence = 0});
  batch({.records = {{"a", "2"}, {"b", "2"}}, .producer = 8, .sequence = 0});
  producers_[ProducerId{7}] = {.last_data_offset = Offset{1}, .epoch = ProducerEpoch{0}};
  EXPECT_EQ(clean(), (Lines{"0-1 empty", "2-3: 2 a=2, 3 b=2"}));
  EXPECT_EQ(log_[0].header.last_sequence(), 1);
  EXPECT_EQ(log_[0].header.max_timestamp, 1'001);
  EXPECT_EQ(clean(), (Lines{"0-1 empty", "2-3: 2 a=2, 3 b=2"}));
  producers_.clear();  // it expired
  EXPECT_EQ(clean(), Lines{"2-3: 2 a=2, 3 b=2"});
}

TEST_F(CleaningTest, TheLastBatchOfASegmentStaysSoThatNoHoleFollows) {
  batch({.records = {{"a", "1"}}});
  batch({.records = {{std::nullopt, "x"}}});
  keep_last_ = true;
  EXPECT_EQ(clean(), (Lines{"0-0: 0 a=1", "1-1 empty"}));
  keep_last_ = false;
  EXPECT_EQ(clean(), Lines{"0-0: 0 a=1"});
}

KeyedBatch of_transaction(std::int64_t producer, std::vector<Keyed> records) {
  return {
      .records = std::move(records), .producer = producer, .sequence = 0, .transactional = true};
}

TEST_F(CleaningTest, AbortedRecordsGoAndDisplaceNothing) {
  batch({.records = {{"a", "1"}}});
  batch(of_transaction(7, {{"a", "aborted"}}));
  marker(TransactionEnd::abort, 7);
  batch(of_transaction(7, {{"b", "committed"}}));
  marker(TransactionEnd::commit, 7);
  EXPECT_EQ(clean(), (Lines{"0-0: 0 a=1", "2-2 marker", "3-3: 3 b=committed", "4-4 marker"}));
}

TEST_F(CleaningTest, AMarkerStaysUntilItsDataAreGoneAndItsHorizonHasPassed) {
  batch(of_transaction(7, {{"a", "1"}}));
  marker(TransactionEnd::commit, 7);
  EXPECT_EQ(clean(), (Lines{"0-0: 0 a=1", "1-1 marker"}));
  now_ += 1'000;
  EXPECT_EQ(clean(), (Lines{"0-0: 0 a=1", "1-1 marker"}));
  EXPECT_FALSE(log_[1].header.has(BatchHeader::kDeleteHorizonBit));
  batch({.records = {{"a", "2"}}});
  EXPECT_EQ(clean(), (Lines{"1-1 marker", "2-2: 2 a=2"}));  // the data go, the marker is next
  EXPECT_FALSE(log_[0].header.has(BatchHeader::kDeleteHorizonBit));
  EXPECT_EQ(clean(), (Lines{"1-1 marker", "2-2: 2 a=2"}));
  EXPECT_TRUE(log_[0].header.has(BatchHeader::kDeleteHorizonBit));
  EXPECT_TRUE(log_[0].header.is_control());
  now_ += 100;
  EXPECT_EQ(clean(), Lines{"2-2: 2 a=2"});
}

TEST_F(CleaningTest, AKeyThatLooksLikeAMarkersTouchesNoMarker) {
  batch(of_transaction(7, {{"a", "1"}}));
  marker(TransactionEnd::commit, 7);
  const std::string key("\0\0\0\1", 4);  // as the marker's own (KAFKA-14055)
  batch({.records = {{key, "x"}}});
  const Lines left = clean();
  ASSERT_EQ(left.size(), 3u);
  EXPECT_EQ(left[1], "1-1 marker");
}

TEST_F(CleaningTest, ARangeOfNothingButAbortedRecordsIsPassed) {
  batch(of_transaction(7, {{"a", "1"}, {"b", "1"}}));
  marker(TransactionEnd::abort, 7);
  EXPECT_EQ(clean(), Lines{"2-2 marker"});
  EXPECT_EQ(reached_, Offset{3});  // KAFKA-6854
}

TEST_F(CleaningTest, TheScanTellsWhereTheUndecidedBegins) {
  TransactionScan scan;
  batch(of_transaction(7, {{"a", "1"}}));
  batch(of_transaction(8, {{"a", "2"}}));
  marker(TransactionEnd::abort, 7);
  for (const RecordBatch& b : log_) EXPECT_TRUE(scan.add(b, codecs_));
  EXPECT_EQ(scan.first_undecided(), Offset{1});
  EXPECT_TRUE(scan.aborted(log_[0].header));
  EXPECT_FALSE(scan.aborted(log_[1].header));
  EXPECT_FALSE(scan.aborted(log_[2].header));
}

// Against a model: the latest of each key, tombstones included, at their offsets, in their order.
TEST(CleaningModel, AnyLogIsLeftWithTheLatestOfEachKey) {
  EXPECT_TRUE(rc::check([](const std::vector<std::vector<std::pair<std::uint8_t, bool>>>& draws,
                           std::uint8_t memory_draw, std::uint8_t codec) {
    Codecs codecs;
    std::vector<RecordBatch> log;
    std::map<std::string, std::pair<std::int64_t, bool>> latest;  // -> offset, has value
    std::int64_t end = 0;
    for (const auto& draw : draws) {
      if (draw.empty()) continue;
      KeyedBatch batch{
          .base = end, .records = {}, .compression = static_cast<Compression>(codec % 5)};
      for (const auto& [key_draw, has_value] : draw) {
        const std::string key(1, static_cast<char>('a' + key_draw % 6));
        batch.records.push_back({key, has_value ? std::optional<std::string>("v") : std::nullopt});
        latest[key] = {end++, has_value};
      }
      log.push_back(*parse_batch(make_keyed(batch, codecs)));
    }
    Offset from{0};
    const std::size_t memory = memory_draw % 7 * OffsetMap::kEntryBytes;
    while (from < Offset{end}) {
      OffsetMap map(from, memory);
      for (const RecordBatch& b : log) {
        if (b.header.next_offset() <= from) continue;
        const Result<bool> more = map.add(b, false, codecs);
        RC_ASSERT(more.has_value());
        if (!*more) break;
      }
      map.reach(map.full() ? map.end() : Offset{end});
      RC_ASSERT(map.end() > from);
      TransactionScan none;
      BatchCleaner cleaner({.latest = map,
                            .transactions = none,
                            .producers = {},
                            .now = WallTime{10'000},
                            .delete_retention_ms = 100});
      std::vector<RecordBatch> left;
      for (const RecordBatch& b : log) {
        const Result<CleanedBatch> cleaned = cleaner.clean(b, false, codecs);
        RC_ASSERT(cleaned.has_value());
        if (!cleaned->bytes.empty()) left.push_back(*parse_batch(cleaned->bytes));
      }
      log = std::move(left);
      from = map.end();
    }
    std::map<std::string, std::pair<std::int64_t, bool>> found;
    std::int64_t previous = -1;
    for (const RecordBatch& b : log) {
      Result<RecordReader> reader = RecordReader::open(b, codecs);
      Record record;
      while (*reader->next(record)) {
        RC_ASSERT(record.offset.value() > previous);
        previous = record.offset.value();
        const bool first =
            found.emplace(as_text(*record.key), std::pair{previous, record.value.has_value()})
                .second;
        RC_ASSERT(first);
      }
    }
    RC_ASSERT(found == latest);
  }));
}

}  // namespace
}  // namespace weir
