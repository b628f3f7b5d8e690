// Filling the Metadata response from the image.
#include "broker/node/metadata_response.h"

#include <set>

#include "broker/wire/error_code.h"

namespace weir {
namespace {

constexpr std::int16_t kFirstWhereNullMeansAll = 1;
constexpr std::int16_t kFirstThatAsksById = 12;
constexpr std::int32_t kNoLeader = -1;

using AskedMetadata = MetadataRequest::MetadataRequestTopic;
using ToldTopic = MetadataResponse::MetadataResponseTopic;
using ToldPartition = MetadataResponse::MetadataResponsePartition;

ToldPartition answer_partition(const MetadataImage& image, const PartitionImage& partition,
                               std::int32_t index) {
  ToldPartition answer;
  answer.partition_index = index;
  answer.leader_epoch = partition.leader_epoch.value();
  answer.leader_id = partition.leader.value();
  if (!is_alive(image, partition.leader)) {
    answer.leader_id = kNoLeader;
    answer.error_code = code_of(ErrorCode::leader_not_available);
  }
  for (const BrokerId id : partition.replicas) {
    answer.replica_nodes.push_back(id.value());
    if (!is_alive(image, id)) answer.offline_replicas.push_back(id.value());
  }
  for (const BrokerId id : partition.isr) answer.isr_nodes.push_back(id.value());
  return answer;
}

ToldTopic answer_topic(const MetadataImage& image, const TopicImage& topic) {
  ToldTopic answer;
  answer.name = topic.name;
  answer.topic_id = topic.id;
  for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
    answer.partitions.push_back(
        answer_partition(image, topic.partitions[p], static_cast<std::int32_t>(p)));
  }
  return answer;
}

ToldTopic refuse(std::optional<std::string> name, const Uuid& id, ErrorCode error) {
  ToldTopic answer;
  answer.error_code = code_of(error);
  answer.name = std::move(name);
  answer.topic_id = id;
  return answer;
}

ToldTopic answer_asked(const MetadataImage& image, const AskedMetadata& asked,
                       std::int16_t version) {
  if (version < kFirstThatAsksById && (!asked.name || !asked.topic_id.is_zero())) {
    // A null name does not exist in these versions.
    return refuse(asked.name.value_or(""), asked.topic_id, ErrorCode::invalid_request);
  }
  if (!asked.topic_id.is_zero()) {
    const auto topic = image.topic(asked.topic_id);
    return topic == nullptr ? refuse(std::nullopt, asked.topic_id, ErrorCode::unknown_topic_id)
                            : answer_topic(image, *topic);
  }
  if (!asked.name) return refuse(std::nullopt, {}, ErrorCode::invalid_request);
  if (why_illegal_topic_name(*asked.name) != nullptr) {
    return refuse(asked.name, {}, ErrorCode::invalid_topic_exception);
  }
  const auto topic = image.topic(*asked.name);
  return topic == nullptr ? refuse(asked.name, {}, ErrorCode::unknown_topic_or_partition)
                          : answer_topic(image, *topic);
}

}  // namespace

bool is_alive(const MetadataImage& image, BrokerId id) {
  const BrokerImage* broker = image.broker(id);
  return broker != nullptr && !broker->fenced;
}

BrokerId controller_for_clients(const MetadataImage& image, BrokerId self) {
  if (is_alive(image, self)) return self;
  for (const BrokerImage& broker : image.brokers()) {
    if (!broker.fenced) return broker.id;
  }
  return kNoBroker;
}

bool asks_for_all_topics(const MetadataRequest& request, std::int16_t version) {
  if (version < kFirstWhereNullMeansAll) return !request.topics || request.topics->empty();
  return !request.topics;
}

std::vector<std::string> missing_topics(const MetadataImage& image, const MetadataRequest& request,
                                        std::int16_t version) {
  std::vector<std::string> missing;
  if (asks_for_all_topics(request, version) || !request.allow_auto_topic_creation) return missing;
  std::set<std::string_view> seen;
  for (const AskedMetadata& asked : *request.topics) {
    if (!asked.topic_id.is_zero() || !asked.name) continue;
    if (why_illegal_topic_name(*asked.name) != nullptr || image.topic(*asked.name)) continue;
    if (seen.insert(*asked.name).second) missing.push_back(*asked.name);
  }
  return missing;
}

MetadataResponse metadata_response(const MetadataImage& image, const std::string& cluster_id,
                                   const MetadataRequest& request, std::int16_t version) {
  MetadataResponse response;
  for (const BrokerImage& broker : image.brokers()) {
    if (broker.fenced) continue;
    response.brokers.push_back({broker.id.value(), broker.host, broker.port, broker.rack});
  }
  response.cluster_id = cluster_id;
  response.controller_id = image.controller().value();
  if (asks_for_all_topics(request, version)) {
    for (const auto& [name, topic] : image.topics()) {
      response.topics.push_back(answer_topic(image, *topic));
    }
    return response;
  }
  std::set<std::pair<Uuid, std::string_view>> seen;
  for (const AskedMetadata& asked : *request.topics) {
    const std::string_view name = asked.name ? std::string_view(*asked.name) : std::string_view{};
    if (!seen.insert({asked.topic_id, name}).second) continue;
    response.topics.push_back(answer_asked(image, asked, version));
  }
  return response;
}

}  // namespace weir
