// Small values: ids, error codes, and the phrases about requests.
#include <gtest/gtest.h>

#include "broker/wire/describe.h"
#include "broker/wire/described.h"
#include "broker/wire/error_code.h"
#include "broker/wire/records.h"
#include "broker/wire/uuid.h"

namespace weir {
namespace {

TEST(Uuid, HasKafkasText) {
  EXPECT_EQ(to_text(Uuid{}), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(to_text(Uuid{0, 1}), "AAAAAAAAAAAAAAAAAAAAAQ");
  // base64.urlsafe_b64encode(bytes.fromhex("0123456789abcdeffedcba9876543210"))
  const Uuid id{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(to_text(id), "ASNFZ4mrze_-3LqYdlQyEA");
  EXPECT_EQ(parse_uuid("ASNFZ4mrze_-3LqYdlQyEA"), id);
  EXPECT_EQ(parse_uuid("ASNFZ4mrze_-3LqYdlQyEB"), std::nullopt);
  EXPECT_EQ(parse_uuid("ASNFZ4mrze/-3LqYdlQyEA"), std::nullopt);
  EXPECT_EQ(parse_uuid("ASNFZ4mrze_-3LqYdlQyE"), std::nullopt);
}

TEST(ErrorCodes, HaveKafkasNamesAndNumbers) {
  EXPECT_EQ(name_of(ErrorCode::not_leader_or_follower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(name_of(error_code_of(std::int16_t{0})), "NONE");
  EXPECT_EQ(error_code_of(std::int16_t{87}), ErrorCode::invalid_record);
  EXPECT_EQ(error_code_of(std::int16_t{999}), ErrorCode::unknown_server_error);
  EXPECT_EQ(error_code_of(Errc::corrupt), ErrorCode::corrupt_message);
  EXPECT_EQ(error_code_of(Errc::ok), ErrorCode::none);
}

TEST(ErrorCodes, SayWhoMayRetryAndWhatMayBeInTheLog) {
  EXPECT_TRUE(is_retriable(ErrorCode::not_enough_replicas));
  EXPECT_FALSE(may_be_in_log(ErrorCode::not_enough_replicas));
  EXPECT_TRUE(is_retriable(ErrorCode::not_enough_replicas_after_append));
  EXPECT_TRUE(may_be_in_log(ErrorCode::not_enough_replicas_after_append));
  EXPECT_TRUE(may_be_in_log(ErrorCode::request_timed_out));
  EXPECT_FALSE(is_retriable(ErrorCode::message_too_large));
  EXPECT_TRUE(wants_new_metadata(ErrorCode::not_leader_or_follower));
  EXPECT_FALSE(wants_new_metadata(ErrorCode::request_timed_out));
  EXPECT_FALSE(is_retriable(ErrorCode::none));
}

Slice batch_of(std::int32_t records) {
  Codecs codecs;
  RecordBatchBuilder builder;
  for (std::int32_t i = 0; i < records; ++i) builder.append({});
  return builder.build({}, codecs);
}

TEST(Phrases, NameWhatIsProduced) {
  ProduceRequest request;
  request.acks = -1;
  request.topic_data = {{"orders", {{0, batch_of(10)}}}};
  EXPECT_EQ(describe_request(request, 12), "Produce v12 orders-0 1 batch 10 records");
  request.topic_data.push_back({"other", {{0, batch_of(1)}, {1, {}}, {2, batch_of(1)}}});
  EXPECT_EQ(describe_request(request, 9),
            "Produce v9 orders-0 other-0 other-1 and 1 more 3 batches 12 records");
}

TEST(Phrases, NameWhatIsAskedFor) {
  FetchRequest fetch;
  fetch.topics = {{"orders", {}, {{.partition = 1, .fetch_offset = 42}}}};
  fetch.replica_id = 2;
  EXPECT_EQ(describe_request(fetch, 11), "Fetch v11 orders-1@42 by replica 2");
  MetadataRequest metadata;
  EXPECT_EQ(describe_request(metadata, 0), "Metadata v0 all topics");
  EXPECT_EQ(describe_request(metadata, 1), "Metadata v1 no topics");
  metadata.topics.reset();
  EXPECT_EQ(describe_request(metadata, 1), "Metadata v1 all topics");
  InitProducerIdRequest init;
  init.transactional_id.reset();
  EXPECT_EQ(describe_request(init, 4), "InitProducerId v4 idempotent");
}

TEST(Phrases, TellWhatNodesWantOfEachOther) {
  VoteRequest vote;
  vote.topics = {{"__cluster_metadata",
                  {{.replica_epoch = 5,
                    .replica_id = 2,
                    .last_offset_epoch = 4,
                    .last_offset = 120,
                    .pre_vote = true}}}};
  EXPECT_EQ(describe_request(vote, 2), "Vote v2 pre-vote for 2 in epoch 5, log to 120 of epoch 4");
  EXPECT_EQ(describe_request(VoteRequest(), 2), "Vote v2");
  BrokerHeartbeatRequest heartbeat;
  heartbeat.broker_id = 3;
  heartbeat.current_metadata_offset = 17;
  heartbeat.want_shut_down = true;
  EXPECT_EQ(describe_request(heartbeat, 1),
            "BrokerHeartbeat v1 of broker 3 at 17, wants to shut down");
  AlterPartitionRequest alter;
  alter.broker_id = 1;
  alter.topics = {{{}, {{.partition_index = 4, .new_isr_with_epochs = {{1, 7}, {2, 8}}}}}};
  EXPECT_EQ(describe_request(alter, 3),
            "AlterPartition v3 by broker 1 AAAAAAAAAAAAAAAAAAAAAA-4 ISR 1,2");
  EXPECT_EQ(describe_request(DescribeClusterRequest(), 1), "DescribeCluster v1");
}

TEST(Phrases, AreMadeForRequestsNotDecodedYet) {
  MetadataRequest metadata;
  metadata.topics->push_back({{}, "orders"});
  const auto frame = encode_request(metadata, 9, 1, "client");
  ASSERT_TRUE(frame);
  const Slice bytes = join(*frame);
  Result<ReceivedRequest> received = open_request(Reader(bytes.subslice(4)));
  ASSERT_TRUE(received);
  EXPECT_EQ(describe_request(*received), "Metadata v9 orders");
  received = open_request(Reader(bytes.subslice(4, bytes.size() - 5)));
  ASSERT_TRUE(received);
  EXPECT_EQ(describe_request(*received), "Metadata v9 12 bytes");
}

}  // namespace
}  // namespace weir
