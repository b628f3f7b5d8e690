// What the listeners of a cluster answer: their APIs, descriptions from the image, refusals.
#include <set>

#include "broker/controller/setting_defaults.h"
#include "broker/wire/messages/allocate_producer_ids.h"
#include "broker/wire/messages/begin_quorum_epoch.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"
#include "broker/wire/messages/describe_cluster.h"
#include "broker/wire/messages/describe_configs.h"
#include "broker/wire/messages/describe_quorum.h"
#include "broker/wire/messages/describe_topic_partitions.h"
#include "broker/wire/messages/elect_leaders.h"
#include "broker/wire/messages/incremental_alter_configs.h"
#include "broker/wire/messages/update_features.h"
#include "broker/wire/messages/vote.h"
#include "cluster_lab.h"

namespace weir::test {
namespace {

using std::chrono::seconds;

ApiVersionsRequest api_versions() {
  ApiVersionsRequest request;
  request.client_software_name = "lab";
  request.client_software_version = "1";
  return request;
}

bool tells(const ApiVersionsResponse& response, ApiKey key) {
  for (const auto& api : response.api_keys) {
    if (api.api_key == static_cast<std::int16_t>(key)) return true;
  }
  return false;
}

TEST(ClusterApis, EachListenerTellsItsOwnAndTheFeaturesOfTheCluster) {
  ClusterLab lab(1, 1);
  const auto of_broker = lab.ask_broker("b1", api_versions());
  EXPECT_TRUE(tells(of_broker, ApiKey::produce));
  EXPECT_TRUE(tells(of_broker, ApiKey::describe_configs));
  EXPECT_FALSE(tells(of_broker, ApiKey::vote));
  EXPECT_FALSE(tells(of_broker, ApiKey::broker_heartbeat));
  const auto of_controller = lab.ask_controller("c1", api_versions());
  EXPECT_FALSE(tells(of_controller, ApiKey::produce));
  EXPECT_TRUE(tells(of_controller, ApiKey::vote));
  EXPECT_TRUE(tells(of_controller, ApiKey::fetch));
  EXPECT_TRUE(tells(of_controller, ApiKey::create_topics));
  for (const auto& response : {of_broker, of_controller}) {
    EXPECT_GT(response.finalized_features_epoch, 0);
    ASSERT_FALSE(response.finalized_features.empty());
    EXPECT_FALSE(response.supported_features.empty());
  }
  // KAFKA-17011: a minimum of 0 is not told before version 4.
  for (const auto& f : lab.ask_broker("b1", api_versions(), 3).supported_features) {
    EXPECT_GT(f.min_version, 0);
  }
}

TEST(ClusterApis, ACommandToAControllerThatIsNotActiveIsRefusedInEveryPlace) {
  ClusterLab lab(3, 1);
  const std::string standby = lab.another_controller_than(lab.active());
  CreateTopicsRequest create;
  create.topics = {{"a", 1, 1}, {"b", 1, 1}};
  const auto refused = lab.ask_controller(standby, create);
  ASSERT_EQ(refused.topics.size(), 2u);
  for (const auto& topic : refused.topics) {
    EXPECT_EQ(error_code_of(topic.error_code), ErrorCode::not_controller);
  }
  BrokerHeartbeatRequest beat;
  beat.broker_id = 1;
  EXPECT_EQ(error_code_of(lab.ask_controller(standby, beat).error_code), ErrorCode::not_controller);
  UpdateFeaturesRequest update;
  update.feature_updates = {{"metadata.version", 25}};
  for (const std::int16_t version : {0, 1, 2}) {
    EXPECT_EQ(error_code_of(lab.ask_controller(standby, update, version).error_code),
              ErrorCode::not_controller);
  }
  ElectLeadersRequest elect;
  elect.topic_partitions->push_back({"a", {0}});
  for (const std::int16_t version : {0, 1, 2}) {
    EXPECT_EQ(error_for_all(lab.ask_controller(standby, elect, version)),
              ErrorCode::not_controller);
  }
}

TEST(ClusterApis, StaleAndForeignWordsOfBrokersAreRefused) {
  ClusterLab lab(1, 1);
  const BrokerEpoch epoch = lab.node("b1").lifecycle->epoch();
  BrokerHeartbeatRequest beat;
  beat.broker_id = 1;
  for (const std::int64_t stale : {epoch.value() - 1, epoch.value() + 1, std::int64_t{-1}}) {
    beat.broker_epoch = stale;
    EXPECT_EQ(error_code_of(lab.ask_controller("c1", beat).error_code),
              ErrorCode::stale_broker_epoch);
  }
  AllocateProducerIdsRequest ids;
  ids.broker_id = 1;
  ids.broker_epoch = epoch.value() - 1;
  EXPECT_EQ(error_code_of(lab.ask_controller("c1", ids).error_code), ErrorCode::stale_broker_epoch);
  BrokerRegistrationRequest registration;
  registration.broker_id = 7;
  registration.incarnation_id = Uuid{1, 7};
  registration.cluster_id = "another";
  EXPECT_EQ(error_code_of(lab.ask_controller("c1", registration).error_code),
            ErrorCode::inconsistent_cluster_id);
  registration.cluster_id = BrokerConfig{}.cluster_id;
  registration.broker_id = 1;  // is alive, in another incarnation
  EXPECT_EQ(error_code_of(lab.ask_controller("c1", registration).error_code),
            ErrorCode::duplicate_broker_registration);
  lab.run_for(seconds(5));
  EXPECT_FALSE(lab.node("b1").lifecycle->fenced());
}

TEST(ClusterApis, WordsOfTheQuorumAboutAnythingElseAreRefused) {
  ClusterLab lab(3, 1);
  const std::string active = lab.active();
  EXPECT_EQ(error_code_of(lab.ask_controller(active, VoteRequest{}).error_code),
            ErrorCode::invalid_request);
  EXPECT_EQ(error_code_of(lab.ask_controller(active, BeginQuorumEpochRequest{}).error_code),
            ErrorCode::invalid_request);
  FetchRequest fetch;
  fetch.topics.emplace_back().topic = "orders";
  EXPECT_EQ(error_code_of(lab.ask_controller(active, fetch, 12).error_code),
            ErrorCode::invalid_request);
  // A vote for an old epoch gets the present one.
  VoteRequest vote;
  vote.cluster_id = BrokerConfig{}.cluster_id;
  auto& topic = vote.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  auto& partition = topic.partitions.emplace_back();
  partition.replica_id = 102;
  const auto answer = lab.ask_controller(active, vote);
  ASSERT_EQ(answer.topics.size(), 1u);
  EXPECT_FALSE(answer.topics[0].partitions[0].vote_granted);
  EXPECT_EQ(lab.active(), active);
}

TEST(ClusterApis, BrokersAndControllersDescribeTheirOwnKind) {
  ClusterLab lab(3, 2);
  DescribeClusterRequest request;
  const auto brokers = lab.ask_broker("b2", request);
  EXPECT_EQ(brokers.error_code, 0);
  EXPECT_EQ(brokers.controller_id, 2);  // whoever hands it on
  ASSERT_EQ(brokers.brokers.size(), 2u);
  EXPECT_EQ(brokers.brokers[0].host, "b1");
  EXPECT_EQ(error_code_of(lab.ask_controller("c1", request).error_code),
            ErrorCode::mismatched_endpoint_type);
  request.endpoint_type = 2;
  const auto controllers = lab.ask_controller("c1", request);
  EXPECT_EQ(controllers.brokers.size(), 3u);
  const Node& active = lab.node(lab.active());
  EXPECT_EQ(controllers.controller_id, active.config.id.value());
  request.endpoint_type = 9;
  EXPECT_EQ(error_code_of(lab.ask_broker("b1", request).error_code),
            ErrorCode::unsupported_endpoint_type);
  lab.kill("b1");
  lab.run_for(seconds(12));
  request.endpoint_type = 1;
  EXPECT_EQ(lab.ask_broker("b2", request).brokers.size(), 1u);
  request.include_fenced_brokers = true;
  EXPECT_EQ(lab.ask_broker("b2", request).brokers.size(), 2u);
}

TEST(ClusterApis, TheQuorumIsDescribedByItsLeaderWhoeverIsAsked) {
  ClusterLab lab(3, 1);
  DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  const auto answer = lab.ask_broker("b1", request);
  ASSERT_EQ(answer.topics.size(), 1u);
  const auto& partition = answer.topics[0].partitions.at(0);
  EXPECT_EQ(partition.error_code, 0);
  EXPECT_EQ(partition.leader_id, lab.node(lab.active()).config.id.value());
  EXPECT_EQ(partition.current_voters.size(), 3u);
  EXPECT_EQ(partition.observers.size(), 1u);
  EXPECT_EQ(answer.nodes.size(), 3u);
  request.topics[0].topic_name = "orders";
  EXPECT_EQ(error_code_of(lab.ask_broker("b1", request).error_code), ErrorCode::invalid_request);
}

TEST(ClusterApis, MetadataShowsWhoIsAliveAndWhoLeads) {
  ClusterLab lab(1, 3);
  ASSERT_EQ(lab.create_topic("b1", "orders", 3, 1), ErrorCode::none);
  lab.kill("b3");
  lab.run_for(seconds(12));
  MetadataRequest request;
  request.topics = std::vector<MetadataRequest::MetadataRequestTopic>{};
  request.topics->emplace_back().name = "orders";
  const auto answer = lab.ask_broker("b1", request);
  EXPECT_EQ(answer.brokers.size(), 2u);
  EXPECT_EQ(answer.controller_id, 1);
  ASSERT_EQ(answer.topics.size(), 1u);
  int leaderless = 0;
  for (const auto& partition : answer.topics[0].partitions) {
    if (partition.leader_id >= 0) continue;
    ++leaderless;
    EXPECT_EQ(error_code_of(partition.error_code), ErrorCode::leader_not_available);
    EXPECT_EQ(partition.offline_replicas, std::vector<std::int32_t>{3});
  }
  EXPECT_EQ(leaderless, 1);
  const auto described = lab.ask_broker("b1", DescribeTopicPartitionsRequest{});
  ASSERT_EQ(described.topics.size(), 1u);
  int eligible = 0;
  for (const auto& partition : described.topics[0].partitions) {
    eligible += partition.eligible_leader_replicas == std::vector<std::int32_t>{3} ? 1 : 0;
  }
  EXPECT_EQ(eligible, 1);  // its last in-sync replica may still have all of it
}

TEST(ClusterApis, PartitionsAreDescribedInPages) {
  ClusterLab lab(1, 1);
  ASSERT_EQ(lab.create_topic("b1", "a", 3, 1), ErrorCode::none);
  ASSERT_EQ(lab.create_topic("b1", "b", 2, 1), ErrorCode::none);
  DescribeTopicPartitionsRequest request;
  request.response_partition_limit = 2;
  std::vector<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    const auto answer = lab.ask_broker("b1", request);
    for (const auto& topic : answer.topics) {
      for (const auto& p : topic.partitions) {
        seen.push_back(*topic.name + std::to_string(p.partition_index));
      }
    }
    request.cursor = answer.next_cursor;
    if (!request.cursor) break;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a0", "a1", "a2", "b0", "b1"}));
  EXPECT_FALSE(request.cursor.has_value());
}

TEST(ClusterApis, TopicsAreCreatedOnTheWayOfAMetadataRequest) {
  ClusterLab lab(1, 2, {{"default.replication.factor", "2"}});
  MetadataRequest request;
  request.topics = std::vector<MetadataRequest::MetadataRequestTopic>{};
  request.topics->emplace_back().name = "orders";
  request.allow_auto_topic_creation = true;
  auto answer = lab.ask_broker("b1", request);
  EXPECT_EQ(error_code_of(answer.topics.at(0).error_code), ErrorCode::unknown_topic_or_partition);
  lab.run_for(seconds(1));
  answer = lab.ask_broker("b2", request);
  ASSERT_EQ(answer.topics.at(0).error_code, 0);
  EXPECT_EQ(answer.topics[0].partitions.at(0).replica_nodes.size(), 2u);
  request.allow_auto_topic_creation = false;
  request.topics->front().name = "payments";
  static_cast<void>(lab.ask_broker("b1", request));
  lab.run_for(seconds(1));
  EXPECT_EQ(lab.node("b1").image()->topic("payments"), nullptr);
}

TEST(ClusterApis, ProducerIdsAreUniqueAcrossBrokersRestartsAndFailovers) {
  ClusterLab lab(3, 2);
  std::set<std::int64_t> ids;
  int given = 0;
  const auto take = [&](const std::string& broker) {
    InitProducerIdRequest request;
    request.transactional_id = std::nullopt;
    const auto answer = lab.ask_broker(broker, request);
    EXPECT_EQ(answer.error_code, 0);
    ids.insert(answer.producer_id);
    ++given;
  };
  for (int i = 0; i < 3; ++i) {
    take("b1");
    take("b2");
  }
  lab.kill("b1");
  lab.kill(lab.active());
  lab.run_for(seconds(5));
  take("b2");
  lab.start("b1");
  lab.run_for(seconds(15));
  take("b1");
  take("b2");
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(given));
}

TEST(ClusterApis, SettingsAreToldWithWhoSetThem) {
  ClusterLab lab(1, 1, {{"log.retention.ms", "7000"}});
  ASSERT_EQ(lab.create_topic("b1", "orders", 1, 1), ErrorCode::none);
  IncrementalAlterConfigsRequest alter;
  auto& resource = alter.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "orders";
  resource.configs.push_back({"segment.ms", 0, "5000"});
  EXPECT_EQ(lab.ask_broker("b1", alter).responses.at(0).error_code, 0);
  lab.run_for(seconds(1));
  DescribeConfigsRequest request;
  request.include_synonyms = true;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = 2;
  asked.resource_name = "orders";
  asked.configuration_keys = std::nullopt;
  const auto answer = lab.ask_broker("b1", request);
  std::map<std::string, std::pair<std::string, int>> told;
  for (const auto& config : answer.results.at(0).configs) {
    told[config.name] = {config.value.value_or("null"), config.config_source};
  }
  EXPECT_EQ(told.size(), topic_setting_infos().size());
  EXPECT_EQ(told["segment.ms"], (std::pair<std::string, int>("5000", 1)));
  EXPECT_EQ(told["retention.ms"], (std::pair<std::string, int>("7000", 4)));
  EXPECT_EQ(told["cleanup.policy"], (std::pair<std::string, int>("delete", 5)));
  request.resources[0].resource_name = "nothing";
  EXPECT_EQ(error_code_of(lab.ask_broker("b1", request).results.at(0).error_code),
            ErrorCode::unknown_topic_or_partition);
  request.resources[0] = {4, "1", std::vector<std::string>{"num.partitions"}};
  const auto of_broker = lab.ask_broker("b1", request);
  ASSERT_EQ(of_broker.results.at(0).configs.size(), 1u);
  EXPECT_EQ(of_broker.results[0].configs[0].value, "1");
  request.resources[0].resource_name = "2";
  EXPECT_EQ(error_code_of(lab.ask_broker("b1", request).results.at(0).error_code),
            ErrorCode::invalid_request);
}

// The table that is told and the table that is obeyed know the same names and defaults.
TEST(SettingDefaults, AreThoseThatAreInForce) {
  std::set<std::string_view> told;
  ConfigMap topic_defaults;
  for (const TopicSettingInfo& info : topic_setting_infos()) {
    told.insert(info.name);
    topic_defaults.emplace(info.name, info.default_value);
  }
  for (const std::string_view name : topic_setting_names()) {
    EXPECT_TRUE(told.contains(name) || name.starts_with("internal.")) << name;
  }
  const auto topic = parse_topic_settings(TopicSettings{}, topic_defaults);
  ASSERT_TRUE(topic.has_value()) << topic.error().text();
  EXPECT_EQ(topic->log.retention_ms, TopicSettings{}.log.retention_ms);
  EXPECT_EQ(topic->log.segment_bytes, TopicSettings{}.log.segment_bytes);
  EXPECT_EQ(topic->log.flush_messages, TopicSettings{}.log.flush_messages);
  EXPECT_EQ(topic->log.max_message_bytes, TopicSettings{}.log.max_message_bytes);
  EXPECT_EQ(topic->log.segment_index_bytes, TopicSettings{}.log.segment_index_bytes);
  EXPECT_EQ(topic->log.timestamp_after_max_ms, TopicSettings{}.log.timestamp_after_max_ms);
  ConfigMap broker_defaults;
  for (const BrokerSettingInfo& info : broker_setting_infos()) {
    broker_defaults.emplace(info.name, info.default_value);
  }
  const auto broker = parse_broker_settings(broker_defaults);
  ASSERT_TRUE(broker.has_value()) << broker.error().text();
  EXPECT_EQ(broker->fetch_max_bytes, BrokerSettings{}.fetch_max_bytes);
  EXPECT_EQ(broker->broker_session_timeout_ms, BrokerSettings{}.broker_session_timeout_ms);
}

}  // namespace
}  // namespace weir::test
