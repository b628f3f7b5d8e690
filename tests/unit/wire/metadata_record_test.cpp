// Records of the metadata log: bytes by hand, and what is refused with which sentence.
#include "broker/wire/records/metadata_record.h"

#include <gtest/gtest.h>

#include "broker/wire/records.h"
#include "broker/wire/records/control_record.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

constexpr Uuid kFirst{0x0101010101010101, 0x0101010101010101};
constexpr Uuid kSecond{0x0202020202020202, 0x0202020202020202};
const std::string kFirstHex = "01010101010101010101010101010101";
const std::string kSecondHex = "02020202020202020202020202020202";

void expect_bytes(const MetadataRecord& record, std::int16_t version, const std::string& hex) {
  std::string why;
  const Result<Slice> bytes = encode_metadata_record(record, version, &why);
  ASSERT_TRUE(bytes) << why;
  EXPECT_EQ(to_hex(*bytes), to_hex(from_hex(hex)));
  const Result<MetadataRecord> read = decode_metadata_record(from_hex(hex), &why);
  ASSERT_TRUE(read) << why;
  EXPECT_TRUE(same_record(*read, record)) << print(*read);
}

std::string why_refused(const std::string& hex, Errc expected) {
  std::string why;
  EXPECT_EQ(decode_metadata_record(from_hex(hex), &why).error(), expected);
  return why;
}

TEST(MetadataRecords, RegisterABrokerAsTheSchemaSays) {
  RegisterBrokerRecord record;
  record.broker_id = 1;
  record.incarnation_id = kFirst;
  record.broker_epoch = 5;
  record.end_points = {{"PLAINTEXT", "h", 60000, 0}};
  record.features = {{"metadata.version", 7, 25}};
  record.rack.reset();
  record.log_dirs = {kSecond};
  expect_bytes(record, 3,
               "01 00 03"                                 // frame, key, version
               "00000001"                                 // BrokerId
               "00" +                                     // IsMigratingZkBroker
                   kFirstHex +                            // IncarnationId
                   "0000000000000005"                     // BrokerEpoch
                   "02"                                   // one endpoint
                   "0a 504c41494e54455854"                // "PLAINTEXT"
                   "02 68 ea60 0000 00"                   // host, port, protocol, no tagged fields
                   "02"                                   // one feature
                   "11 6d657461646174612e76657273696f6e"  // "metadata.version"
                   "0007 0019 00"                         // from, to, no tagged fields
                   "00"                                   // Rack null
                   "01"                                   // Fenced, as by default
                   "00"                                   // InControlledShutdown
                   "01 00 11 02" +                        // tag 0, 17 bytes, one log directory
                   kSecondHex);
}

TEST(MetadataRecords, ChangeOfAPartitionWritesWhatChangesInTheOrderOfTags) {
  PartitionChangeRecord record;
  record.partition_id = 2;
  record.topic_id = kFirst;
  record.isr = {1, 2};
  record.leader = 1;
  record.eligible_leader_replicas = {3};
  record.directories = {kSecond};
  expect_bytes(record, 2,
               "01 05 02"                        // frame, key, version
               "00000002" +                      // PartitionId
                   kFirstHex +                   // TopicId
                   "04"                          // four tagged fields:
                   "00 09 03 00000001 00000002"  // Isr
                   "01 04 00000001"              // Leader
                   "06 05 02 00000003"           // EligibleLeaderReplicas
                   "08 11 02" +                  // Directories, which the schema lists earlier
                   kSecondHex);
  // No change of anything is no field at all; an empty list is a change.
  PartitionChangeRecord nothing;
  nothing.topic_id = kFirst;
  expect_bytes(nothing, 0, "01 05 00 ffffffff" + kFirstHex + "00");
  nothing.removing_replicas.emplace();
  expect_bytes(nothing, 0, "01 05 00 ffffffff" + kFirstHex + "01 03 01 01");
}

