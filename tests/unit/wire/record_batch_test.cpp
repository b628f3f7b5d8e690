// The broker's part of a batch, and walking batches.
#include "broker/wire/record_batch.h"

#include <gtest/gtest.h>

#include "broker/wire/records.h"
#include "broker/wire/writer.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

Slice make_batch(std::int32_t records, const BatchOptions& options = {}) {
  Codecs codecs;
  RecordBatchBuilder builder;
  for (std::int32_t i = 0; i < records; ++i) {
    const std::string value = "value " + std::to_string(i);
    NewRecord record;
    record.timestamp = 1000 + i;
    record.key = as_bytes("key");
    record.value = as_bytes(value);
    builder.append(record);
  }
  return builder.build(options, codecs);
}

Slice joined(const AssignedBatch& batch) { return join(batch.parts); }

TEST(RecordBatch, HasTheLayoutOfTheDocumentation) {
  // One record, key "k", value "v", timestamp 5, computed by hand; the CRC by an independent
  // program.
  Codecs codecs;
  RecordBatchBuilder builder;
  NewRecord record;
  record.timestamp = 5;
  record.key = as_bytes("k");
  record.value = as_bytes("v");
  builder.append(record);
  BatchOptions options;
  options.base_offset = Offset(7);
  options.partition_leader_epoch = LeaderEpoch(2);
  options.producer_id = ProducerId(9);
  options.producer_epoch = ProducerEpoch(1);
  options.base_sequence = 4;
  EXPECT_EQ(to_hex(builder.build(options, codecs)),
            to_hex(from_hex("0000000000000007 0000003a 00000002 02 28dc356b 0000 00000000 "
                            "0000000000000005 0000000000000005 0000000000000009 0001 00000004 "
                            "00000001 10 00 00 00 02 6b 02 76 00")));
}

TEST(RecordBatch, HeaderIsReadAsItWasWritten) {
  BatchHeader header;
  header.base_offset = Offset(1);
  header.batch_length = 49;
  header.partition_leader_epoch = LeaderEpoch(3);
  header.crc = 0xdeadbeef;
  header.attributes = 0x17;
  header.last_offset_delta = 5;
  header.base_timestamp = 6;
  header.max_timestamp = 7;
  header.producer_id = ProducerId(8);
  header.producer_epoch = ProducerEpoch(9);
  header.base_sequence = 10;
  header.record_count = 11;
  std::array<std::byte, kBatchHeaderBytes> bytes{};
  write_batch_header(header, bytes);
  EXPECT_EQ(read_batch_header(bytes), header);
}

TEST(RecordBatch, GetsOffsetAndEpochWithoutANewChecksum) {
  const Slice bytes = make_batch(3);
  const Result<RecordBatch> batch = parse_batch(bytes);
  ASSERT_TRUE(batch);
  const AssignedBatch assigned = assign(*batch, Offset(100), LeaderEpoch(7));
  EXPECT_EQ(assigned.parts[1].data(), bytes.data() + kBatchHeaderBytes) << "records are shared";
  const Result<RecordBatch> again = parse_batch(joined(assigned));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->header.crc, batch->header.crc);
  EXPECT_TRUE(crc_is_right(*again));
  EXPECT_EQ(again->header.base_offset, Offset(100));
  EXPECT_EQ(again->header.last_offset(), Offset(102));
  EXPECT_EQ(again->header.partition_leader_epoch, LeaderEpoch(7));
  EXPECT_EQ(batch->header.base_offset, Offset(0)) << "the sender's bytes stay as they were";

  Buffer own;
  own.append(bytes);
  assign_in_place(own.span(), Offset(100), LeaderEpoch(7));
  EXPECT_EQ(to_hex(own.bytes()), to_hex(joined(assigned)));
}

TEST(RecordBatch, GetsTheAppendTimeWithANewChecksum) {
  const Result<RecordBatch> batch = parse_batch(make_batch(3));
  ASSERT_TRUE(batch);
  const AssignedBatch assigned =
      assign_with_append_time(*batch, Offset(100), LeaderEpoch(7), WallTime{5000});
  const Result<RecordBatch> again = parse_batch(joined(assigned));
  ASSERT_TRUE(again);
  EXPECT_TRUE(crc_is_right(*again));
  EXPECT_TRUE(again->header.is_log_append_time());
  EXPECT_EQ(again->header.max_timestamp, 5000);
  Codecs codecs;
  Result<RecordReader> reader = RecordReader::open(*again, codecs);
  ASSERT_TRUE(reader);
  Record record;
  ASSERT_TRUE(*reader->next(record));
  EXPECT_EQ(record.timestamp, 5000);
  EXPECT_EQ(record.offset, Offset(100));
}

TEST(RecordBatch, FlipOfAnyBitAfterTheChecksumIsNoticed) {
  const Slice bytes = make_batch(2);
  for (std::size_t at = 17; at < bytes.size(); ++at) {
    Buffer damaged;
    damaged.append(bytes);
    damaged.data()[at] ^= std::byte{0x10};
    const Result<RecordBatch> batch = parse_batch(std::move(damaged).share());
    EXPECT_FALSE(batch && crc_is_right(*batch)) << at;
  }
}

