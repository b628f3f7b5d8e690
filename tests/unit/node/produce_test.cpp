// Produce, as clients of every age meet it.
#include "broker_world.h"

namespace weir::test {
namespace {

ProduceResponse::PartitionProduceResponse only(const ProduceResponse& response) {
  EXPECT_EQ(response.responses.size(), 1u);
  return response.responses.at(0).partition_responses.at(0);
}

TEST(Produce, AppendsInEveryVersion) {
  BrokerWorld w;
  for (std::int16_t v = 3; v <= 12; ++v) {
    const auto answer = only(w.call(produce(0, make_batch({{"x", "y"}})), v));
    EXPECT_EQ(answer.error_code, 0) << v;
    EXPECT_EQ(answer.base_offset, (v - 3) * 2) << v;
    EXPECT_EQ(answer.log_append_time_ms, -1) << v;
    EXPECT_EQ(answer.log_start_offset, v >= 5 ? 0 : -1) << v;
  }
}

TEST(Produce, AcksZeroIsNeverAnswered) {
  BrokerWorld w;
  Line& line = w.connect();
  w.ask(line, produce(0, make_batch({{"x"}}), 0), 9);
  const auto second = w.ask(line, ApiVersionsRequest{}, 0);
  w.answer<ApiVersionsRequest>(line, 0, second);  // the first frame that comes
  EXPECT_EQ(only(w.call(produce(0, make_batch({{"y"}})), 9)).base_offset, 1);
}

TEST(Produce, AnErrorWithAcksZeroEndsTheConnection) {
  BrokerWorld w;
  Line& line = w.connect();
  w.ask(line, produce(7, make_batch({{"x"}}), 0), 9);
  EXPECT_TRUE(w.ends(line));
  EXPECT_TRUE(line.received.empty());
  EXPECT_EQ(w.closed_because("Produce with acks=0 failed: UNKNOWN_TOPIC_OR_PARTITION"), 1);
}

TEST(Produce, OtherAcksAreRefused) {
  BrokerWorld w;
  for (const std::int16_t acks : {-2, 2, 32767}) {
    const auto answer = only(w.call(produce(0, make_batch({{"x"}}), acks), 9));
    EXPECT_EQ(answer.error_code, code(ErrorCode::invalid_required_acks));
    EXPECT_EQ(answer.base_offset, -1);
  }
  EXPECT_EQ(only(w.call(produce(0, make_batch({{"x"}})), 9)).base_offset, 0);
}

TEST(Produce, TellsTheLeaderFromV10On) {
  BrokerWorld w;
  const auto old = w.call(produce(0, make_batch({{"x"}}), -1, "elsewhere"), 9);
  EXPECT_EQ(only(old).error_code, code(ErrorCode::not_leader_or_follower));
  const auto response = w.call(produce(0, make_batch({{"x"}}), -1, "elsewhere"), 10);
  EXPECT_EQ(only(response).error_code, code(ErrorCode::not_leader_or_follower));
  EXPECT_EQ(only(response).current_leader.leader_id, 2);
  EXPECT_EQ(only(response).current_leader.leader_epoch, 0);
  ASSERT_EQ(response.node_endpoints.size(), 1u);
  EXPECT_EQ(response.node_endpoints[0].host, "b2");
}

TEST(Produce, ZstdNeedsV7) {
  BrokerWorld w;
  BatchPlan plan{{"some text that is long enough", "some text that is long enough"}};
  plan.options.compression = Compression::zstd;
  EXPECT_EQ(only(w.call(produce(0, make_batch(plan)), 6)).error_code,
            code(ErrorCode::unsupported_compression_type));
  EXPECT_EQ(only(w.call(produce(0, make_batch(plan)), 7)).error_code, 0);
}

TEST(Produce, TakesExactlyOneSoundBatchOfMagicTwo) {
  BrokerWorld w;
  const Slice good = make_batch({{"x"}});
  std::string two(good.text());
  two.append(good.text());
  std::string corrupt(good.text());
  corrupt.back() ^= 1;
  std::string old(good.text());
  old[16] = 1;
  BatchPlan transactional{{"x"}};
  transactional.options.producer_id = ProducerId{5};
  transactional.options.producer_epoch = ProducerEpoch{0};
  transactional.options.base_sequence = 0;
  transactional.options.transactional = true;
  BatchPlan control = transactional;
  control.options.control = true;
  const auto error_of = [&](Slice records) {
    return only(w.call(produce(0, std::move(records)), 9)).error_code;
  };
  EXPECT_EQ(error_of(Slice{}), code(ErrorCode::invalid_record));
  EXPECT_EQ(error_of(Slice::copy_of(two)), code(ErrorCode::invalid_record));
  EXPECT_EQ(error_of(Slice::copy_of(corrupt)), code(ErrorCode::corrupt_message));
  EXPECT_EQ(error_of(Slice::copy_of(old)), code(ErrorCode::unsupported_for_message_format));
  EXPECT_EQ(error_of(make_batch(transactional)), code(ErrorCode::invalid_txn_state));
  EXPECT_EQ(error_of(make_batch(control)), code(ErrorCode::invalid_record));
  EXPECT_EQ(only(w.call(produce(0, good), 9)).base_offset, 0);
}

TEST(Produce, EachPartitionIsAnsweredInItsPlace) {
  BrokerWorld w;
  ProduceRequest request = produce(1, make_batch({{"x"}}));
  request.topic_data[0].partition_data.push_back({9, make_batch({{"y"}})});
  request.topic_data[0].partition_data.push_back({0, make_batch({{"z"}})});
  auto& unknown = request.topic_data.emplace_back();
  unknown.name = "nothing";
  unknown.partition_data.push_back({0, make_batch({{"y"}})});
  const auto response = w.call(request, 9);
  ASSERT_EQ(response.responses.size(), 2u);
  const auto& orders = response.responses[0].partition_responses;
  ASSERT_EQ(orders.size(), 3u);
  EXPECT_EQ(orders[0].index, 1);
  EXPECT_EQ(orders[0].error_code, 0);
  EXPECT_EQ(orders[1].error_code, code(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(orders[2].index, 0);
  EXPECT_EQ(orders[2].error_code, 0);
  EXPECT_EQ(response.responses[1].partition_responses[0].error_code,
            code(ErrorCode::unknown_topic_or_partition));
}

TEST(Produce, ARetriedBatchIsStoredOnce) {
  BrokerWorld w;
  const auto id = w.call(InitProducerIdRequest{.transactional_id = std::nullopt}, 4);
  ASSERT_EQ(id.error_code, 0);
  BatchPlan plan{{"x", "y"}};
  plan.options.producer_id = ProducerId{id.producer_id};
  plan.options.producer_epoch = ProducerEpoch{id.producer_epoch};
  plan.options.base_sequence = 0;
  EXPECT_EQ(only(w.call(produce(0, make_batch(plan)), 9)).base_offset, 0);
  EXPECT_EQ(only(w.call(produce(0, make_batch(plan)), 9)).base_offset, 0);
  plan.options.base_sequence = 7;
  EXPECT_EQ(only(w.call(produce(0, make_batch(plan)), 9)).error_code,
            code(ErrorCode::out_of_order_sequence_number));
  plan.options.base_sequence = 2;
  EXPECT_EQ(only(w.call(produce(0, make_batch(plan)), 9)).base_offset, 2);
}

TEST(Produce, LogAppendTimeIsTold) {
  BrokerConfig config = default_config();
  config.settings["log.message.timestamp.type"] = "LogAppendTime";
  BrokerWorld w(config);
  EXPECT_GE(only(w.call(produce(0, make_batch({{"x"}})), 9)).log_append_time_ms,
            kDefaultWallEpoch.ms);
}

TEST(Produce, TheHighWatermarkAdvancesOnlyOverWhatIsSyncedWhereTheTopicAsksForThat) {
  BrokerConfig config = default_config();
  config.settings["flush.messages"] = "1";
  BrokerWorld w(config);
  const auto before = w.world().disk(w.broker()).operations(DiskOperation::sync);
  EXPECT_EQ(only(w.call(produce(0, make_batch({{"x"}})), 9)).base_offset, 0);
  EXPECT_GT(w.world().disk(w.broker()).operations(DiskOperation::sync), before);
  const auto advanced = w.facts(FactKind::hw_advanced);
  ASSERT_EQ(advanced.size(), 1u);
  EXPECT_EQ(advanced[0].value, 1);
  w.restart_after_power_loss();
  EXPECT_EQ(values_in(w.call(fetch(0, 0), 11).responses[0].partitions[0].records),
            (std::vector<std::string>{"x"}));
}

TEST(Produce, AFailedDiskIsNeverAcknowledgedAndHaltsTheNode) {
  BrokerWorld w;
  w.call(produce(0, make_batch({{"x"}})), 9);
  Line& line = w.connect();
  w.world().disk(w.broker()).fail({.operation = DiskOperation::write, .path_contains = "orders-0"});
  w.ask(line, produce(0, make_batch({{"y"}})), 9);
  const Slice frame = w.receive(line, std::chrono::seconds(2));
  if (!frame.empty()) {
    auto opened = open_response(Reader(frame), ApiKey::produce, 9);
    const auto response = decode<ProduceResponse>(opened->body, 9).value();
    EXPECT_EQ(only(response).error_code, code(ErrorCode::kafka_storage_error));
  }
  w.restart_after_kill();
  EXPECT_EQ(only(w.call(produce(0, make_batch({{"z"}})), 9)).error_code, 0);
}

}  // namespace
}  // namespace weir::test