TEST(MetadataRecords, OfSmallKindsHaveTheirBytes) {
  expect_bytes(NoOpRecord{}, 0, "01 14 00 00");
  expect_bytes(EndTransactionRecord{}, 0, "01 18 00 00");
  expect_bytes(BeginTransactionRecord{"x"}, 0, "01 17 00 01 00 02 02 78");
  expect_bytes(TopicRecord{"t", kFirst}, 0, "01 02 00 02 74" + kFirstHex + "00");
  expect_bytes(ConfigRecord{2, "t", "k", std::nullopt}, 0, "01 04 00 02 02 74 02 6b 00 00");
  expect_bytes(FeatureLevelRecord{"f", 1}, 0, "01 0c 00 02 66 0001 00");
  expect_bytes(ProducerIdsRecord{1, 2, 3000}, 0,
               "01 0f 00 00000001 0000000000000002 0000000000000bb8 00");
  expect_bytes(UnregisterControllerRecord{7}, 0, "01 1d 00 00000007 00");
}

TEST(MetadataRecords, OfUnknownFramesKindsAndVersionsAreToldApart) {
  EXPECT_EQ(why_refused("00 02 00", Errc::unsupported),
            "a metadata record of frame version 0: only version 1 is known");
  EXPECT_EQ(why_refused("01 63 00 00", Errc::unsupported), "metadata record type 99 is unknown");
  EXPECT_EQ(why_refused("01 82 03 00", Errc::unsupported), "metadata record type 386 is unknown")
      << "whose lowest byte is not taken for the key";
  EXPECT_EQ(why_refused("01 05 03 00", Errc::unsupported),
            "PartitionChangeRecord v3: only versions 0 to 2 are known");
  EXPECT_EQ(why_refused("01 14 80 80 04", Errc::unsupported),
            "NoOpRecord v65536: only versions 0 to 0 are known");
  EXPECT_EQ(why_refused("01 14 00 00 0000", Errc::malformed),
            "NoOpRecord v0 with 2 bytes after its end at byte 4: malformed input");
  EXPECT_EQ(why_refused("01 1d 00 0000", Errc::truncated),
            "UnregisterControllerRecord v0 ControllerId at byte 3: input ends too early");
  EXPECT_EQ(why_refused("", Errc::truncated),
            "a metadata record of 0 bytes without frame version, key and version");
  EXPECT_EQ(why_refused("01 ff ff ff ff 7f", Errc::malformed),
            "a metadata record of 6 bytes without frame version, key and version");
}

TEST(MetadataRecords, AreNotWrittenInVersionsThatCannotCarryThem) {
  PartitionRecord record;
  record.eligible_leader_replicas = {1};
  std::string why;
  EXPECT_EQ(encode_metadata_record(record, 1, &why).error(), Errc::unsupported);
  EXPECT_EQ(why, "PartitionRecord v1 EligibleLeaderReplicas: not supported");
  EXPECT_EQ(encode_metadata_record(record, 3).error(), Errc::unsupported);
  EXPECT_EQ(encode_metadata_record(record, -1).error(), Errc::unsupported);
  EXPECT_TRUE(encode_metadata_record(record, highest_version(record)));
}

TEST(MetadataRecords, OfDeletedKindsDoNotPassAsOthers) {
  EXPECT_EQ(print(MetadataRecord(FenceBrokerRecord{1, 2})), "FenceBrokerRecord{Id: 1, Epoch: 2}");
  EXPECT_FALSE(same_record(FenceBrokerRecord{1, 2}, UnfenceBrokerRecord{1, 2}));
  EXPECT_FALSE(same_record(FenceBrokerRecord{1, 2}, FenceBrokerRecord{1, 3}));
  EXPECT_TRUE(same_record(FenceBrokerRecord{1, 2}, FenceBrokerRecord{1, 2}));
}

MetadataBatchPlace place() { return {Offset(40), LeaderEpoch(3), WallTime{1000}}; }