TEST(RecordBatch, OfAnOldFormatIsUnsupportedAndOfGarbageMalformed) {
  Buffer bytes;
  bytes.append(make_batch(1));
  for (const int magic : {0, 1}) {
    bytes.data()[16] = static_cast<std::byte>(magic);
    EXPECT_EQ(parse_batch(Slice::copy_of(bytes.bytes())).error(), Errc::unsupported);
  }
  bytes.data()[16] = std::byte{3};
  EXPECT_EQ(parse_batch(Slice::copy_of(bytes.bytes())).error(), Errc::malformed);
  bytes.data()[16] = std::byte{2};
  store_be32(bytes.data() + 8, 48);
  EXPECT_EQ(parse_batch(Slice::copy_of(bytes.bytes())).error(), Errc::malformed);
  store_be32(bytes.data() + 8, 0xffffffff);
  EXPECT_EQ(parse_batch(Slice::copy_of(bytes.bytes())).error(), Errc::malformed);
  store_be32(bytes.data() + 8, 0x7fffffff);
  EXPECT_EQ(parse_batch(Slice::copy_of(bytes.bytes())).error(), Errc::truncated);
}

TEST(RecordBatch, SequenceWrapsAfterTheLargest) {
  BatchHeader header;
  header.base_sequence = INT32_MAX - 1;
  header.last_offset_delta = 3;
  EXPECT_EQ(header.last_sequence(), 1);
  header.base_sequence = -1;
  EXPECT_EQ(header.last_sequence(), -1);
}

TEST(BatchWalker, StopsAtAPartialBatch) {
  BatchOptions second;
  second.base_offset = Offset(3);
  const std::vector<Slice> parts{make_batch(3), make_batch(2, second)};
  const Slice whole = join(parts);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    BatchWalker walker(whole.subslice(0, cut));
    std::size_t batches = 0;
    Result<RecordBatch> batch = walker.next();
    for (; batch; batch = walker.next()) ++batches;
    EXPECT_EQ(batch.error(), Errc::truncated);
    EXPECT_EQ(batches, cut == whole.size() ? 2u : cut >= parts[0].size() ? 1u : 0u) << cut;
    EXPECT_EQ(walker.at_end(), cut == whole.size() || cut == parts[0].size() || cut == 0);
    EXPECT_EQ(whole_batches(whole.subslice(0, cut))->size(), batches);
  }
  EXPECT_EQ(whole_batches(from_hex("00000000000000000000000000000000000000")).error(),
            Errc::unsupported);
}

TEST(Records, KeepTheirOffsetsWhenACleanerDropsOthers) {
  Codecs codecs;
  RecordBatchBuilder builder;
  for (const std::int32_t delta : {1, 4}) {
    NewRecord record;
    record.timestamp = 10 - delta;  // time may run backwards
    record.value = as_bytes("kept");
    record.offset_delta = delta;
    builder.append(record);
  }
  BatchOptions options;
  options.base_offset = Offset(50);
  options.last_offset_delta = 6;
  options.base_sequence = 0;
  const Result<RecordBatch> batch = parse_batch(builder.build(options, codecs));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->header.last_offset(), Offset(56));
  EXPECT_EQ(batch->header.max_timestamp, 9);
  Result<RecordReader> reader = RecordReader::open(*batch, codecs);
  Record record;
  ASSERT_TRUE(*reader->next(record));
  EXPECT_EQ(record.offset, Offset(51));
  EXPECT_EQ(record.key, std::nullopt);
  EXPECT_EQ(reader->share(*record.value).text(), "kept");
  ASSERT_TRUE(*reader->next(record));
  EXPECT_EQ(record.offset, Offset(54));
  EXPECT_EQ(record.timestamp, 6);
  EXPECT_FALSE(*reader->next(record));
}

// The fuzzer's own input: base offset 2^63 - 4, last offset delta 2, a second record with delta 4.
TEST(Records, WithOffsetsThatNoLogCanHaveAreMalformed) {
  const Slice bytes = from_hex(
      "7ffffffffffffffc000000faffffffff026fcc7c3600000000000200000000010000000000000000000002ff"
      "ffffffffffffffffffffffffff000000038201000008066b65795e76616c75652076616c75652076616c7565"
      "2076616c75652076616c75652076616c75653676616c75652076616c7565020c686561646572026882010002"
      "02066b65795e76616c75652076616c75652076616c75652076616c75652076616c75652076616c7565207661"
      "6c75652076616c7565000000036164657202688201000404066b766165795e6c75652076616c75652076616c"
      "75652076616c75652076616c75652076616c75652076616c75652076616c7565020c6865616465720268");
  const Result<RecordBatch> batch = parse_batch(bytes);
  ASSERT_TRUE(batch);
  Codecs codecs;
  Result<RecordReader> reader = RecordReader::open(*batch, codecs);
  Record record;
  Result<bool> more = reader->next(record);
  while (more && *more) more = reader->next(record);
  EXPECT_EQ(more.error(), Errc::malformed);
}

TEST(Records, OfATransactionsEndSayHowItEnded) {
  Codecs codecs;
  const Result<RecordBatch> batch = parse_batch(build_end_marker(
      TransactionEnd::commit, ProducerId(3), ProducerEpoch(1), 12, WallTime{77}, codecs));
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->header.is_control());
  EXPECT_TRUE(batch->header.is_transactional());
  EXPECT_EQ(batch->header.base_sequence, -1);
  Result<RecordReader> reader = RecordReader::open(*batch, codecs);
  Record record;
  ASSERT_TRUE(*reader->next(record));
  EXPECT_EQ(to_hex(*record.key), "00000001");
  EXPECT_EQ(to_hex(*record.value), "00000000000c");
}

}  // namespace
}  // namespace weir
