// Bytes of the cluster's messages, worked out by hand from the schemas: field by field, a line
// each.
#include <gtest/gtest.h>

#include "broker/wire/described.h"
#include "tests/unit/wire/hex.h"

namespace weir {
namespace {

constexpr Uuid kOne{0x0101010101010101, 0x0101010101010101};
constexpr Uuid kTwo{0x0202020202020202, 0x0202020202020202};
constexpr std::string_view kOneHex = "01010101010101010101010101010101";
constexpr std::string_view kTwoHex = "02020202020202020202020202020202";

std::string together(std::initializer_list<std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) text += line;
  return text;
}

// The message is written as these bytes, and these bytes are read as the message.
template <class Message>
void expect_bytes(const Message& message, std::int16_t version,
                  std::initializer_list<std::string_view> lines) {
  const Slice bytes = from_hex(together(lines));
  Writer out;
  std::string why;
  ASSERT_TRUE(encode(message, version, out, &why)) << why;
  EXPECT_EQ(to_hex(join(std::move(out).finish())), to_hex(bytes));
  const Result<Message> read = decode<Message>(Reader(bytes), version, &why);
  ASSERT_TRUE(read) << why;
  EXPECT_EQ(print(*read, version), print(message, version));
}

TEST(GoldenCluster, VoteAsksWithIdsAndTheEndOfTheLog) {
  VoteRequest::PartitionData partition;
  partition.replica_epoch = 5;
  partition.replica_id = 2;
  partition.replica_directory_id = kOne;
  partition.voter_directory_id = kTwo;
  partition.last_offset_epoch = 4;
  partition.last_offset = 120;
  partition.pre_vote = true;
  VoteRequest request;
  request.cluster_id = "c";
  request.voter_id = 3;
  request.topics = {{"__cluster_metadata", {partition}}};
  expect_bytes(request, 2,
               {
                   "02 63",                                    // ClusterId, compact: length + 1
                   "00000003",                                 // VoterId
                   "02",                                       // one topic, compact: count + 1
                   "13 5f5f636c75737465725f6d65746164617461",  // "__cluster_metadata"
                   "02",                                       // one partition
                   "00000000",                                 // PartitionIndex
                   "00000005",                                 // ReplicaEpoch
                   "00000002",                                 // ReplicaId
                   kOneHex,                                    // ReplicaDirectoryId
                   kTwoHex,                                    // VoterDirectoryId
                   "00000004",                                 // LastOffsetEpoch
                   "0000000000000078",                         // LastOffset
                   "01",                                       // PreVote
                   "00 00 00",  // no tagged fields of partition, topic, message
               });
  // Version 0 has neither ids nor pre-vote; a request for one must not become a real vote.
  Writer out;
  EXPECT_EQ(encode(request, 0, out).error(), Errc::unsupported);
  request.topics[0].partitions[0].pre_vote = false;
  expect_bytes(request, 0,
               {"02 63", "02", "13 5f5f636c75737465725f6d65746164617461", "02", "00000000",
                "00000005", "00000002", "00000004", "0000000000000078", "00 00 00"});
}

TEST(GoldenCluster, VoteIsAnsweredWithTheLeadersEndpoint) {
  VoteResponse response;
  response.topics = {{"t", {{.leader_id = -1, .leader_epoch = 6, .vote_granted = true}}}};
  response.node_endpoints = {{1, "h", 64000}};
  expect_bytes(response, 2,
               {
                   "0000",         // ErrorCode
                   "02 02 74 02",  // one topic "t", one partition
                   "00000000",     // PartitionIndex
                   "0000",         // ErrorCode
                   "ffffffff",     // LeaderId
                   "00000006",     // LeaderEpoch
                   "01",           // VoteGranted
                   "00 00",        // no tagged fields of partition and topic
                   "01 00 0a",     // one tagged field: tag 0, ten bytes
                   "02",           // one endpoint
                   "00000001",     // NodeId
                   "02 68",        // Host
                   "fa00",         // Port, unsigned
                   "00",           // no tagged fields of the endpoint
               });
}

TEST(GoldenCluster, AlterPartitionNamesReplicasWithEpochsFromVersion3On) {
  AlterPartitionRequest::PartitionData partition;
  partition.partition_index = 6;
  partition.leader_epoch = 3;
  partition.new_isr_with_epochs = {{1, 7}, {2, -1}};
  partition.leader_recovery_state = 1;
  partition.partition_epoch = 4;
  AlterPartitionRequest request;
  request.broker_id = 1;
  request.broker_epoch = 7;
  request.topics = {{kOne, {partition}}};
  expect_bytes(request, 3,
               {
                   "00000001",                      // BrokerId
                   "0000000000000007",              // BrokerEpoch
                   "02", kOneHex,                   // one topic, by its id
                   "02",                            // one partition
                   "00000006",                      // PartitionIndex
                   "00000003",                      // LeaderEpoch
                   "03",                            // two replicas
                   "00000001 0000000000000007 00",  // id, broker epoch, no tagged fields
                   "00000002 ffffffffffffffff 00",  //
                   "01",                            // LeaderRecoveryState
                   "00000004",                      // PartitionEpoch
                   "00 00 00",                      // no tagged fields
               });
  request.topics[0].partitions[0].new_isr_with_epochs = {};
  request.topics[0].partitions[0].new_isr = {1, 2};
  expect_bytes(request, 2,
               {"00000001 0000000000000007", "02", kOneHex, "02 00000006 00000003",
                "03 00000001 00000002", "01 00000004", "00 00 00"});
}

TEST(GoldenCluster, FetchOfAReplicaCarriesItsStateInTags) {
  FetchRequest::FetchPartition partition;
  partition.current_leader_epoch = 5;
  partition.fetch_offset = 120;
  partition.last_fetched_epoch = 4;
  partition.partition_max_bytes = 1'048'576;
  partition.replica_directory_id = kTwo;
  FetchRequest request;
  request.cluster_id = "c";
  request.replica_state = {2, 9};
  request.max_wait_ms = 500;
  request.min_bytes = 1;
  request.max_bytes = 10'485'760;
  request.topics = {{"", kOne, {partition}}};
  const std::string_view kHead =
      "000001f4"           // MaxWaitMs
      "00000001"           // MinBytes
      "00a00000"           // MaxBytes
      "00"                 // IsolationLevel
      "00000000 ffffffff"  // SessionId, SessionEpoch
      "02";                // one topic
  const std::string_view kPartition =
      "02"                // one partition
      "00000000"          // Partition
      "00000005"          // CurrentLeaderEpoch
      "0000000000000078"  // FetchOffset
      "00000004"          // LastFetchedEpoch
      "ffffffffffffffff"  // LogStartOffset
      "00100000";         // PartitionMaxBytes
  const std::string_view kTail =
      "00"                                   // no tagged fields of the topic
      "01"                                   // no forgotten topics
      "01"                                   // RackId, empty
      "02"                                   // two tagged fields:
      "00 02 02 63"                          // tag 0, two bytes: ClusterId
      "01 0d 00000002 0000000000000009 00";  // tag 1, 13 bytes: ReplicaState
  expect_bytes(request, 17, {kHead, kOneHex, kPartition, "01 00 10", kTwoHex, kTail});
  request.topics[0].partitions[0].high_watermark = 100;
  expect_bytes(request, 18,
               {kHead, kOneHex, kPartition, "02 00 10", kTwoHex, "01 08 0000000000000064", kTail});
  // A leader of version 17 is not told the high watermark, which may be ignored.
  Writer out;
  EXPECT_TRUE(encode(request, 17, out));
}

TEST(GoldenCluster, FetchIsAnsweredWithDivergenceLeaderAndSnapshotInTags) {
  FetchResponse::PartitionData partition;
  partition.high_watermark = 8;
  partition.last_stable_offset = 8;
  partition.log_start_offset = 2;
  partition.diverging_epoch = {3, 7};
  partition.current_leader = {1, 5};
  partition.snapshot_id = {6, 4};
  FetchResponse response;
  response.responses = {{"", kOne, {partition}}};
  response.node_endpoints = {{1, "h", 9092, std::nullopt}};
  expect_bytes(response, 16,
               {
                   "00000000 0000 00000000",              // ThrottleTimeMs, ErrorCode, SessionId
                   "02", kOneHex, "02",                   // one topic, one partition
                   "00000000 0000",                       // PartitionIndex, ErrorCode
                   "0000000000000008",                    // HighWatermark
                   "0000000000000008",                    // LastStableOffset
                   "0000000000000002",                    // LogStartOffset
                   "01",                                  // AbortedTransactions, empty
                   "ffffffff",                            // PreferredReadReplica
                   "01",                                  // Records, empty and never null
                   "03",                                  // three tagged fields:
                   "00 0d 00000003 0000000000000007 00",  // DivergingEpoch
                   "01 09 00000001 00000005 00",          // CurrentLeader
                   "02 0d 0000000000000006 00000004 00",  // SnapshotId
                   "00",                                  // no tagged fields of the topic
                   "01 00 0d 02",                         // NodeEndpoints: tag 0, 13 bytes, one
                   "00000001 02 68 00002384 00 00",       // id, host, port, rack null, no tags
               });
}

TEST(GoldenCluster, CursorThatMayBeNullHasAByteBeforeIt) {
  DescribeTopicPartitionsRequest request;
  request.topics = {{"t"}};
  request.response_partition_limit = 1;
  expect_bytes(request, 0, {"02 02 74 00", "00000001", "ff", "00"});
  request.cursor = {"t", 5};
  expect_bytes(request, 0, {"02 02 74 00", "00000001", "01 02 74 00000005 00", "00"});
}

TEST(GoldenCluster, HeartbeatTellsNoDirectoriesFromNoneCordoned) {
  BrokerHeartbeatRequest request;
  request.broker_id = 1;
  request.broker_epoch = 2;
  request.current_metadata_offset = 3;
  request.want_fence = true;
  const std::string_view kBody = "00000001 0000000000000002 0000000000000003 01 00";
  expect_bytes(request, 2, {kBody, "00"});
  request.cordoned_log_dirs.emplace();
  expect_bytes(request, 2, {kBody, "01 01 01 01"});
  request.offline_log_dirs = {kOne};
  expect_bytes(request, 2, {kBody, "02 00 11 02", kOneHex, "01 01 01"});
}

}  // namespace
}  // namespace weir
