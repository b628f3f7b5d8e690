// What a broker refuses to append, and with which error.
#include "broker/wire/produce_check.h"

#include <gtest/gtest.h>

#include "broker/base/crc32c.h"
#include "broker/wire/writer.h"

namespace weir {
namespace {

constexpr WallTime kNow{1'000'000};

struct ProduceCheck : testing::Test {
  Codecs codecs;
  ProduceLimits limits;

  Slice batch(BatchOptions options = {}, std::int32_t count = 3, bool keys = true) {
    RecordBatchBuilder builder;
    for (std::int32_t i = 0; i < count; ++i) {
      NewRecord record;
      record.timestamp = kNow.ms;
      if (keys) record.key = as_bytes("key");
      record.value = as_bytes("a value that is long enough for a codec to work on");
      builder.append(record);
    }
    return builder.build(options, codecs);
  }

  // The batch after a change of its header, with the checksum made right again.
  static Slice changed(const Slice& bytes, void (*change)(BatchHeader&)) {
    Buffer copy;
    copy.append(bytes);
    const std::span<std::byte, kBatchHeaderBytes> head(copy.data(), kBatchHeaderBytes);
    BatchHeader header = read_batch_header(bytes);
    change(header);
    write_batch_header(header, head);
    header.crc = crc32c(copy.bytes().subspan(kBatchCrcFrom));
    write_batch_header(header, head);
    return std::move(copy).share();
  }

  ErrorCode check(const Slice& records, std::int16_t version = 9) {
    const CheckedBatch checked = check_produced(records, version, limits, kNow, codecs);
    EXPECT_EQ(checked.why.empty(), checked.error == ErrorCode::none);
    return checked.error;
  }
};

TEST_F(ProduceCheck, AcceptsOneGoodBatchOfEveryCodec) {
  for (const Compression codec : {Compression::none, Compression::gzip, Compression::snappy,
                                  Compression::lz4, Compression::zstd}) {
    BatchOptions options;
    options.compression = codec;
    EXPECT_EQ(check(batch(options)), ErrorCode::none) << name_of(codec);
  }
}

TEST_F(ProduceCheck, DemandsExactlyOneBatch) {
  const std::vector<Slice> two{batch(), batch()};
  EXPECT_EQ(check(join(two)), ErrorCode::invalid_record);
  EXPECT_EQ(check(Slice()), ErrorCode::invalid_record);
  EXPECT_EQ(check(batch().subslice(0, 80)), ErrorCode::corrupt_message);
}

TEST_F(ProduceCheck, RefusesMagicZeroAndOne) {
  for (const int magic : {0, 1}) {
    Buffer copy;
    copy.append(batch());
    copy.data()[16] = static_cast<std::byte>(magic);
    EXPECT_EQ(check(std::move(copy).share()), ErrorCode::unsupported_for_message_format);
  }
}

TEST_F(ProduceCheck, AllowsZstdFromVersionSevenOnly) {
  BatchOptions options;
  options.compression = Compression::zstd;
  EXPECT_EQ(check(batch(options), 6), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(check(batch(options), 7), ErrorCode::none);
  EXPECT_EQ(check(changed(batch(), [](BatchHeader& h) { h.attributes = 5; })),
            ErrorCode::unsupported_compression_type);
}

TEST_F(ProduceCheck, RefusesAWrongChecksum) {
  Buffer copy;
  copy.append(batch());
  copy.data()[copy.size() - 3] ^= std::byte{1};
  EXPECT_EQ(check(std::move(copy).share()), ErrorCode::corrupt_message);
}

TEST_F(ProduceCheck, DemandsOffsetsFromZeroWithoutGaps) {
  EXPECT_EQ(check(changed(batch(), [](BatchHeader& h) { h.last_offset_delta = 3; })),
            ErrorCode::invalid_record);
  RecordBatchBuilder builder;
  for (const std::int32_t delta : {0, 2}) {
    NewRecord record;
    record.timestamp = kNow.ms;
    record.offset_delta = delta;
    builder.append(record);
  }
  BatchOptions options;
  options.last_offset_delta = 1;
  EXPECT_EQ(check(builder.build(options, codecs)), ErrorCode::invalid_record);
}

TEST_F(ProduceCheck, CountsTheRecords) {
  EXPECT_EQ(
      check(changed(batch(), [](BatchHeader& h) { h.record_count = 4, h.last_offset_delta = 3; })),
      ErrorCode::corrupt_message);
  EXPECT_EQ(
      check(changed(batch(), [](BatchHeader& h) { h.record_count = 2, h.last_offset_delta = 1; })),
      ErrorCode::corrupt_message);
  EXPECT_EQ(check(changed(batch(), [](BatchHeader& h) { h.record_count = 0; })),
            ErrorCode::invalid_record);
}

TEST_F(ProduceCheck, LetsNoClientWriteControlRecords) {
  BatchOptions options;
  options.control = true;
  EXPECT_EQ(check(batch(options)), ErrorCode::invalid_record);
}

TEST_F(ProduceCheck, DemandsEpochAndSequenceOfAProducerId) {
  BatchOptions options;
  options.producer_id = ProducerId(5);
  EXPECT_EQ(check(batch(options)), ErrorCode::invalid_record);
  options.producer_epoch = ProducerEpoch(0);
  options.base_sequence = 0;
  EXPECT_EQ(check(batch(options)), ErrorCode::none);
}

TEST_F(ProduceCheck, KeepsToTheSizeLimits) {
  const Slice bytes = batch();
  limits.max_batch_bytes = static_cast<std::int32_t>(bytes.size());
  EXPECT_EQ(check(bytes), ErrorCode::none);
  --limits.max_batch_bytes;
  EXPECT_EQ(check(bytes), ErrorCode::message_too_large);
  limits = ProduceLimits{};
  limits.max_uncompressed_bytes = 100;
  BatchOptions options;
  options.compression = Compression::gzip;
  EXPECT_EQ(check(batch(options)), ErrorCode::message_too_large);
}

TEST_F(ProduceCheck, LimitsHowFarTimestampsMayLie) {
  limits.timestamp_before_max_ms = 0;
  limits.timestamp_after_max_ms = 0;
  EXPECT_EQ(check(batch()), ErrorCode::none);
  const auto early = [](BatchHeader& h) { h.base_timestamp -= 1; };
  const auto late = [](BatchHeader& h) { h.base_timestamp += 1; };
  EXPECT_EQ(check(changed(batch(), early)), ErrorCode::invalid_timestamp);
  EXPECT_EQ(check(changed(batch(), late)), ErrorCode::invalid_timestamp);
  limits.log_append_time = true;
  EXPECT_EQ(check(changed(batch(), late)), ErrorCode::none);
}

TEST_F(ProduceCheck, DemandsKeysOnCompactedTopics) {
  limits.keys_required = true;
  EXPECT_EQ(check(batch({}, 3, true)), ErrorCode::none);
  EXPECT_EQ(check(batch({}, 3, false)), ErrorCode::invalid_record);
}

TEST_F(ProduceCheck, RefusesWhatCannotBeDecompressed) {
  for (const int codec : {1, 2, 3, 4}) {
    Buffer copy;
    copy.append(batch());
    copy.data()[22] = static_cast<std::byte>(codec);
    store_be32(copy.data() + 17, crc32c(copy.bytes().subspan(kBatchCrcFrom)));
    EXPECT_EQ(check(std::move(copy).share()), ErrorCode::corrupt_message) << codec;
  }
}

}  // namespace
}  // namespace weir
