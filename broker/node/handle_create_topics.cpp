// CreateTopics: a broker that stands alone checks what is asked for as Kafka's controller does, and
// creates it; in a cluster the active controller does both.
//
// Alone, every partition has one replica, on this broker. Each topic is answered in its place; the
// others are not harmed by one that is wrong.
#include <map>

#include "broker/node/controller/forward.h"
#include "broker/node/handlers.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {
namespace {

using AskedCreation = CreateTopicsRequest::CreatableTopic;
using AnsweredCreation = CreateTopicsResponse::CreatableTopicResult;

constexpr std::int16_t kAsTheBrokerIsSet = -1;  // "as the broker is set"
constexpr int kToldAlready = -1;
constexpr std::int8_t kSourceIsTopic = 1;  // Kafka's ConfigSource.DYNAMIC_TOPIC_CONFIG

struct Verdict {
  ErrorCode error = ErrorCode::none;
  std::string why = {};
};

Verdict judge_assignments(const Node& node, const AskedCreation& asked) {
  if (asked.num_partitions != kAsTheBrokerIsSet || asked.replication_factor != kAsTheBrokerIsSet) {
    return {ErrorCode::invalid_request,
            "with assignments, the number of partitions and replicas must be -1"};
  }
  std::map<std::int32_t, bool> seen;
  for (const auto& assignment : asked.assignments) {
    if (!seen.emplace(assignment.partition_index, true).second) {
      return {ErrorCode::invalid_replica_assignment, "a partition is assigned twice"};
    }
    const bool here =
        assignment.broker_ids.size() == 1 && assignment.broker_ids[0] == node.config.id.value();
    if (!here) {
      return {
          ErrorCode::invalid_replica_assignment,
          "expected one replica a partition, on broker " + std::to_string(node.config.id.value())};
    }
  }
  const auto last = static_cast<std::int32_t>(seen.size()) - 1;
  if (seen.begin()->first != 0 || seen.rbegin()->first != last) {
    return {ErrorCode::invalid_replica_assignment, "partitions are numbered from 0 without gaps"};
  }
  return {};
}

Verdict judge_numbers(const Node& node, const AskedCreation& asked) {
  if (asked.num_partitions == 0 || asked.num_partitions < kAsTheBrokerIsSet ||
      asked.num_partitions > static_cast<std::int32_t>(kMaxPartitionsPerBroker)) {
    return {ErrorCode::invalid_partitions,
            "expected 1 to " + std::to_string(kMaxPartitionsPerBroker) + " partitions"};
  }
  const std::int64_t replicas = asked.replication_factor == kAsTheBrokerIsSet
                                    ? node.settings.default_replication_factor
                                    : asked.replication_factor;
  if (replicas != 1) {
    return {ErrorCode::invalid_replication_factor,
            "expected a replication factor of 1: each partition has one replica as yet"};
  }
  return {};
}

std::int32_t partitions_of(const Node& node, const AskedCreation& asked) {
  if (!asked.assignments.empty()) return static_cast<std::int32_t>(asked.assignments.size());
  return asked.num_partitions == kAsTheBrokerIsSet
             ? static_cast<std::int32_t>(node.settings.num_partitions)
             : asked.num_partitions;
}

Verdict read_configs(const Node& node, const AskedCreation& asked, ConfigMap& configs) {
  for (const auto& config : asked.configs) {
    if (!config.value) return {ErrorCode::invalid_config, config.name + " has no value"};
    configs.insert_or_assign(config.name, *config.value);
  }
  const Checked<TopicSettings> settings = parse_topic_settings(node.settings.topic, configs);
  if (!settings) return {ErrorCode::invalid_config, settings.error().text()};
  return {};
}

Verdict judge(const Node& node, const AskedCreation& asked, ConfigMap& configs) {
  if (const char* why = why_illegal_topic_name(asked.name)) {
    return {ErrorCode::invalid_topic_exception, why};
  }
  if (node.image()->topic(asked.name) != nullptr) {
    return {ErrorCode::topic_already_exists, "topic " + asked.name + " exists already"};
  }
  const Verdict numbers =
      asked.assignments.empty() ? judge_numbers(node, asked) : judge_assignments(node, asked);
  if (numbers.error != ErrorCode::none) return numbers;
  return read_configs(node, asked, configs);
}

std::string_view explain(ErrorCode error) {
  if (error == ErrorCode::invalid_topic_exception) {
    return "the name collides with that of another topic: '.' and '_' count as the same";
  }
  if (error == ErrorCode::invalid_partitions) return "this broker would lead too many partitions";
  if (error == ErrorCode::kafka_storage_error) return "the broker's disk failed";
  return name_of(error);
}

AnsweredCreation refuse(const std::string& name, ErrorCode error, std::string why) {
  AnsweredCreation answer;
  answer.name = name;
  answer.error_code = code_of(error);
  answer.error_message = std::move(why);
  answer.configs = std::nullopt;
  return answer;
}

AnsweredCreation tell(const TopicImage& topic) {
  AnsweredCreation answer;
  answer.name = topic.name;
  answer.topic_id = topic.id;
  answer.error_message = std::nullopt;
  answer.num_partitions = static_cast<std::int32_t>(topic.partitions.size());
  answer.replication_factor = 1;
  for (const auto& [key, value] : topic.configs) {
    answer.configs->push_back({key, value, false, kSourceIsTopic, false});
  }
  return answer;
}

Task<AnsweredCreation> create(Node& node, const AskedCreation& asked, bool validate_only) {
  ConfigMap configs;
  const Verdict verdict = judge(node, asked, configs);
  if (verdict.error != ErrorCode::none) co_return refuse(asked.name, verdict.error, verdict.why);
  TopicImage topic = node.topics.draft(asked.name, partitions_of(node, asked), std::move(configs));
  ErrorCode error = node.topics.judge_creation(topic);
  AnsweredCreation answer = tell(topic);
  if (validate_only) answer.topic_id = {};
  if (error == ErrorCode::none && !validate_only) {
    error = co_await node.topics.create(std::move(topic));
  }
  if (error != ErrorCode::none) {
    answer = refuse(asked.name, error, std::string(explain(error)));
  }
  co_return answer;
}

}  // namespace

Task<CreateTopicsResponse> handle(Node& node, RequestContext& context,
                                  CreateTopicsRequest request) {
  CreateTopicsResponse response;
  if (context.listener == ListenerKind::broker) {
    response = co_await forward(node, context, std::move(request));
    co_return response;
  }
  std::map<std::string_view, int> times;
  for (const AskedCreation& asked : request.topics) ++times[asked.name];
  for (const AskedCreation& asked : request.topics) {
    AnsweredCreation answer;
    int& named = times[asked.name];
    if (named == kToldAlready) continue;
    if (named > 1) {
      named = kToldAlready;
      answer = refuse(asked.name, ErrorCode::invalid_request, "the topic is named twice");
    } else {
      answer = co_await create(node, asked, request.validate_only);
    }
    response.topics.push_back(std::move(answer));
  }
  co_return response;
}

void describe(const CreateTopicsResponse& response, Phrase& phrase) {
  for (const AnsweredCreation& topic : response.topics) {
    if (phrase.full()) return;
    phrase << " " << topic.name;
    if (topic.error_code != 0) phrase << " " << name_of(error_code_of(topic.error_code));
  }
}

}  // namespace weir
