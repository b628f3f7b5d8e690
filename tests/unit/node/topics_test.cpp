// Metadata, ApiVersions, topics, coordinators and producer ids; and what a restart remembers.
#include <set>

#include "broker/node/metadata_response.h"
#include "broker/node/producer_ids.h"
#include "broker_world.h"

namespace weir::test {
namespace {

CreateTopicsRequest create(std::string name, std::int32_t partitions = 1,
                           std::int16_t replicas = 1) {
  CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = std::move(name);
  topic.num_partitions = partitions;
  topic.replication_factor = replicas;
  return request;
}

MetadataRequest metadata_of(std::vector<std::string> names) {
  MetadataRequest request;
  request.topics.emplace();
  for (std::string& name : names) request.topics->push_back({{}, std::move(name)});
  return request;
}

TEST(ApiVersions, AdvertisesWhatOldClientsLookFor) {
  BrokerWorld w;
  ApiVersionsRequest request{"weir-test", "1.0"};
  for (std::int16_t v = 0; v <= 4; ++v) {
    const auto response = w.call(request, v);
    EXPECT_EQ(response.error_code, 0);
    std::map<std::int16_t, VersionRange> ranges;
    for (const auto& api : response.api_keys) {
      ranges[api.api_key] = {api.min_version, api.max_version};
    }
    EXPECT_EQ(ranges[0], (VersionRange{0, 12}));  // KAFKA-18659
    EXPECT_EQ(ranges[1], (VersionRange{4, 17}));
    EXPECT_EQ(ranges[2].min, 1);
    EXPECT_EQ(ranges[3], (VersionRange{0, 13}));  // KAFKA-18648
    EXPECT_EQ(ranges[10], (VersionRange{0, 6}));
    EXPECT_EQ(ranges[18], (VersionRange{0, 4}));
    EXPECT_EQ(ranges[22].min, 0);
    EXPECT_EQ(ranges.size(), 9u);  // only what is served
    for (const auto& feature : response.supported_features) EXPECT_NE(feature.min_version, 0);
  }
}

TEST(ApiVersions, ANamelessClientSoftwareIsRefused) {
  BrokerWorld w;
  EXPECT_EQ(w.call(ApiVersionsRequest{"-bad-", "1.0"}, 3).error_code,
            code(ErrorCode::invalid_request));
  EXPECT_EQ(w.call(ApiVersionsRequest{"good", "1.0"}, 3).error_code, 0);
}

TEST(Metadata, AnswersInEveryVersion) {
  BrokerWorld w;
  for (std::int16_t v = 0; v <= 13; ++v) {
    const auto response = w.call(metadata_of({"orders"}), v);
    ASSERT_EQ(response.brokers.size(), 2u) << v;
    EXPECT_EQ(response.brokers[0].host, "b1");
    EXPECT_EQ(response.brokers[0].port, 9092);
    EXPECT_EQ(response.controller_id, v >= 1 ? 1 : -1);
    if (v >= 2) {
      EXPECT_EQ(response.cluster_id, "weir-cluster-00000000A");
    }
    ASSERT_EQ(response.topics.size(), 1u);
    EXPECT_EQ(response.topics[0].name, "orders");
    EXPECT_EQ(response.topics[0].topic_id.is_zero(), v < 10);
    EXPECT_EQ(response.topics[0].topic_authorized_operations, INT32_MIN);
    ASSERT_EQ(response.topics[0].partitions.size(), 2u);
    EXPECT_EQ(response.topics[0].partitions[1].leader_id, 1);
    EXPECT_EQ(response.topics[0].partitions[1].leader_epoch, v >= 7 ? 0 : -1);
  }
}

TEST(Metadata, AllTopicsAreAskedForByEmptyInV0AndByNullLater) {
  BrokerWorld w;
  MetadataRequest none;
  EXPECT_EQ(w.call(none, 0).topics.size(), 2u);
  EXPECT_EQ(w.call(none, 1).topics.size(), 0u);
  MetadataRequest all;
  all.topics = std::nullopt;
  for (const std::int16_t v : {1, 8, 9, 13}) EXPECT_EQ(w.call(all, v).topics.size(), 2u) << v;
}

TEST(Metadata, TopicsAreFoundByIdFromV12On) {
  BrokerWorld w;
  MetadataRequest request;
  request.topics.emplace();
  request.topics->push_back({Uuid{1, 1}, std::nullopt});
  request.topics->push_back({Uuid{8, 8}, std::nullopt});
  const auto response = w.call(request, 12);
  ASSERT_EQ(response.topics.size(), 2u);
  EXPECT_EQ(response.topics[0].name, "orders");
  EXPECT_EQ(response.topics[1].error_code, code(ErrorCode::unknown_topic_id));
  EXPECT_FALSE(response.topics[1].name.has_value());
  EXPECT_EQ(w.call(request, 10).topics[0].error_code, code(ErrorCode::invalid_request));
}

TEST(Metadata, CreatesTopicsOnDemandWhereBothSidesAllowIt) {
  BrokerWorld w;
  EXPECT_EQ(w.call(metadata_of({"fresh"}), 3).topics[0].error_code, 0);
  MetadataRequest forbids = metadata_of({"other"});
  forbids.allow_auto_topic_creation = false;
  EXPECT_EQ(w.call(forbids, 4).topics[0].error_code, code(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(w.call(metadata_of({"no/good"}), 4).topics[0].error_code,
            code(ErrorCode::invalid_topic_exception));
  EXPECT_EQ(w.call(produce(0, make_batch({{"x"}}), -1, "fresh"), 9)
                .responses[0]
                .partition_responses[0]
                .error_code,
            0);

  BrokerConfig config = default_config();
  config.settings["auto.create.topics.enable"] = "false";
  BrokerWorld strict(config);
  EXPECT_EQ(strict.call(metadata_of({"fresh"}), 4).topics[0].error_code,
            code(ErrorCode::unknown_topic_or_partition));
}

TEST(Metadata, TwoAskersCreateATopicOnce) {
  BrokerWorld w;
  Line& a = w.connect();
  Line& b = w.connect();
  const auto first = w.ask(a, metadata_of({"fresh"}), 12);
  const auto second = w.ask(b, metadata_of({"fresh"}), 12);
  const auto x = w.answer<MetadataRequest>(a, 12, first);
  const auto y = w.answer<MetadataRequest>(b, 12, second);
  EXPECT_EQ(x.topics[0].topic_id, y.topics[0].topic_id);
  EXPECT_EQ(w.facts(FactKind::topic_created).size(), 1u);
}

TEST(Metadata, APartitionWithoutALiveLeaderSaysSo) {
  TopicImage topic = make_topic("t", Uuid{3, 3}, 1, {{BrokerId{9}, "b9", 1}}, {});
  const auto image = MetadataImage::create({{BrokerId{1}, "b1", 1}}, BrokerId{1}, {topic});
  const auto response = metadata_response(*image, "c", metadata_of({"t"}), 9);
  const auto& partition = response.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.error_code, code(ErrorCode::leader_not_available));
  EXPECT_EQ(partition.leader_id, -1);
  EXPECT_EQ(partition.offline_replicas, std::vector<std::int32_t>{9});
}

TEST(CreateTopics, CreatesInEveryVersion) {
  BrokerWorld w;
  for (std::int16_t v = 2; v <= 7; ++v) {
    CreateTopicsRequest request = create("t" + std::to_string(v), 3);
    request.topics[0].configs.push_back({"retention.ms", "1000"});
    const auto response = w.call(request, v);
    ASSERT_EQ(response.topics.size(), 1u);
    EXPECT_EQ(response.topics[0].error_code, 0) << v;
    EXPECT_FALSE(response.topics[0].error_message.has_value());
    EXPECT_EQ(response.topics[0].num_partitions, v >= 5 ? 3 : -1);
    EXPECT_EQ(response.topics[0].topic_id.is_zero(), v < 7);
    if (v >= 5) {
      EXPECT_EQ(response.topics[0].configs->at(0).name, "retention.ms");
    }
    EXPECT_EQ(w.call(request, v).topics[0].error_code, code(ErrorCode::topic_already_exists));
  }
}

struct Wrong {
  CreateTopicsRequest request;
  ErrorCode error;
};

TEST(CreateTopics, TellsWhatIsWrong) {
  BrokerWorld w;
  CreateTopicsRequest config = create("t");
  config.topics[0].configs.push_back({"retention.m", "1"});
  CreateTopicsRequest null_config = create("t");
  null_config.topics[0].configs.push_back({"retention.ms", std::nullopt});
  CreateTopicsRequest both = create("t", 1, 1);
  both.topics[0].assignments.push_back({0, {1}});
  CreateTopicsRequest gap = create("t", -1, -1);
  gap.topics[0].assignments.push_back({1, {1}});
  CreateTopicsRequest away = create("t", -1, -1);
  away.topics[0].assignments.push_back({0, {2}});
  w.call(create("a.b"), 5);
  const Wrong all[] = {
      {create("t", 0), ErrorCode::invalid_partitions},
      {create("t", -2), ErrorCode::invalid_partitions},
      {create("t", 2'000'000'000), ErrorCode::invalid_partitions},
      {create("t", 1, 0), ErrorCode::invalid_replication_factor},
      {create("t", 1, 3), ErrorCode::invalid_replication_factor},
      {create("."), ErrorCode::invalid_topic_exception},
      {create("a b"), ErrorCode::invalid_topic_exception},
      {create("a_b"), ErrorCode::invalid_topic_exception},
      {create("orders"), ErrorCode::topic_already_exists},
      {config, ErrorCode::invalid_config},
      {null_config, ErrorCode::invalid_config},
      {both, ErrorCode::invalid_request},
      {gap, ErrorCode::invalid_replica_assignment},
      {away, ErrorCode::invalid_replica_assignment},
  };
  for (const Wrong& wrong : all) {
    const auto answer = w.call(wrong.request, 5).topics.at(0);
    EXPECT_EQ(answer.error_code, code(wrong.error)) << *answer.error_message;
    EXPECT_FALSE(answer.error_message->empty());
  }
  CreateTopicsRequest twice = create("t");
  twice.topics.push_back(twice.topics[0]);
  twice.topics.push_back(create("u").topics[0]);
  const auto answers = w.call(twice, 5).topics;
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].error_code, code(ErrorCode::invalid_request));
  EXPECT_EQ(answers[1].error_code, 0);
}

TEST(CreateTopics, DefaultsAndAssignmentsCount) {
  BrokerConfig config = default_config();
  config.settings["num.partitions"] = "4";
  BrokerWorld w(config);
  EXPECT_EQ(w.call(create("t", -1, -1), 5).topics[0].num_partitions, 4);
  CreateTopicsRequest assigned = create("u", -1, -1);
  assigned.topics[0].assignments = {{1, {1}}, {0, {1}}};
  EXPECT_EQ(w.call(assigned, 5).topics[0].num_partitions, 2);
}

TEST(CreateTopics, ValidateOnlyCreatesNothing) {
  BrokerWorld w;
  CreateTopicsRequest request = create("t", 2);
  request.validate_only = true;
  EXPECT_EQ(w.call(request, 7).topics[0].error_code, 0);
  MetadataRequest ask = metadata_of({"t"});
  ask.allow_auto_topic_creation = false;
  EXPECT_EQ(w.call(ask, 4).topics[0].error_code, code(ErrorCode::unknown_topic_or_partition));
}

TEST(DeleteTopics, DeletesByNameAndById) {
  BrokerWorld w;
  w.call(produce(0, make_batch({{"x"}})), 9);
  EXPECT_EQ(w.call(DeleteTopicsRequest{.topic_names = {"orders", "nothing"}}, 5)
                .responses.at(1)
                .error_code,
            code(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(w.facts(FactKind::topic_deleted).size(), 1u);
  for (const std::string& file : w.world().disk(w.broker()).files()) {
    EXPECT_FALSE(file.starts_with("orders-")) << file;
  }
  const auto made = w.call(create("t"), 7).topics[0];
  DeleteTopicsRequest by_id;
  by_id.topics.push_back({std::nullopt, made.topic_id});
  by_id.topics.push_back({std::nullopt, Uuid{7, 7}});
  by_id.topics.push_back({"t", made.topic_id});
  const auto response = w.call(by_id, 6);
  EXPECT_EQ(response.responses[0].error_code, 0);
  EXPECT_EQ(response.responses[0].name, "t");
  EXPECT_EQ(response.responses[1].error_code, code(ErrorCode::unknown_topic_id));
  EXPECT_EQ(response.responses[2].error_code, code(ErrorCode::invalid_request));
}

TEST(DeleteTopics, ATopicMadeAgainIsEmptyAndHasANewId) {
  BrokerWorld w;
  w.call(produce(0, make_batch({{"x"}})), 9);
  w.call(DeleteTopicsRequest{.topic_names = {"orders"}}, 5);
  const auto made = w.call(create("orders", 2), 7).topics[0];
  EXPECT_EQ(made.error_code, 0);
  EXPECT_NE(made.topic_id, (Uuid{1, 1}));
  EXPECT_EQ(w.call(list_offsets(0, -1), 5).topics[0].partitions[0].offset, 0);
  w.restart_after_power_loss();
  EXPECT_EQ(w.call(list_offsets(0, -1), 5).topics[0].partitions[0].offset, 0);
}

TEST(DeleteTopics, MayBeDisabled) {
  BrokerConfig config = default_config();
  config.settings["delete.topic.enable"] = "false";
  BrokerWorld w(config);
  EXPECT_EQ(w.call(DeleteTopicsRequest{.topic_names = {"orders"}}, 3).responses[0].error_code,
            code(ErrorCode::topic_deletion_disabled));
  EXPECT_EQ(w.call(DeleteTopicsRequest{.topic_names = {"orders"}}, 2).responses[0].error_code,
            code(ErrorCode::invalid_request));
}

TEST(FindCoordinator, ThereIsNoneInTheShapeOfEachVersion) {
  BrokerWorld w;
  for (std::int16_t v = 0; v <= 6; ++v) {
    FindCoordinatorRequest request;
    request.key = v < 4 ? "g" : "";
    if (v >= 4) request.coordinator_keys = {"g", "h"};
    const auto response = w.call(request, v);
    if (v < 4) {
      EXPECT_EQ(response.error_code, code(ErrorCode::coordinator_not_available));
      EXPECT_EQ(response.node_id, -1);
    } else {
      ASSERT_EQ(response.coordinators.size(), 2u);
      EXPECT_EQ(response.coordinators[1].key, "h");
      EXPECT_EQ(response.coordinators[1].error_code, code(ErrorCode::coordinator_not_available));
    }
  }
}

TEST(InitProducerId, IdsAreNeverGivenTwice) {
  BrokerWorld w;
  const InitProducerIdRequest request{.transactional_id = std::nullopt};
  std::set<std::int64_t> given;
  for (int life = 0; life < 4; ++life) {
    for (std::int16_t v = 0; v <= 5; ++v) {
      const auto response = w.call(request, v);
      ASSERT_EQ(response.error_code, 0);
      EXPECT_EQ(response.producer_epoch, 0);
      EXPECT_TRUE(given.insert(response.producer_id).second) << response.producer_id;
    }
    if (life == 0) w.restart_after_kill();
    if (life == 1) w.restart_after_power_loss();
    if (life == 2) w.restart_after_stop();
  }
}

TEST(InitProducerId, BlocksOfBrokersNeverOverlap) {
  std::set<std::int64_t> firsts;
  for (std::int32_t broker : {0, 1, 2, 9999}) {
    for (std::int64_t round = 0; round < 3; ++round) {
      const std::int64_t first = first_producer_id(BrokerId{broker}, round).value();
      EXPECT_EQ(first % kProducerIdBlock, 0);
      EXPECT_TRUE(firsts.insert(first).second);
    }
  }
}

TEST(InitProducerId, TransactionsHaveNoCoordinatorYet) {
  BrokerWorld w;
  InitProducerIdRequest request;
  request.transactional_id = "tx";
  EXPECT_EQ(w.call(request, 4).error_code, code(ErrorCode::coordinator_not_available));
  request.transactional_id = "";
  EXPECT_EQ(w.call(request, 4).error_code, code(ErrorCode::invalid_request));
  request.transactional_id = std::nullopt;
  request.producer_id = 5;
  EXPECT_EQ(w.call(request, 4).error_code, code(ErrorCode::invalid_request));
}

TEST(Restart, KeepsTopicsIdsAndRecords) {
  BrokerWorld w;
  const auto made = w.call(create("t", 2), 7).topics[0];
  w.call(produce(1, make_batch({{"a", "b"}}), -1, "t"), 9);
  w.call(DeleteTopicsRequest{.topic_names = {"orders"}}, 5);
  for (const bool kill : {true, false}) {
    if (kill) {
      w.restart_after_kill();
    } else {
      w.restart_after_stop();
    }
    MetadataRequest ask = metadata_of({"t", "orders"});
    ask.allow_auto_topic_creation = false;
    const auto topics = w.call(ask, 12).topics;
    EXPECT_EQ(topics[0].topic_id, made.topic_id);
    EXPECT_EQ(topics[1].error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(values_in(w.call(fetch(1, 0, "t"), 11).responses[0].partitions[0].records),
              (std::vector<std::string>{"a", "b"}));
  }
}

TEST(Restart, CreationAndDeletionSurviveAPowerLossOnceAnswered) {
  BrokerWorld w;
  const auto made = w.call(create("t"), 7).topics[0];
  w.restart_after_power_loss();
  MetadataRequest ask = metadata_of({"t"});
  ask.allow_auto_topic_creation = false;
  EXPECT_EQ(w.call(ask, 12).topics[0].topic_id, made.topic_id);
  w.call(DeleteTopicsRequest{.topic_names = {"t"}}, 5);
  w.restart_after_power_loss();
  EXPECT_EQ(w.call(ask, 12).topics[0].error_code, code(ErrorCode::unknown_topic_or_partition));
}

TEST(Restart, EveryFailedDiskOperationOfAStartHaltsOrIsSurvived) {
  BrokerConfig config = default_config();
  config.settings["flush.messages"] = "1";  // a failed sync may drop what was not durable before
  for (std::uint64_t nth = 1; nth <= 40; ++nth) {
    BrokerWorld w(config);
    w.call(produce(0, make_batch({{"a"}})), 9);
    w.world().kill(w.broker());
    w.world().disk(w.broker()).fail({.nth = nth});
    w.world().start(w.broker());
    w.run_for(std::chrono::seconds(2));
    w.world().disk(w.broker()).clear_faults();
    EXPECT_FALSE(w.world().failed(w.broker())) << nth;
    if (!w.world().alive(w.broker())) {
      EXPECT_FALSE(w.facts(FactKind::node_failed).empty()) << nth;
    }
    w.restart_after_kill();
    EXPECT_EQ(values_in(w.call(fetch(0, 0), 11).responses[0].partitions[0].records),
              (std::vector<std::string>{"a"}))
        << nth;
  }
}

}  // namespace
}  // namespace weir::test
