// Topics and partitions created and deleted; settings, features, producer ids.
#include <gtest/gtest.h>

#include "controller_lab.h"

namespace weir {
namespace {

constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;

CreateTopicsRequest::CreatableTopic plain(const std::string& name, std::int32_t partitions,
                                          std::int16_t replicas) {
  CreateTopicsRequest::CreatableTopic topic;
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = replicas;
  return topic;
}

ErrorCode create(ControllerLab& lab, const CreateTopicsRequest::CreatableTopic& topic) {
  CreateTopicsRequest request;
  request.topics.push_back(topic);
  return error_code_of(lab.ask(request).topics.at(0).error_code);
}

TEST(CreateTopics, PlacesReplicasAndTellsWhatItMade) {
  ControllerLab lab({}, 3);
  CreateTopicsRequest request;
  request.topics.push_back(plain("orders", 6, 2));
  request.topics.back().configs.push_back({"retention.ms", "5"});
  const auto answer = lab.ask(request).topics.at(0);
  ASSERT_EQ(answer.error_code, 0) << *answer.error_message;
  EXPECT_EQ(answer.num_partitions, 6);
  EXPECT_EQ(answer.replication_factor, 2);
  const auto topic = lab.image().topic("orders");
  EXPECT_EQ(topic->id, answer.topic_id);
  EXPECT_EQ(topic->configs.at("retention.ms"), "5");
  for (const PartitionImage& p : topic->partitions) {
    EXPECT_EQ(p.leader, p.preferred_leader());
    EXPECT_EQ(p.isr, p.replicas);
    EXPECT_EQ(p.directories.at(0), (Uuid{100, static_cast<std::uint64_t>(p.leader.value())}));
  }
}

TEST(CreateTopics, AnswersEachMistakeByItsOwnError) {
  ControllerLab lab({}, 3);
  lab.create_topic("a.b", {{1}});
  EXPECT_EQ(create(lab, plain("a b", 1, 1)), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(create(lab, plain("a_b", 1, 1)), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(create(lab, plain("a.b", 1, 1)), ErrorCode::topic_already_exists);
  EXPECT_EQ(create(lab, plain("__cluster_metadata", 1, 1)), ErrorCode::invalid_request);
  EXPECT_EQ(create(lab, plain("t", 0, 1)), ErrorCode::invalid_partitions);
  EXPECT_EQ(create(lab, plain("t", -2, 1)), ErrorCode::invalid_partitions);
  EXPECT_EQ(create(lab, plain("t", 1, 0)), ErrorCode::invalid_replication_factor);
  EXPECT_EQ(create(lab, plain("t", 1, 4)), ErrorCode::invalid_replication_factor);
  EXPECT_EQ(create(lab, plain("t", 10'001, 1)), ErrorCode::policy_violation);
  auto configs = plain("t", 1, 1);
  configs.configs.push_back({"retention.mss", "1"});
  EXPECT_EQ(create(lab, configs), ErrorCode::invalid_config);
  configs.configs[0] = {"retention.ms", std::nullopt};
  EXPECT_EQ(create(lab, configs), ErrorCode::invalid_config);
  auto manual = plain("t", -1, -1);
  manual.assignments = {{0, {1, 2}}, {2, {1, 2}}};
  EXPECT_EQ(create(lab, manual), ErrorCode::invalid_replica_assignment);
  manual.assignments = {{0, {1, 2}}, {1, {1}}};
  EXPECT_EQ(create(lab, manual), ErrorCode::invalid_replica_assignment);
  manual.assignments = {{0, {1, 9}}};
  EXPECT_EQ(create(lab, manual), ErrorCode::invalid_replica_assignment);
  manual.assignments = {{0, {1, 1}}};
  EXPECT_EQ(create(lab, manual), ErrorCode::invalid_replica_assignment);
  manual.assignments = {{0, {1}}};
  manual.num_partitions = 1;
  EXPECT_EQ(create(lab, manual), ErrorCode::invalid_request);
  EXPECT_EQ(lab.image().topics().size(), 1u);
}

TEST(CreateTopics, OnlyValidatesWhereAskedTo) {
  ControllerLab lab({}, 3);
  CreateTopicsRequest request;
  request.validate_only = true;
  request.topics.push_back(plain("orders", 2, 3));
  const auto end = lab.log.size();
  const auto answer = lab.ask(request).topics.at(0);
  EXPECT_EQ(answer.error_code, 0);
  EXPECT_EQ(answer.num_partitions, 2);
  EXPECT_TRUE(answer.topic_id.is_zero());
  EXPECT_EQ(lab.log.size(), end);
}

TEST(CreateTopics, JudgesEachTopicOfARequestAlone) {
  ControllerLab lab({}, 1);
  CreateTopicsRequest request;
  request.topics = {plain("a", 1, 1), plain("b", 1, 5), plain("c", 1, 1), plain("c", 1, 1)};
  const auto answers = lab.ask(request).topics;
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].error_code, 0);
  EXPECT_EQ(error_code_of(answers[1].error_code), ErrorCode::invalid_replication_factor);
  EXPECT_EQ(error_code_of(answers[2].error_code), ErrorCode::invalid_request);
}

TEST(CreateTopics, NeedsABrokerThatIsAlive) {
  ControllerLab lab({}, 2);
  lab.lose_all_but({});
  EXPECT_EQ(create(lab, plain("t", 1, 1)), ErrorCode::invalid_replication_factor);
  auto manual = plain("t", -1, -1);
  manual.assignments = {{0, {1, 2}}};
  EXPECT_EQ(create(lab, manual), ErrorCode::invalid_replica_assignment);
  lab.start_broker(2, 2);
  EXPECT_EQ(create(lab, manual), ErrorCode::none);
  EXPECT_EQ(lab.state("t"), "leader=2/0 isr=2");
}

TEST(CreateTopics, OfManyPartitionsAtOnceTakeEffectTogether) {
  ControllerLab lab({}, 3);
  EXPECT_EQ(create(lab, plain("large", 10'000, 3)), ErrorCode::none);
  const std::size_t at = lab.log.size();
  lab.now = lab.now + lab.controller.options().session_timeout;
  lab.heartbeat(2);
  lab.heartbeat(3);
  const Appends appends = lab.controller.deadline_passed(lab.now);
  EXPECT_EQ(appends.batches.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<BeginTransactionRecord>(appends.batches[0][0].record));
  // A standby that has the first batch only shows nothing of it, and a controller undoes it.
  const std::uint64_t before = lab.standby.published().digest();
  std::vector<MetadataRecord> first;
  for (const auto& r : appends.batches[0]) first.push_back(r.record);
  const Offset end{static_cast<std::int64_t>(at + first.size())};
  ASSERT_TRUE(lab.standby.apply(first, {end, lab.epoch}));
  EXPECT_EQ(lab.standby.published().digest(), before);
  EXPECT_NE(lab.standby.latest().digest(), before);
  lab.log.insert(lab.log.end(), appends.batches[0].begin(), appends.batches[0].end());
  lab.fail_over();
  EXPECT_EQ(lab.image().digest(), before);
  EXPECT_FALSE(lab.image().broker(BrokerId{1})->fenced);
}

TEST(DeleteTopics, ByNameAndById) {
  ControllerLab lab({}, 1);
  lab.create_topic("a", {{1}});
  const Uuid b = lab.create_topic("b", {{1}});
  DeleteTopicsRequest request;
  request.topics = {{"a", {}}, {std::nullopt, b}, {"a", {}}, {std::nullopt, {9, 9}}, {"x", b}};
  const auto answers = lab.ask(request).responses;
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(answers[0].error_code, 0);
  EXPECT_EQ(answers[1].error_code, 0);
  EXPECT_EQ(*answers[1].name, "b");
  EXPECT_EQ(error_code_of(answers[2].error_code), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(error_code_of(answers[3].error_code), ErrorCode::unknown_topic_id);
  EXPECT_EQ(error_code_of(answers[4].error_code), ErrorCode::invalid_request);
  EXPECT_TRUE(lab.image().topics().empty());
  EXPECT_EQ(lab.image().partition_count(), 0u);
}

TEST(CreatePartitions, OnlyEverAddsThem) {
  ControllerLab lab({}, 3);
  lab.create_topic("t", {{1, 2}});
  const auto ask = [&](std::int32_t count,
                       std::optional<std::vector<std::vector<std::int32_t>>> replicas = {}) {
    CreatePartitionsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.count = count;
    topic.assignments = std::nullopt;
    if (replicas) {
      topic.assignments.emplace();
      for (auto& r : *replicas) topic.assignments->push_back({r});
    }
    return error_code_of(lab.ask(request).results.at(0).error_code);
  };
  EXPECT_EQ(ask(1), ErrorCode::invalid_partitions);
  EXPECT_EQ(ask(0), ErrorCode::invalid_partitions);
  EXPECT_EQ(ask(3, {{{1, 2}}}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(ask(2, {{{1}}}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(ask(20'000), ErrorCode::policy_violation);
  EXPECT_EQ(ask(2, {{{3, 1}}}), ErrorCode::none);
  EXPECT_EQ(lab.state("t", 1), "leader=3/0 isr=3,1");
  EXPECT_EQ(ask(4), ErrorCode::none);
  EXPECT_EQ(lab.partition("t", 3).replicas.size(), 2u);
}

TEST(Settings, AreSetRemovedAndCheckedAsAWhole) {
  ControllerLab lab({}, 1);
  lab.create_topic("t", {{1}});
  EXPECT_EQ(lab.set_config(kTopic, "t", "retention.ms", "7"), ErrorCode::none);
  EXPECT_EQ(lab.image().topic("t")->configs.at("retention.ms"), "7");
  EXPECT_EQ(lab.set_config(kTopic, "t", "retention.ms", "x"), ErrorCode::invalid_config);
  EXPECT_EQ(lab.set_config(kTopic, "t", "retention.mss", "1"), ErrorCode::invalid_config);
  EXPECT_EQ(lab.set_config(kTopic, "nothing", "retention.ms", "1"),
            ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(lab.set_config(kBroker, "1", "log.retention.ms", "1"), ErrorCode::none);
  EXPECT_EQ(lab.set_config(kBroker, "9", "log.retention.ms", "1"),
            ErrorCode::broker_id_not_registered);
  EXPECT_EQ(lab.set_config(kBroker, "one", "log.retention.ms", "1"), ErrorCode::invalid_request);
  EXPECT_EQ(lab.set_config(8, "t", "retention.ms", "1"), ErrorCode::invalid_request);
  EXPECT_EQ(lab.set_config(kTopic, "t", "retention.ms", std::string(2'000'000, '1')),
            ErrorCode::policy_violation);
  EXPECT_EQ(lab.set_config(kTopic, "t", "retention.ms", std::nullopt), ErrorCode::none);
  EXPECT_TRUE(lab.image().topic("t")->configs.empty());
}

TEST(Settings, OfListsCanBeAppendedToAndSubtractedFrom) {
  ControllerLab lab({}, 1);
  lab.create_topic("t", {{1}});
  const auto alter = [&](const std::string& key, std::int8_t operation, const std::string& value) {
    IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = kTopic;
    resource.resource_name = "t";
    resource.configs.push_back({key, operation, value});
    return error_code_of(lab.ask(request).responses.at(0).error_code);
  };
  EXPECT_EQ(alter("cleanup.policy", 2, "compact"), ErrorCode::none);
  EXPECT_EQ(lab.image().topic("t")->configs.at("cleanup.policy"), "delete,compact");
  EXPECT_EQ(alter("cleanup.policy", 3, "delete"), ErrorCode::none);
  EXPECT_EQ(lab.image().topic("t")->configs.at("cleanup.policy"), "compact");
  EXPECT_EQ(alter("retention.ms", 2, "1"), ErrorCode::invalid_config);
  EXPECT_EQ(alter("retention.ms", 9, "1"), ErrorCode::invalid_request);
}

TEST(Settings, OfTheOldKindReplaceAllOthers) {
  ControllerLab lab({}, 1);
  lab.create_topic("t", {{1}}, {{"retention.ms", "7"}, {"flush.ms", "1"}});
  AlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = kTopic;
  resource.resource_name = "t";
  resource.configs.push_back({"flush.ms", "2"});
  EXPECT_EQ(lab.ask(request).responses.at(0).error_code, 0);
  EXPECT_EQ(lab.image().topic("t")->configs, (ConfigMap{{"flush.ms", "2"}}));
}

TEST(Settings, MinInsyncReplicasBelongsToTheClusterWhileReplicasAreEligible) {
  ControllerLab lab({}, 1);
  ASSERT_NE(lab.image().broker_config("", "min.insync.replicas"), nullptr);
  EXPECT_EQ(lab.set_config(kBroker, "1", "min.insync.replicas", "1"), ErrorCode::invalid_config);
  EXPECT_EQ(lab.set_config(kBroker, "", "min.insync.replicas", std::nullopt),
            ErrorCode::invalid_config);
  EXPECT_EQ(lab.set_config(kBroker, "", "min.insync.replicas", "2"), ErrorCode::none);
}

UpdateFeaturesResponse update(ControllerLab& lab, const std::string& feature, std::int16_t level,
                              std::int8_t type = 1) {
  UpdateFeaturesRequest request;
  request.feature_updates.push_back({feature, level, false, type});
  return lab.ask(request);
}

TEST(Features, BeginWithTheNewestAndChangeWithinWhatAllNodesKnow) {
  ControllerLab lab({}, 1);
  EXPECT_EQ(lab.image().feature("metadata.version"), 25);
  EXPECT_EQ(lab.image().feature("eligible.leader.replicas.version"), 1);
  const auto code = [](const UpdateFeaturesResponse& r) { return error_code_of(r.error_code); };
  EXPECT_EQ(code(update(lab, "metadata.version", 26)), ErrorCode::invalid_update_version);
  EXPECT_EQ(code(update(lab, "metadata.version", 24)), ErrorCode::invalid_update_version);
  EXPECT_EQ(code(update(lab, "metadata.version", 24, 2)), ErrorCode::none);
  EXPECT_EQ(code(update(lab, "metadata.version", 20, 2)), ErrorCode::invalid_update_version);
  EXPECT_EQ(code(update(lab, "kraft.version", 1)), ErrorCode::invalid_update_version);
  EXPECT_EQ(code(update(lab, "no.such", 1)), ErrorCode::invalid_update_version);
  EXPECT_EQ(lab.image().feature("metadata.version"), 24);
}

TEST(Features, EligibleReplicasAreNotTurnedOffWhileAPartitionRestsOnThem) {
  ControllerLab lab({}, 2);
  lab.create_topic("t", {{1}});
  lab.lose_all_but({2});
  const std::string elr = "eligible.leader.replicas.version";
  EXPECT_EQ(error_code_of(update(lab, elr, 0, 2).error_code), ErrorCode::invalid_update_version);
  lab.start_broker(1, 2);
  EXPECT_EQ(update(lab, elr, 0, 2).error_code, 0);
  EXPECT_FALSE(elr_is_on(lab.image()));
  lab.lose_all_but({2});
  EXPECT_EQ(lab.state("t"), "leader=-1/3 isr=1 recovering");
  EXPECT_EQ(update(lab, elr, 1).error_code, 0);
  EXPECT_EQ(lab.state("t"), "leader=-1/3 isr= elr=1 last=1 recovering");
}

TEST(ProducerIds, ComeInBlocksThatNeverOverlap) {
  ControllerLab lab({}, 1);
  AllocateProducerIdsRequest request;
  request.broker_id = 1;
  request.broker_epoch = lab.image().broker(BrokerId{1})->epoch.value();
  EXPECT_EQ(lab.ask(request).producer_id_start, 0);
  EXPECT_EQ(lab.ask(request).producer_id_start, 1000);
  lab.fail_over();
  const auto third = lab.ask(request);
  EXPECT_EQ(third.producer_id_start, 2000);
  EXPECT_EQ(third.producer_id_len, 1000);
  request.broker_epoch += 1;
  EXPECT_EQ(error_code_of(lab.ask(request).error_code), ErrorCode::stale_broker_epoch);
}

}  // namespace
}  // namespace weir
