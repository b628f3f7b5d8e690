// DescribeTopicPartitions (KIP-966): like Metadata, with the eligible leader replicas, in pages.
//
// Topics come in the order of their names. At most max.request.partition.size.limit partitions fit
// one answer; the cursor tells where to go on.
#include <algorithm>
#include <set>

#include "broker/node/handlers.h"
#include "broker/node/metadata_response.h"
#include "broker/node/node.h"

namespace weir {
namespace {

constexpr std::int32_t kMaxPartitionsInAnswer = 2000;

using Cursor = TopicPartitionsCursor;
using AnsweredTopic = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;
using AnsweredPartition = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition;

AnsweredPartition tell(const MetadataImage& image, const PartitionImage& partition,
                       std::int32_t index) {
  AnsweredPartition answer;
  answer.partition_index = index;
  answer.leader_id = partition.leader.value();
  answer.leader_epoch = partition.leader_epoch.value();
  if (!is_alive(image, partition.leader)) {
    answer.leader_id = kNoBroker.value();
    answer.error_code = code_of(ErrorCode::leader_not_available);
  }
  answer.replica_nodes = to_numbers(partition.replicas);
  answer.isr_nodes = to_numbers(partition.isr);
  answer.eligible_leader_replicas = to_numbers(partition.elr);
  answer.last_known_elr = to_numbers(partition.last_known_elr);
  for (const BrokerId id : partition.replicas) {
    if (!is_alive(image, id)) answer.offline_replicas.push_back(id.value());
  }
  return answer;
}

AnsweredTopic refuse_topic(const std::string& name) {
  AnsweredTopic answer;
  answer.name = name;
  answer.error_code =
      code_of(why_illegal_topic_name(name) != nullptr ? ErrorCode::invalid_topic_exception
                                                      : ErrorCode::unknown_topic_or_partition);
  return answer;
}

// The names that are asked for, from the cursor on, sorted, each once.
std::set<std::string> names(const MetadataImage& image,
                            const DescribeTopicPartitionsRequest& request) {
  std::set<std::string> all;
  for (const auto& topic : request.topics) all.insert(topic.name);
  if (request.topics.empty()) {
    for (const auto& [name, topic] : image.topics()) all.insert(name);
  }
  if (request.cursor) all.erase(all.begin(), all.lower_bound(request.cursor->topic_name));
  return all;
}

}  // namespace

Task<DescribeTopicPartitionsResponse> handle(Node& node, RequestContext&,
                                             DescribeTopicPartitionsRequest request) {
  DescribeTopicPartitionsResponse response;
  const std::shared_ptr<const MetadataImage> image = node.image();
  std::int32_t room = std::clamp(request.response_partition_limit, 1, kMaxPartitionsInAnswer);
  for (const std::string& name : names(*image, request)) {
    const auto topic = image->topic(name);
    if (topic == nullptr) {
      // One that went away since the last page is not an answer to anybody.
      const bool gone = request.cursor && request.topics.empty();
      if (!gone) response.topics.push_back(refuse_topic(name));
      continue;
    }
    if (room == 0) {
      response.next_cursor = Cursor{name, 0};
      break;
    }
    auto& answer = response.topics.emplace_back();
    answer.name = name;
    answer.topic_id = topic->id;
    const bool goes_on = request.cursor && request.cursor->topic_name == name;
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    std::int32_t index = goes_on ? std::max(request.cursor->partition_index, 0) : 0;
    for (; index < count && room > 0; ++index, --room) {
      answer.partitions.push_back(tell(*image, *topic->partition(index), index));
    }
    if (index < count) {
      response.next_cursor = Cursor{name, index};
      break;
    }
  }
  co_return response;
}

}  // namespace weir
