// Targets into FetchRequests, responses into answers.
#include "broker/client/fetch_messages.h"

#include <algorithm>

namespace weir {
namespace {

// The name of a topic in a response, where versions from 13 on give only its id.
std::string name_in(const FetchResponse::FetchableTopicResponse& topic,
                    const FetchRequest& request) {
  if (!topic.topic.empty()) return topic.topic;
  const auto asked =
      std::ranges::find(request.topics, topic.topic_id, &FetchRequest::FetchTopic::topic_id);
  return asked == request.topics.end() ? std::string() : asked->topic;
}

}  // namespace

FetchMessage make_fetch_request(const FetcherEffects::Fetch& fetch, const ConsumerOptions& options,
                                const MetadataCache& metadata) {
  FetchMessage message;
  message.max_version = FetchRequest::kVersions.max;
  FetchRequest& request = message.request;
  request.max_wait_ms = static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(options.fetch_max_wait).count());
  request.min_bytes = static_cast<std::int32_t>(options.fetch_min_bytes);
  request.max_bytes = static_cast<std::int32_t>(options.fetch_max_bytes);
  request.isolation_level = static_cast<std::int8_t>(options.isolation_level);
  for (const FetcherEffects::Target& target : fetch.targets) {
    if (request.topics.empty() || request.topics.back().topic != target.tp.topic) {
      FetchRequest::FetchTopic topic;
      topic.topic = target.tp.topic;
      const TopicMetadata* known = metadata.topic(target.tp.topic);
      if (known != nullptr) topic.topic_id = known->id;
      if (topic.topic_id.is_zero()) message.max_version = kFetchByIdFrom - 1;
      request.topics.push_back(std::move(topic));
    }
    FetchRequest::FetchPartition partition;
    partition.partition = target.tp.partition;
    partition.current_leader_epoch = target.leader_epoch;
    partition.fetch_offset = target.offset.value();
    partition.partition_max_bytes = static_cast<std::int32_t>(options.max_partition_fetch_bytes);
    request.topics.back().partitions.push_back(partition);
  }
  return message;
}

std::vector<FetchAnswer> answers_of(const FetchResponse& response, const FetchRequest& request) {
  std::vector<FetchAnswer> answers;
  const ErrorCode whole = error_code_of(response.error_code);
  if (whole != ErrorCode::none) {
    for (const auto& topic : request.topics) {
      for (const auto& p : topic.partitions) {
        answers.push_back({.tp = {topic.topic, p.partition}, .code = whole});
      }
    }
    return answers;
  }
  for (const auto& topic : response.responses) {
    const std::string name = name_in(topic, request);
    for (const auto& p : topic.partitions) {
      FetchAnswer answer;
      answer.tp = {name, p.partition_index};
      answer.code = error_code_of(p.error_code);
      answer.high_watermark = Offset{p.high_watermark};
      answer.log_start = Offset{p.log_start_offset};
      answer.records = p.records;
      if (p.aborted_transactions) {
        for (const auto& aborted : *p.aborted_transactions) {
          answer.aborted.push_back({ProducerId{aborted.producer_id}, Offset{aborted.first_offset}});
        }
      }
      answers.push_back(std::move(answer));
    }
  }
  return answers;
}

void learn_leaders(const FetchResponse& response, const FetchRequest& request,
                   MetadataCache& metadata) {
  for (const auto& node : response.node_endpoints) {
    metadata.learn_broker(node.node_id, {node.host, static_cast<std::uint16_t>(node.port)});
  }
  for (const auto& topic : response.responses) {
    for (const auto& p : topic.partitions) {
      if (p.current_leader.leader_id < 0) continue;
      metadata.learn_leader({name_in(topic, request), p.partition_index},
                            p.current_leader.leader_id, p.current_leader.leader_epoch);
    }
  }
}

ListOffsetsRequest make_list_offsets_request(const std::vector<FetcherEffects::Query>& queries,
                                             IsolationLevel isolation) {
  ListOffsetsRequest request;
  request.replica_id = -1;
  request.isolation_level = static_cast<std::int8_t>(isolation);
  for (const FetcherEffects::Query& query : queries) {
    if (request.topics.empty() || request.topics.back().name != query.tp.topic) {
      request.topics.push_back({.name = query.tp.topic});
    }
    request.topics.back().partitions.push_back(
        {query.tp.partition, query.leader_epoch, query.timestamp});
  }
  return request;
}

std::vector<OffsetAnswer> answers_of(const ListOffsetsResponse& response) {
  std::vector<OffsetAnswer> answers;
  for (const auto& topic : response.topics) {
    for (const auto& p : topic.partitions) {
      answers.push_back({{topic.name, p.partition_index},
                         error_code_of(p.error_code),
                         Offset{p.offset},
                         p.leader_epoch});
    }
  }
  return answers;
}

OffsetForLeaderEpochRequest make_validation_request(
    const std::vector<FetcherEffects::Position>& positions) {
  OffsetForLeaderEpochRequest request;
  request.replica_id = -1;
  for (const FetcherEffects::Position& position : positions) {
    if (request.topics.empty() || request.topics.back().topic != position.tp.topic) {
      request.topics.push_back({.topic = position.tp.topic});
    }
    request.topics.back().partitions.push_back(
        {position.tp.partition, position.leader_epoch, position.epoch});
  }
  return request;
}

std::vector<EpochAnswer> answers_of(const OffsetForLeaderEpochResponse& response) {
  std::vector<EpochAnswer> answers;
  for (const auto& topic : response.topics) {
    for (const auto& p : topic.partitions) {
      answers.push_back({{topic.topic, p.partition},
                         error_code_of(p.error_code),
                         p.leader_epoch,
                         Offset{p.end_offset}});
    }
  }
  return answers;
}

}  // namespace weir
