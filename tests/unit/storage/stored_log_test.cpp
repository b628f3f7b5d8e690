// The reading back of a directory for harnesses.
#include "broker/storage/stored_log.h"

#include <gtest/gtest.h>

#include "broker/base/record_digest.h"
#include "tests/unit/storage/batches.h"

namespace weir {
namespace {

TEST(StoredLog, TellsEveryRecordOfEverySegment) {
  std::map<std::string, Slice, std::less<>> files;
  files["00000000000000000000.log"] = make_batch({.values = {"a", "b"},
                                                  .timestamp = 500,
                                                  .producer = 9,
                                                  .producer_epoch = 1,
                                                  .sequence = 2147483647,
                                                  .leader_epoch = 3,
                                                  .compression = Compression::zstd});
  files["00000000000000000002.log"] = make_batch({.base_offset = 2});
  files["00000000000000000000.index"] = Slice::copy_of("nonsense");
  const StoredLog log = read_stored_log(files);
  EXPECT_TRUE(log.damage.empty());
  ASSERT_EQ(log.records.size(), 3u);
  const StoredRecord& second = log.records[1];
  EXPECT_EQ(second.offset, Offset{1});
  EXPECT_EQ(second.epoch, LeaderEpoch{3});
  EXPECT_EQ(second.producer, ProducerId{9});
  EXPECT_EQ(second.sequence, 0);
  EXPECT_EQ(second.timestamp, WallTime{501});
  EXPECT_EQ(second.codec, 4);
  EXPECT_EQ(second.digest, record_digest(as_bytes("kb"), as_bytes("b")));
  EXPECT_EQ(log.records[2].sequence, -1);
}

TEST(StoredLog, FindsTheIdentityAmongTheHeaders) {
  Codecs codecs;
  RecordBatchBuilder builder;
  const RecordHeader headers[] = {{"other", as_bytes("x")}, {"weir-id", as_bytes("P1:17")}};
  builder.append({.timestamp = 1, .headers = headers});
  std::map<std::string, Slice, std::less<>> files;
  files["00000000000000000000.log"] = builder.build({}, codecs);
  const StoredLog log = read_stored_log(files);
  ASSERT_EQ(log.records.size(), 1u);
  EXPECT_EQ(log.records[0].header(kIdentityHeader), "P1:17");
  EXPECT_EQ(log.records[0].header("none"), "");
  EXPECT_TRUE(log.records[0].null_key);
}

TEST(StoredLog, LeavesOutWhatIsBelowTheLogStart) {
  std::map<std::string, Slice, std::less<>> files;
  files["00000000000000000000.log"] = make_batch({.values = {"a", "b", "c"}});
  files["log-start-offset-checkpoint"] = Slice::copy_of("0\n2\n");
  const StoredLog log = read_stored_log(files);
  ASSERT_EQ(log.records.size(), 1u);
  EXPECT_EQ(log.records[0].offset, Offset{2});
}

TEST(StoredLog, TellsDamageAndReadsOn) {
  const Slice batch = make_batch({});
  Buffer rotted;
  rotted.append(batch);
  rotted.data()[batch.size() - 1] ^= std::byte{1};
  std::map<std::string, Slice, std::less<>> files;
  files["00000000000000000000.log"] = std::move(rotted).share();
  files["00000000000000000001.log"] = make_batch({.base_offset = 1});
  const StoredLog log = read_stored_log(files);
  ASSERT_EQ(log.damage.size(), 1u);
  EXPECT_EQ(log.damage[0], "00000000000000000000.log at byte 0: the checksum does not match");
  EXPECT_EQ(log.records.size(), 1u);
}

}  // namespace
}  // namespace weir
