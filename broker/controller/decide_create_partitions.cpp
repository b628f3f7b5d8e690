// CreatePartitions: more partitions for topics that exist (KIP-195). Never fewer.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "broker/controller/decisions.h"
#include "broker/controller/placement.h"
#include "broker/wire/messages/create_partitions.h"

namespace weir::deciding {
namespace {

using AskedGrowth = CreatePartitionsRequest::CreatePartitionsTopic;
using AnsweredGrowth = CreatePartitionsResponse::CreatePartitionsTopicResult;

Refusal check_count(const Context& in, const AskedGrowth& asked, const TopicImage& topic,
                    std::size_t left) {
  const auto now = static_cast<std::int32_t>(topic.partitions.size());
  if (asked.count == now) {
    return {ErrorCode::invalid_partitions,
            "topic " + topic.name + " has " + std::to_string(now) + " partitions already"};
  }
  if (asked.count < now) {
    return {ErrorCode::invalid_partitions, "topic " + topic.name + " has " + std::to_string(now) +
                                               " partitions; " + std::to_string(asked.count) +
                                               " would be fewer"};
  }
  const auto added = static_cast<std::size_t>(asked.count - now);
  if (added > left) {
    return {
        ErrorCode::policy_violation,
        "a request creates at most " + std::to_string(kMaxNewPartitionsPerRequest) + " partitions"};
  }
  if (in.image().partition_count() + added > kMaxPartitionsOfCluster) {
    return {ErrorCode::invalid_partitions, "the cluster would have too many partitions"};
  }
  return {};
}

Refusal plan(const Context& in, const AskedGrowth& asked, const TopicImage& topic,
             std::vector<PartitionImage>& partitions) {
  const std::size_t added = static_cast<std::size_t>(asked.count) - topic.partitions.size();
  // Those that a reassignment adds do not count, they will replace others.
  const PartitionImage* first = topic.partition(0);
  const std::size_t replicas = first == nullptr ? 1 : first->replicas.size() - first->adding.size();
  if (!asked.assignments) {
    Placer placer(in.image().brokers(), in.random);
    const auto factor = static_cast<std::int32_t>(replicas);
    std::string why = placer.why_impossible(factor);
    if (!why.empty()) return {ErrorCode::invalid_replication_factor, std::move(why)};
    for (std::size_t p = 0; p < added; ++p) {
      partitions.push_back(new_partition(in.image(), placer.next(factor)));
    }
    return {};
  }
  if (asked.assignments->size() != added) {
    return {ErrorCode::invalid_replica_assignment,
            std::to_string(added) + " partitions are added, but " +
                std::to_string(asked.assignments->size()) + " are assigned"};
  }
  for (const auto& assignment : *asked.assignments) {
    Refusal refusal = check_assignment(in.image(), assignment.broker_ids);
    if (refusal.refused()) return refusal;
    if (assignment.broker_ids.size() != replicas) {
      return {ErrorCode::invalid_replica_assignment,
              "the topic's partitions have " + std::to_string(replicas) + " replicas"};
    }
    partitions.push_back(new_partition(in.image(), assignment.broker_ids));
    if (partitions.back().isr.empty()) {
      return {ErrorCode::invalid_replica_assignment,
              "all brokers of an assignment are fenced or in controlled shutdown"};
    }
  }
  return {};
}

AnsweredGrowth extend(Context& in, const AskedGrowth& asked, bool validate_only,
                      std::size_t& left) {
  AnsweredGrowth answer;
  answer.name = asked.name;
  const TopicImage* topic = in.image().find_topic(asked.name);
  Refusal refusal;
  std::vector<PartitionImage> partitions;
  if (topic == nullptr) {
    refusal = {ErrorCode::unknown_topic_or_partition, "there is no topic " + asked.name};
  } else {
    refusal = check_count(in, asked, *topic, left);
    if (!refusal.refused()) refusal = plan(in, asked, *topic, partitions);
  }
  answer.error_code = code_of(refusal.error);
  if (refusal.refused()) {
    answer.error_message = std::move(refusal.why);
    return answer;
  }
  left -= partitions.size();
  if (validate_only) return answer;
  auto index = static_cast<std::int32_t>(topic->partitions.size());
  const Uuid id = topic->id;
  for (const PartitionImage& partition : partitions) {
    add_partition(in, id, index++, partition, "partitions added");
  }
  return answer;
}

}  // namespace

CreatePartitionsResponse decide(const CreatePartitionsRequest& request, Context& in) {
  CreatePartitionsResponse response;
  std::map<std::string_view, int> times;
  std::size_t added = 0;
  for (const AskedGrowth& asked : request.topics) {
    ++times[asked.name];
    const TopicImage* topic = in.image().find_topic(asked.name);
    if (topic == nullptr || asked.count < 0) continue;
    const auto count = static_cast<std::size_t>(asked.count);
    if (count > topic->partitions.size()) added += count - topic->partitions.size();
  }
  // More than the limit is refused anyway.
  if (!request.validate_only) in.draft.expect(std::min(added, kMaxNewPartitionsPerRequest));
  std::size_t left = kMaxNewPartitionsPerRequest;
  std::set<std::string_view> told;
  for (const AskedGrowth& asked : request.topics) {
    if (times[asked.name] == 1) {
      response.results.push_back(extend(in, asked, request.validate_only, left));
    } else if (told.insert(asked.name).second) {
      AnsweredGrowth answer;
      answer.name = asked.name;
      answer.error_code = code_of(ErrorCode::invalid_request);
      answer.error_message = "the topic is named twice";
      response.results.push_back(std::move(answer));
    }
  }
  return response;
}

}  // namespace weir::deciding