TEST(MetadataBatches, HoldSeveralRecordsWithoutProducerOrKeys) {
  const std::vector<VersionedRecord> records{
      {BeginTransactionRecord{}, 0}, {TopicRecord{"t", kFirst}, 0}, {EndTransactionRecord{}, 0}};
  const Result<Slice> bytes = build_metadata_batch(records, place());
  ASSERT_TRUE(bytes);
  const RecordBatch batch = *parse_batch(*bytes);
  EXPECT_TRUE(crc_is_right(batch));
  EXPECT_EQ(batch.header.last_offset(), Offset(42));
  EXPECT_EQ(batch.header.partition_leader_epoch, LeaderEpoch(3));
  EXPECT_EQ(batch.header.max_timestamp, 1000);
  EXPECT_FALSE(batch.header.has_producer());
  EXPECT_FALSE(batch.header.is_control());
  Codecs codecs;
  std::string why;
  const auto read = read_metadata_batch(batch, codecs, &why);
  ASSERT_TRUE(read) << why;
  ASSERT_EQ(read->size(), 3u);
  EXPECT_TRUE(same_record((*read)[1], records[1].record));
  EXPECT_EQ(read_control_batch(batch, codecs, &why).error(), Errc::malformed);
}

TEST(MetadataBatches, SayAtWhichOffsetTheyCannotBeRead) {
  RecordBatchBuilder builder;
  const Slice good = *encode_metadata_record(NoOpRecord{}, 0);
  const Slice unknown = from_hex("01 63 00 00");
  for (const Slice& value : {good, unknown}) {
    NewRecord record;
    record.value = value.bytes();
    builder.append(record);
  }
  Codecs codecs;
  BatchOptions options;
  options.base_offset = Offset(7);
  const RecordBatch batch = *parse_batch(builder.build(options, codecs));
  std::string why;
  EXPECT_EQ(read_metadata_batch(batch, codecs, &why).error(), Errc::unsupported);
  EXPECT_EQ(why, "offset 8: metadata record type 99 is unknown");
}

TEST(MetadataBatches, WithGapsKeysOrNullsAreMalformed) {
  Codecs codecs;
  const Slice good = *encode_metadata_record(NoOpRecord{}, 0);
  const auto read = [&](const NewRecord& record, std::int32_t last_delta) {
    RecordBatchBuilder builder;
    builder.append(record);
    BatchOptions options;
    options.last_offset_delta = last_delta;
    std::string why;
    const auto got =
        read_metadata_batch(*parse_batch(builder.build(options, codecs)), codecs, &why);
    EXPECT_EQ(got.has_value(), why.empty());
    return got.error();
  };
  NewRecord record;
  record.value = good.bytes();
  EXPECT_FALSE(read(record, 0));
  EXPECT_EQ(read(record, 1), Errc::malformed) << "a second offset without a record";
  record.offset_delta = 1;
  EXPECT_EQ(read(record, 1), Errc::malformed) << "no first record";
  record.offset_delta.reset();
  record.key = as_bytes("k");
  EXPECT_EQ(read(record, 0), Errc::malformed);
  record.key.reset();
  record.value.reset();
  EXPECT_EQ(read(record, 0), Errc::malformed);
}

TEST(MetadataBatches, HaveLimits) {
  const VersionedRecord no_op{NoOpRecord{}, 0};
  std::vector<VersionedRecord> records(kMaxMetadataBatchRecords, no_op);
  EXPECT_TRUE(build_metadata_batch(records, place()));
  records.push_back(no_op);
  EXPECT_EQ(build_metadata_batch(records, place()).error(), Errc::too_large);
  const VersionedRecord large{ConfigRecord{2, "t", "k", std::string(kMaxStringBytes, 'x')}, 0};
  std::string why;
  records.assign(257, large);
  EXPECT_EQ(build_metadata_batch(records, place(), &why).error(), Errc::too_large);
  EXPECT_EQ(why, "too many metadata records for one batch");
}

}  // namespace
}  // namespace weir
