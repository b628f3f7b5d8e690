// Fetch and ListOffsets.
#include "broker_world.h"

namespace weir::test {
namespace {

const FetchResponse::PartitionData& only(const FetchResponse& response) {
  EXPECT_EQ(response.responses.size(), 1u);
  return response.responses.at(0).partitions.at(0);
}

using Values = std::vector<std::string>;

struct WithThree : BrokerWorld {
  WithThree() {
    call(produce(0, make_batch({{"a", "b"}})), 9);
    call(produce(0, make_batch({{"c"}})), 9);
  }
};

FetchRequest by_id(FetchRequest request, Uuid id) {
  request.topics[0].topic_id = id;
  return request;
}

TEST(Fetch, ReadsInEveryVersion) {
  WithThree w;
  for (std::int16_t v = 4; v <= 17; ++v) {
    const auto response = w.call(by_id(fetch(0, 0), Uuid{1, 1}), v);
    EXPECT_EQ(response.session_id, 0);
    EXPECT_EQ(only(response).error_code, 0) << v;
    EXPECT_EQ(values_in(only(response).records), (Values{"a", "b", "c"})) << v;
    EXPECT_EQ(only(response).high_watermark, 3);
    EXPECT_EQ(only(response).last_stable_offset, 3);
    EXPECT_EQ(only(response).log_start_offset, v >= 5 ? 0 : -1);
  }
}

// KAFKA-18646: librdkafka takes null for a broken response. Int32 -1 is classic null, 0 compact.
TEST(Fetch, RecordsAreNeverNullNotEvenWithAnError) {
  WithThree w;
  Line& line = w.connect();
  for (const std::int64_t offset : {3, 99}) {
    w.ask(line, fetch(0, offset), 11);
    const std::string frame(w.receive(line).text());
    EXPECT_TRUE(frame.ends_with(std::string(4, '\0'))) << offset;
    w.ask(line, fetch(0, offset), 12);
    const std::string flexible(w.receive(line).text());
    // ... records of length 0 (compact: 1), then no tagged fields of partition, topic, response.
    EXPECT_TRUE(flexible.ends_with(std::string("\x01\x00\x00\x00", 4))) << offset;
  }
}

TEST(Fetch, OnlyOffsetsBelowTheStartAndAboveTheEndAreOutOfRange) {
  WithThree w;
  EXPECT_EQ(only(w.call(fetch(0, 3), 11)).error_code, 0);
  EXPECT_TRUE(only(w.call(fetch(0, 3), 11)).records.empty());
  EXPECT_EQ(only(w.call(fetch(0, 4), 11)).error_code, code(ErrorCode::offset_out_of_range));
  EXPECT_EQ(only(w.call(fetch(0, -1), 11)).error_code, code(ErrorCode::offset_out_of_range));
}

TEST(Fetch, EpochsOfTheAskerAreChecked) {
  WithThree w;
  FetchRequest request = fetch(0, 0);
  request.topics[0].partitions[0].current_leader_epoch = 1;
  EXPECT_EQ(only(w.call(request, 11)).error_code, code(ErrorCode::unknown_leader_epoch));
  request.topics[0].partitions[0].current_leader_epoch = 0;
  EXPECT_EQ(only(w.call(request, 11)).error_code, 0);
}

TEST(Fetch, AnOlderEpochIsFencedAndTheLeaderTold) {
  BrokerConfig config = default_config();
  TopicImage topic = *config.image->topic("orders");
  topic.partitions[0].leader_epoch = LeaderEpoch{3};
  config.image = config.image->with_topic(topic);
  BrokerWorld w(config);
  FetchRequest request = by_id(fetch(0, 0), Uuid{1, 1});
  request.topics[0].partitions[0].current_leader_epoch = 2;
  const auto response = w.call(request, 16);
  EXPECT_EQ(only(response).error_code, code(ErrorCode::fenced_leader_epoch));
  EXPECT_EQ(only(response).current_leader.leader_id, 1);
  EXPECT_EQ(only(response).current_leader.leader_epoch, 3);
  ASSERT_EQ(response.node_endpoints.size(), 1u);
  EXPECT_EQ(response.node_endpoints[0].node_id, 1);
}

TEST(Fetch, TopicIdsAreAskedForFromV13On) {
  WithThree w;
  EXPECT_EQ(only(w.call(by_id(fetch(0, 0), Uuid{9, 9}), 13)).error_code,
            code(ErrorCode::unknown_topic_id));
  EXPECT_EQ(only(w.call(fetch(0, 0, "nothing"), 12)).error_code,
            code(ErrorCode::unknown_topic_or_partition));
  const auto elsewhere = w.call(by_id(fetch(0, 0), Uuid{1, 2}), 16);
  EXPECT_EQ(only(elsewhere).error_code, code(ErrorCode::not_leader_or_follower));
  EXPECT_EQ(only(elsewhere).current_leader.leader_id, 2);
}

TEST(Fetch, SessionsAreNotKept) {
  WithThree w;
  FetchRequest request = fetch(0, 0);
  request.session_epoch = 0;  // asks for a new session
  const auto full = w.call(request, 11);
  EXPECT_EQ(full.session_id, 0);
  EXPECT_EQ(only(full).error_code, 0);
  request.session_id = 5;
  request.session_epoch = 1;
  const auto incremental = w.call(request, 11);
  EXPECT_EQ(incremental.error_code, code(ErrorCode::fetch_session_id_not_found));
  EXPECT_TRUE(incremental.responses.empty());
}

TEST(Fetch, LimitsHoldButTheFirstBatchAlwaysComes) {
  WithThree w;
  FetchRequest request = fetch(0, 0);
  request.topics[0].partitions[0].partition_max_bytes = 1;
  EXPECT_EQ(values_in(only(w.call(request, 11)).records), (Values{"a", "b"}));
  request = fetch(0, 0);
  request.max_bytes = 1;
  EXPECT_EQ(values_in(only(w.call(request, 11)).records), (Values{"a", "b"}));
  w.call(produce(1, make_batch({{"d"}})), 9);
  request.topics[0].partitions.push_back(request.topics[0].partitions[0]);
  request.topics[0].partitions[1].partition = 1;
  const auto response = w.call(request, 11);
  EXPECT_EQ(values_in(response.responses[0].partitions[0].records), (Values{"a", "b"}));
  EXPECT_TRUE(response.responses[0].partitions[1].records.empty());
}

TEST(Fetch, ALongPollWaitsForMinBytesOfAllPartitionsTogether) {
  BrokerWorld w;
  Line& line = w.connect();
  FetchRequest poll = fetch(0, 0);
  poll.topics[0].partitions.push_back(poll.topics[0].partitions[0]);
  poll.topics[0].partitions[1].partition = 1;
  poll.max_wait_ms = 20000;
  const Slice batch = make_batch({{"a"}});
  poll.min_bytes = static_cast<std::int32_t>(batch.size()) * 2;
  const auto id = w.ask(line, poll, 11);
  w.run_for(std::chrono::milliseconds(100));
  w.call(produce(0, batch), 9);
  w.run_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(line.received.empty());
  w.call(produce(1, batch), 9);
  const Instant before = w.world().now();
  const auto response = w.answer<FetchRequest>(line, 11, id);
  EXPECT_LT(w.world().now() - before, Duration(std::chrono::milliseconds(100)));
  EXPECT_EQ(values_in(response.responses[0].partitions[0].records), (Values{"a"}));
  EXPECT_EQ(values_in(response.responses[0].partitions[1].records), (Values{"a"}));
}

TEST(Fetch, ALongPollEndsAtItsDeadlineWithWhatIsThere) {
  WithThree w;
  Line& line = w.connect();
  FetchRequest poll = fetch(0, 2);
  poll.min_bytes = 100000;
  poll.max_wait_ms = 500;
  const Instant before = w.world().now();
  const auto response = w.answer<FetchRequest>(line, 11, w.ask(line, poll, 11));
  EXPECT_GE(w.world().now() - before, Duration(std::chrono::milliseconds(500)));
  EXPECT_LT(w.world().now() - before, Duration(std::chrono::milliseconds(600)));
  EXPECT_EQ(values_in(only(response).records), (Values{"c"}));
}

TEST(Fetch, ManyPollsOfOnePartitionAreAllWokenByOneAppend) {
  BrokerWorld w;
  FetchRequest poll = fetch(0, 0);
  poll.max_wait_ms = 20000;
  std::vector<std::pair<Line*, std::int32_t>> waiting;
  for (int i = 0; i < 20; ++i) {
    Line& line = w.connect();
    waiting.emplace_back(&line, w.ask(line, poll, 11));
  }
  w.run_for(std::chrono::milliseconds(100));
  w.call(produce(0, make_batch({{"a"}})), 9);
  for (const auto& [line, id] : waiting) {
    EXPECT_EQ(values_in(only(w.answer<FetchRequest>(*line, 11, id)).records), (Values{"a"}));
  }
}

TEST(Fetch, AWaitingPollLearnsThatItsTopicIsDeleted) {
  BrokerWorld w;
  Line& line = w.connect();
  FetchRequest poll = fetch(0, 0);
  poll.max_wait_ms = 20000;
  const auto id = w.ask(line, poll, 11);
  w.run_for(std::chrono::milliseconds(100));
  w.call(DeleteTopicsRequest{.topic_names = {"orders"}}, 1);
  EXPECT_EQ(only(w.answer<FetchRequest>(line, 11, id)).error_code,
            code(ErrorCode::unknown_topic_or_partition));
}

TEST(Fetch, WhatIsServedIsAFact) {
  WithThree w;
  w.call(fetch(0, 1), 11);
  w.call(fetch(0, 3), 11);
  const auto served = w.facts(FactKind::records_served);
  ASSERT_EQ(served.size(), 1u);
  EXPECT_EQ(served[0].topic, "orders");
  EXPECT_EQ(served[0].value, 3);
  EXPECT_EQ(served[0].peer, "test");
}

TEST(Fetch, AReplicaThatIsNoneIsRefused) {
  WithThree w;
  FetchRequest request = fetch(0, 0);
  request.replica_id = 2;
  EXPECT_EQ(only(w.call(request, 11)).error_code, code(ErrorCode::not_leader_or_follower));
}

TEST(Fetch, AnAskerOfAnotherHistoryIsToldWhereItDiverges) {
  WithThree w;
  FetchRequest request = fetch(0, 0);
  request.topics[0].partitions[0].last_fetched_epoch = 0;
  EXPECT_EQ(values_in(only(w.call(request, 12)).records), (Values{"a", "b", "c"}));
}

TEST(ListOffsets, FindsTheSpecialPlacesAndMoments) {
  WithThree w;
  const auto ask = [&](std::int64_t timestamp, std::int16_t version) {
    return w.call(list_offsets(0, timestamp), version).topics.at(0).partitions.at(0);
  };
  for (std::int16_t v = 1; v <= 9; ++v) {
    EXPECT_EQ(ask(-1, v).offset, 3) << v;
    EXPECT_EQ(ask(-2, v).offset, 0) << v;
    EXPECT_EQ(ask(-1, v).timestamp, -1) << v;
    EXPECT_EQ(ask(-1, v).leader_epoch, v >= 4 ? 0 : -1) << v;
    EXPECT_EQ(ask(1'704'067'200'001, v).offset, 1) << v;
    EXPECT_EQ(ask(1'704'067'200'001, v).timestamp, 1'704'067'200'001) << v;
    EXPECT_EQ(ask(1'804'067'200'000, v).offset, -1) << v;
    EXPECT_EQ(ask(1'804'067'200'000, v).error_code, 0) << v;
    EXPECT_EQ(ask(-3, v).error_code, v >= 7 ? 0 : code(ErrorCode::unsupported_version)) << v;
    EXPECT_EQ(ask(-4, v).error_code, v >= 8 ? 0 : code(ErrorCode::unsupported_version)) << v;
    EXPECT_EQ(ask(-5, v).error_code, v >= 9 ? 0 : code(ErrorCode::unsupported_version)) << v;
    EXPECT_EQ(ask(-6, v).error_code, code(ErrorCode::unsupported_version)) << v;
  }
  EXPECT_EQ(ask(-3, 7).offset, 1);
  EXPECT_EQ(ask(-3, 7).timestamp, 1'704'067'200'001);
  EXPECT_EQ(ask(-4, 8).offset, 0);
  EXPECT_EQ(ask(-5, 9).offset, -1);
}

TEST(ListOffsets, WhatIsAnsweredIsAFact) {
  WithThree w;
  w.call(list_offsets(0, -1), 5);
  w.call(list_offsets(0, 1'704'067'200'001), 5);
  w.call(list_offsets(5, -1), 5);
  const auto told = w.facts(FactKind::answer_told);
  ASSERT_EQ(told.size(), 4u) << "two of Produce, with acks=all";
  EXPECT_EQ(told[2].topic, "orders");
  EXPECT_EQ(told[2].old, -1);
  EXPECT_EQ(told[2].value, 3);
  EXPECT_EQ(told[2].peer, "test");
  EXPECT_EQ(told[3].old, 1'704'067'200'001);
  EXPECT_EQ(told[3].value, 1);
}

TEST(ListOffsets, UnknownPartitionsAndEpochsAreRefused) {
  WithThree w;
  EXPECT_EQ(w.call(list_offsets(5, -1), 5).topics[0].partitions[0].error_code,
            code(ErrorCode::unknown_topic_or_partition));
  ListOffsetsRequest request = list_offsets(0, -1);
  request.topics[0].partitions[0].current_leader_epoch = 4;
  EXPECT_EQ(w.call(request, 5).topics[0].partitions[0].error_code,
            code(ErrorCode::unknown_leader_epoch));
}

}  // namespace
}  // namespace weir::test
