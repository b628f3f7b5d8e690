// Control records of the metadata log: bytes by hand, batches, refusals.
#include "broker/wire/records/control_record.h"

#include <gtest/gtest.h>

#include "broker/wire/records.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

constexpr Uuid kVoter{0x0101010101010101, 0x0101010101010101};
const std::string kVoterHex = "01010101010101010101010101010101";

// Key and value of the first record of a batch, in hexadecimal.
std::pair<std::string, std::string> first_record(const Slice& bytes) {
  Codecs codecs;
  Result<RecordReader> reader = RecordReader::open(*parse_batch(bytes), codecs);
  Record record;
  EXPECT_TRUE(*reader->next(record));
  return {to_hex(*record.key), to_hex(*record.value)};
}

Slice batch_of(const ControlRecord& record) {
  std::string why;
  const Result<Slice> bytes =
      build_control_batch(std::span(&record, 1), {Offset(9), LeaderEpoch(4), WallTime{5}}, &why);
  EXPECT_TRUE(bytes) << why;
  return bytes ? *bytes : Slice();
}

void expect_bytes(const ControlRecord& record, const std::string& key, const std::string& value) {
  const auto [key_hex, value_hex] = first_record(batch_of(record));
  EXPECT_EQ(key_hex, to_hex(from_hex(key)));
  EXPECT_EQ(value_hex, to_hex(from_hex(value)));
  const Slice key_bytes = from_hex(key);
  std::string why;
  const Result<ControlRecord> read = decode_control_record(key_bytes, from_hex(value), &why);
  ASSERT_TRUE(read) << why;
  EXPECT_TRUE(same_record(*read, record)) << print(*read);
}

TEST(ControlRecords, HaveTheBytesOfTheirSchemas) {
  LeaderChangeMessage change;
  change.leader_id = 1;
  change.voters = {{1, {}}, {2, {}}};
  change.granting_voters = {{2, {}}};
  expect_bytes(change, "0000 0002",
               "0000"                        // Version
               "00000001"                    // LeaderId
               "03 00000001 00 00000002 00"  // Voters
               "02 00000002 00"              // GrantingVoters
               "00");                        // no tagged fields
  change.version = 1;
  change.voters = {{1, kVoter}};
  change.granting_voters = {};
  expect_bytes(change, "0000 0002", "0001 00000001 02 00000001" + kVoterHex + "00 01 00");
  expect_bytes(SnapshotHeaderRecord{0, 7}, "0000 0003", "0000 0000000000000007 00");
  expect_bytes(SnapshotFooterRecord{}, "0000 0004", "0000 00");
  expect_bytes(KRaftVersionRecord{0, 1}, "0000 0005", "0000 0001 00");
  VotersRecord voters;
  voters.voters = {{3, kVoter, {{"C", "h", 9093}}, {0, 1}}};
  expect_bytes(voters, "0000 0006",
               "0000 02 00000003" + kVoterHex +
                   "02 02 43 02 68 2385 00"  // one endpoint
                   "0000 0001 00"            // kraft.version 0 to 1
                   "00 00");
}

TEST(ControlRecords, StandInABatchWithTheControlBitAlone) {
  const RecordBatch batch = *parse_batch(batch_of(SnapshotFooterRecord{}));
  EXPECT_EQ(batch.header.attributes, BatchHeader::kControlBit);
  EXPECT_FALSE(batch.header.has_producer());
  EXPECT_EQ(batch.header.base_offset, Offset(9));
  EXPECT_EQ(batch.header.partition_leader_epoch, LeaderEpoch(4));
  EXPECT_EQ(batch.header.max_timestamp, 5);
  Codecs codecs;
  const auto read = read_control_batch(batch, codecs);
  ASSERT_TRUE(read);
  EXPECT_EQ(type_of(read->at(0)), ControlRecordType::snapshot_footer);
  EXPECT_EQ(read_metadata_batch(batch, codecs).error(), Errc::malformed);
}

TEST(ControlRecords, OfALeadersFirstEpochShareABatch) {
  VotersRecord voters;
  voters.voters = {{3, kVoter, {}, {0, 1}}};
  const std::vector<ControlRecord> first{LeaderChangeMessage{}, KRaftVersionRecord{0, 1}, voters};
  Codecs codecs;
  const Result<Slice> bytes = build_control_batch(first, {});
  ASSERT_TRUE(bytes);
  const auto read = read_control_batch(*parse_batch(*bytes), codecs);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(same_record((*read)[i], first[i])) << i;
}

std::string why_refused(const std::string& key, const std::string& value, Errc expected) {
  const Slice key_bytes = from_hex(key);
  std::string why;
  EXPECT_EQ(decode_control_record(key_bytes, from_hex(value), &why).error(), expected);
  return why;
}

TEST(ControlRecords, ThatAreUnknownOrBrokenAreToldApart) {
  EXPECT_EQ(why_refused("0000", "", Errc::truncated), "a control record's key has four bytes");
  EXPECT_EQ(why_refused("0000 0007", "", Errc::unsupported), "control record type 7 is unknown");
  EXPECT_EQ(why_refused("0000 ffff", "", Errc::unsupported), "control record type -1 is unknown");
  EXPECT_EQ(why_refused("0000 0001", "0000 00000000", Errc::unsupported),
            "the end of a transaction in the metadata log");
  EXPECT_EQ(why_refused("0000 0002", "00", Errc::truncated),
            "LeaderChangeMessage without a version");
  EXPECT_EQ(why_refused("0000 0002", "0002", Errc::unsupported),
            "LeaderChangeMessage v2: only versions 0 to 1 are known");
  EXPECT_EQ(why_refused("0000 0004", "ffff 00", Errc::unsupported),
            "SnapshotFooterRecord v-1: only versions 0 to 0 are known");
  EXPECT_EQ(why_refused("0000 0004", "0000 00 00", Errc::malformed),
            "SnapshotFooterRecord v0 with 1 bytes after its end at byte 3: malformed input");
}

TEST(ControlRecords, HaveKeysWhoseLaterVersionsBeginAlike) {
  const Slice key = from_hex("0001 0004 ff");
  EXPECT_EQ(read_control_key(key).value(), ControlRecordType::snapshot_footer);
}

TEST(ControlRecords, AreNotWrittenInVersionsThatCannotCarryThem) {
  LeaderChangeMessage change;
  change.voters = {{1, kVoter}};
  const ControlRecord record = change;
  std::string why;
  EXPECT_EQ(build_control_batch(std::span(&record, 1), {}, &why).error(), Errc::unsupported);
  EXPECT_EQ(why, "LeaderChangeMessage v0 Voters[0].VoterDirectoryId: not supported");
}

}  // namespace
}  // namespace weir
