// What of a fetched partition the application sees.
#include "broker/client/fetched_records.h"

#include <gtest/gtest.h>

#include "broker/wire/records.h"

namespace weir {
namespace {

struct Batches {
  Codecs codecs;
  Buffer bytes;

  void data(std::int64_t base, std::vector<std::string> values, BatchOptions options = {}) {
    RecordBatchBuilder builder;
    for (const std::string& v : values) builder.append({.timestamp = 1, .value = as_bytes(v)});
    options.base_offset = Offset{base};
    bytes.append(builder.build(options, codecs).bytes());
  }
  void transactional(std::int64_t base, std::vector<std::string> values, std::int64_t producer) {
    data(base, std::move(values),
         {.producer_id = ProducerId{producer},
          .producer_epoch = ProducerEpoch{0},
          .base_sequence = 0,
          .transactional = true});
  }
  void marker(std::int64_t offset, std::int64_t producer, TransactionEnd end) {
    const Slice batch =
        build_end_marker(end, ProducerId{producer}, ProducerEpoch{0}, 0, WallTime{1}, codecs);
    Buffer copy;
    copy.append(batch.bytes());
    assign_in_place(copy.span(), Offset{offset}, LeaderEpoch{4});
    bytes.append(copy.bytes());
  }

  struct Seen {
    std::vector<std::string> values;
    Offset position;
    std::string error;
  };
  Seen read(std::int64_t position, IsolationLevel isolation = IsolationLevel::read_uncommitted,
            std::vector<AbortedTransaction> aborted = {}) {
    FetchedRecords fetched(
        {{"t", 0}, Offset{position}, Slice::copy_of(bytes.bytes()), std::move(aborted)}, isolation,
        true);
    Seen seen;
    for (;;) {
      ConsumerRecord record;
      const ClientResult<bool> next = fetched.next(codecs, record);
      if (next.has_error()) {
        seen.error = next.error().why;
        break;
      }
      if (!*next) break;
      seen.values.emplace_back(record.value->text());
    }
    seen.position = fetched.position();
    return seen;
  }
};

using Values = std::vector<std::string>;

TEST(FetchedRecords, SkipsWhatLiesBelowThePositionInsideABatch) {
  Batches b;
  b.data(0, {"a", "b", "c"});
  b.data(3, {"d"});
  EXPECT_EQ(b.read(2).values, (Values{"c", "d"}));
  EXPECT_EQ(b.read(2).position, Offset{4});
}

TEST(FetchedRecords, LeavesABatchThatWasCutOffToTheNextFetch) {
  Batches b;
  b.data(0, {"a"});
  b.data(1, {"b"});
  b.bytes.shrink_to(b.bytes.size() - 5);
  const auto seen = b.read(0);
  EXPECT_EQ(seen.values, Values{"a"});
  EXPECT_EQ(seen.position, Offset{1});
  EXPECT_EQ(seen.error, "");
}

TEST(FetchedRecords, AWrongChecksumIsAnErrorAtThatOffset) {
  Batches b;
  b.data(0, {"a"});
  b.data(1, {"b"});
  b.bytes.data()[b.bytes.size() - 1] ^= std::byte{1};
  const auto seen = b.read(0);
  EXPECT_EQ(seen.values, Values{"a"});
  EXPECT_EQ(seen.error,
            "t-0 at offset 1: the checksum of the batch is wrong; seek past it to go on");
  EXPECT_EQ(seen.position, Offset{1});
}

TEST(FetchedRecords, ControlBatchesAdvanceThePositionAndAreNotSeen) {
  Batches b;
  b.transactional(0, {"a"}, 7);
  b.marker(1, 7, TransactionEnd::commit);
  for (const auto isolation : {IsolationLevel::read_uncommitted, IsolationLevel::read_committed}) {
    const auto seen = b.read(0, isolation);
    EXPECT_EQ(seen.values, Values{"a"});
    EXPECT_EQ(seen.position, Offset{2});
  }
}

TEST(FetchedRecords, ReadCommittedDropsAbortedTransactionsUntilTheirMarker) {
  Batches b;
  b.transactional(0, {"aborted"}, 7);
  b.transactional(1, {"committed"}, 8);
  b.data(2, {"plain"});
  b.marker(3, 7, TransactionEnd::abort);
  b.marker(4, 8, TransactionEnd::commit);
  b.transactional(5, {"next of 7"}, 7);
  b.marker(6, 7, TransactionEnd::commit);
  const std::vector<AbortedTransaction> aborted = {{ProducerId{7}, Offset{0}}};
  EXPECT_EQ(b.read(0, IsolationLevel::read_committed, aborted).values,
            (Values{"committed", "plain", "next of 7"}));
  EXPECT_EQ(b.read(0).values, (Values{"aborted", "committed", "plain", "next of 7"}));
}

TEST(FetchedRecords, BytesThatAreNoBatchAreAnError) {
  Batches b;
  b.bytes.append(as_bytes(std::string(100, 'x')));
  EXPECT_NE(b.read(0).error, "");
  Batches cut;
  cut.data(0, {"a"});
  cut.bytes.shrink_to(40);
  EXPECT_NE(cut.read(0).error.find("incomplete"), std::string::npos);
}

}  // namespace
}  // namespace weir
