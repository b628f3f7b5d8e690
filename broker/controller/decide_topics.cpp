// Topics: CreateTopics, with all of Kafka's checks, and DeleteTopics.
//
// Each topic of a request is judged in its place; what is wrong with one does not harm the others.
// The checks of one see the topics that the request created before it.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "broker/controller/decisions.h"
#include "broker/controller/placement.h"
#include "broker/wire/messages/create_topics.h"
#include "broker/wire/messages/delete_topics.h"

namespace weir::deciding {
namespace {

using AskedCreation = CreateTopicsRequest::CreatableTopic;
using AnsweredCreation = CreateTopicsResponse::CreatableTopicResult;
using AskedDeletion = DeleteTopicsRequest::DeleteTopicState;
using AnswerToDeletion = DeleteTopicsResponse::DeletableTopicResult;

constexpr std::int16_t kDefault = -1;   // "as the cluster is set"
constexpr std::int8_t kSetByTopic = 1;  // Kafka's ConfigSource.DYNAMIC_TOPIC_CONFIG
constexpr std::string_view kMetadataTopic = "__cluster_metadata";

// Everything about a topic but its id, before anything is written.
struct Plan {
  std::vector<PartitionImage> partitions;
  std::int16_t replication_factor = 0;
  ConfigMap configs;
};

Refusal check_name(const MetadataImage& image, const std::string& name) {
  if (name == kMetadataTopic) {
    return {ErrorCode::invalid_request, "the topic __cluster_metadata is not for clients"};
  }
  if (const char* why = why_illegal_topic_name(name)) {
    return {ErrorCode::invalid_topic_exception, why};
  }
  if (image.find_topic(name) != nullptr) {
    return {ErrorCode::topic_already_exists, "topic " + name + " exists already"};
  }
  if (name.find_first_of("._") == std::string::npos) return {};
  for (const auto& [other, topic] : image.topics()) {
    if (topic_names_collide(other, name)) {
      return {ErrorCode::invalid_topic_exception,
              "the name collides with that of topic " + other + ": '.' and '_' count as the same"};
    }
  }
  return {};
}

Refusal plan_assignments(const Context& in, const AskedCreation& asked, Plan& plan) {
  if (asked.replication_factor != kDefault || asked.num_partitions != kDefault) {
    return {ErrorCode::invalid_request,
            "with assignments, the number of partitions and replicas must be -1"};
  }
  std::map<std::int32_t, const std::vector<std::int32_t>*> by_index;
  for (const auto& assignment : asked.assignments) {
    if (!by_index.emplace(assignment.partition_index, &assignment.broker_ids).second) {
      return {ErrorCode::invalid_replica_assignment, "a partition is assigned twice"};
    }
  }
  std::int32_t expected = 0;
  for (const auto& [index, replicas] : by_index) {
    if (index != expected++) {
      return {ErrorCode::invalid_replica_assignment, "partitions are numbered from 0 without gaps"};
    }
    Refusal refusal = check_assignment(in.image(), *replicas);
    if (refusal.refused()) return refusal;
    if (replicas->size() != by_index.begin()->second->size()) {
      return {ErrorCode::invalid_replica_assignment,
              "all partitions must have the same number of replicas"};
    }
    plan.partitions.push_back(new_partition(in.image(), *replicas));
    if (plan.partitions.back().isr.empty()) {
      return {ErrorCode::invalid_replica_assignment, "all brokers of partition " +
                                                         std::to_string(index) +
                                                         " are fenced or in controlled shutdown"};
    }
  }
  plan.replication_factor = static_cast<std::int16_t>(by_index.begin()->second->size());
  return {};
}

Refusal plan_placement(const Context& in, const AskedCreation& asked, std::size_t allowance,
                       Plan& plan) {
  if (asked.replication_factor == 0 || asked.replication_factor < kDefault) {
    return {ErrorCode::invalid_replication_factor, "expected a replication factor of 1 or more"};
  }
  if (asked.num_partitions == 0 || asked.num_partitions < kDefault) {
    return {ErrorCode::invalid_partitions, "expected 1 partition or more"};
  }
  const std::int32_t count =
      asked.num_partitions == kDefault ? in.options.num_partitions : asked.num_partitions;
  if (static_cast<std::size_t>(count) > allowance) return {};  // refused by who counts them
  plan.replication_factor = asked.replication_factor == kDefault
                                ? in.options.default_replication_factor
                                : asked.replication_factor;
  Placer placer(in.image().brokers(), in.random);
  std::string why = placer.why_impossible(plan.replication_factor);
  if (!why.empty()) return {ErrorCode::invalid_replication_factor, std::move(why)};
  for (std::int32_t p = 0; p < count; ++p) {
    plan.partitions.push_back(new_partition(in.image(), placer.next(plan.replication_factor)));
  }
  return {};
}

Refusal plan_configs(const AskedCreation& asked, std::size_t& bytes_left, Plan& plan) {
  for (const auto& config : asked.configs) {
    if (!config.value) return {ErrorCode::invalid_config, config.name + " has no value"};
    const std::size_t bytes = config.name.size() + config.value->size();
    if (bytes > bytes_left) {
      return {ErrorCode::policy_violation, "the request sets too much at once"};
    }
    bytes_left -= bytes;
    plan.configs.insert_or_assign(config.name, *config.value);
  }
  const Checked<TopicSettings> settings = parse_topic_settings(TopicSettings{}, plan.configs);
  if (!settings) return {ErrorCode::invalid_config, settings.error().text()};
  return {};
}

std::size_t partitions_asked(const Context& in, const AskedCreation& asked) {
  if (!asked.assignments.empty()) return asked.assignments.size();
  if (asked.num_partitions == kDefault) return static_cast<std::size_t>(in.options.num_partitions);
  return asked.num_partitions > 0 ? static_cast<std::size_t>(asked.num_partitions) : 0;
}

AnsweredCreation refuse(const std::string& name, Refusal refusal) {
  AnsweredCreation answer;
  answer.name = name;
  answer.error_code = code_of(refusal.error);
  answer.error_message = std::move(refusal.why);
  answer.configs = std::nullopt;
  return answer;
}

AnsweredCreation tell(const std::string& name, const Uuid& id, const Plan& plan) {
  AnsweredCreation answer;
  answer.name = name;
  answer.topic_id = id;
  answer.error_message = std::nullopt;
  answer.num_partitions = static_cast<std::int32_t>(plan.partitions.size());
  answer.replication_factor = plan.replication_factor;
  for (const auto& [key, value] : plan.configs) {
    answer.configs->push_back({key, value, false, kSetByTopic, false});
  }
  return answer;
}

Uuid new_topic_id(Context& in) {
  Uuid id = make_topic_id(in.random);
  while (in.image().find_topic(id) != nullptr) id = make_topic_id(in.random);
  return id;
}

void write(Context& in, const std::string& name, const Uuid& id, const Plan& plan) {
  TopicRecord topic;
  topic.name = name;
  topic.topic_id = id;
  in.draft.add(std::move(topic), "created");
  for (const auto& [key, value] : plan.configs) {
    ConfigRecord config;
    config.resource_type = kTopicResource;
    config.resource_name = name;
    config.name = key;
    config.value = value;
    in.draft.add(std::move(config), "created");
  }
  for (std::size_t p = 0; p < plan.partitions.size(); ++p) {
    add_partition(in, id, static_cast<std::int32_t>(p), plan.partitions[p], "created");
  }
}

struct Allowance {
  std::size_t partitions = kMaxNewPartitionsPerRequest;
  std::size_t config_bytes = kMaxConfigBytesPerRequest;
};

AnsweredCreation create(Context& in, const AskedCreation& asked, bool validate_only,
                        Allowance& left) {
  Refusal refusal = check_name(in.image(), asked.name);
  if (refusal.refused()) return refuse(asked.name, std::move(refusal));
  Plan plan;
  const std::size_t count = partitions_asked(in, asked);
  refusal = asked.assignments.empty() ? plan_placement(in, asked, left.partitions, plan)
                                      : plan_assignments(in, asked, plan);
  if (!refusal.refused() && count > left.partitions) {
    refusal = {
        ErrorCode::policy_violation,
        "a request creates at most " + std::to_string(kMaxNewPartitionsPerRequest) + " partitions"};
  }
  if (!refusal.refused() && in.image().partition_count() + count > kMaxPartitionsOfCluster) {
    refusal = {ErrorCode::invalid_partitions, "the cluster would have too many partitions"};
  }
  if (!refusal.refused()) refusal = plan_configs(asked, left.config_bytes, plan);
  if (refusal.refused()) return refuse(asked.name, std::move(refusal));
  left.partitions -= count;
  if (validate_only) return tell(asked.name, {}, plan);
  const Uuid id = new_topic_id(in);
  write(in, asked.name, id, plan);
  return tell(asked.name, id, plan);
}

// Fills in name and id of the topic that is meant, or says why there is none.
ErrorCode identify(const Context& in, AnswerToDeletion& answer) {
  const bool by_id = !answer.topic_id.is_zero();
  if (by_id == answer.name.has_value()) return ErrorCode::invalid_request;
  if (!in.options.delete_topic_enable) return ErrorCode::topic_deletion_disabled;
  const TopicImage* topic =
      by_id ? in.image().find_topic(answer.topic_id) : in.image().find_topic(*answer.name);
  if (topic == nullptr) {
    return by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
  }
  answer.name = topic->name;
  answer.topic_id = topic->id;
  return ErrorCode::none;
}

}  // namespace

CreateTopicsResponse decide(const CreateTopicsRequest& request, Context& in) {
  CreateTopicsResponse response;
  std::map<std::string_view, int> times;
  std::size_t records = 0;
  for (const AskedCreation& asked : request.topics) {
    ++times[asked.name];
    records += 1 + partitions_asked(in, asked) + asked.configs.size();
  }
  // More than the limits allow is refused anyway.
  constexpr std::size_t kMostRecords = 3 * kMaxNewPartitionsPerRequest;
  if (!request.validate_only) in.draft.expect(std::min(records, kMostRecords));
  Allowance left;
  std::set<std::string_view> told;
  for (const AskedCreation& asked : request.topics) {
    if (times[asked.name] == 1) {
      response.topics.push_back(create(in, asked, request.validate_only, left));
    } else if (told.insert(asked.name).second) {
      response.topics.push_back(
          refuse(asked.name, {ErrorCode::invalid_request, "the topic is named twice"}));
    }
  }
  return response;
}

DeleteTopicsResponse decide(const DeleteTopicsRequest& request, Context& in) {
  DeleteTopicsResponse response;
  std::vector<AskedDeletion> all = request.topics;
  for (const std::string& name : request.topic_names) all.push_back({name, {}});
  in.draft.expect(all.size());
  for (const AskedDeletion& asked : all) {
    AnswerToDeletion answer;
    answer.name = asked.name;
    answer.topic_id = asked.topic_id;
    const ErrorCode error = identify(in, answer);
    answer.error_code = code_of(error);
    if (error == ErrorCode::none) {
      RemoveTopicRecord record;
      record.topic_id = answer.topic_id;
      in.draft.add(std::move(record), "deleted");
    }
    response.responses.push_back(std::move(answer));
  }
  return response;
}

}  // namespace weir::deciding
