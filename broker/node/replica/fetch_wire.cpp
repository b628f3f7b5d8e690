// Conversions, field by field.
#include "broker/node/replica/fetch_wire.h"

#include <utility>

namespace weir {
namespace {

constexpr std::int32_t kFinalSessionEpoch = -1;

FetchedPart part_of(FetchResponse::PartitionData data) {
  FetchedPart part;
  part.error = error_code_of(data.error_code);
  part.high_watermark = Offset{data.high_watermark};
  part.log_start = Offset{data.log_start_offset};
  if (data.diverging_epoch.epoch >= 0) {
    part.diverging =
        EpochEnd{LeaderEpoch{data.diverging_epoch.epoch}, Offset{data.diverging_epoch.end_offset}};
  }
  part.records = std::move(data.records);
  return part;
}

}  // namespace

FetchRequest to_wire(const ReplicaFetchRound& round, const ReplicaFetchLimits& limits,
                     const ReplicaFetchContext& context) {
  FetchRequest request;
  request.replica_state = {context.self.value(), context.epoch.value()};
  request.max_wait_ms = static_cast<std::int32_t>(limits.max_wait / std::chrono::milliseconds(1));
  request.min_bytes = limits.min_bytes;
  request.max_bytes = limits.max_bytes;
  request.session_epoch = kFinalSessionEpoch;
  for (const ReplicaFetchRound::Part& part : round.parts) {
    const Uuid& id = part.key.topic;
    if (request.topics.empty() || request.topics.back().topic_id != id) {
      request.topics.push_back({context.topics.at(request.topics.size()), id, {}});
      request.topics.back().partitions.reserve(round.parts.size());
    }
    FetchRequest::FetchPartition asked;
    asked.partition = part.key.index;
    asked.current_leader_epoch = part.position.leader_epoch.value();
    asked.fetch_offset = part.position.offset.value();
    asked.last_fetched_epoch = part.position.last_fetched_epoch.value();
    asked.log_start_offset = part.position.log_start.value();
    asked.partition_max_bytes = limits.partition_max_bytes;
    request.topics.back().partitions.push_back(asked);
  }
  return request;
}

FetchedParts from_wire(FetchResponse response, const ReplicaFetchRound& round) {
  FetchedParts parts(round.parts.size());
  // Answers mostly come in the order of the questions. Of two, the first counts.
  std::size_t expected = 0;
  const auto place_of = [&](const PartitionKey& key) {
    const auto is_asked = [&](std::size_t i) {
      return i < round.parts.size() && round.parts[i].key == key;
    };
    if (is_asked(expected)) return expected++;
    std::size_t i = 0;
    while (i < round.parts.size() && !is_asked(i)) ++i;
    return i;
  };
  for (auto& topic : response.responses) {
    for (auto& data : topic.partitions) {
      const std::size_t place = place_of({topic.topic_id, data.partition_index});
      if (place < parts.size() && !parts[place]) parts[place] = part_of(std::move(data));
    }
  }
  return parts;
}

ListOffsetsRequest ends_request(BrokerId self, const std::string& topic, std::int32_t index,
                                LeaderEpoch epoch, std::int64_t timestamp) {
  ListOffsetsRequest request;
  request.replica_id = self.value();
  request.topics.push_back({topic, {{index, epoch.value(), timestamp}}});
  return request;
}

EndAnswer from_wire(const ListOffsetsResponse& response, std::int32_t index) {
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.partition_index != index) continue;
      return {error_code_of(partition.error_code), Offset{partition.offset}};
    }
  }
  return {ErrorCode::unknown_server_error, kUnknownOffset};
}

}  // namespace weir
