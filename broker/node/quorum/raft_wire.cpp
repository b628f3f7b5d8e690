// Field by field; what is only the wire's is filled in here.
#include "broker/node/quorum/raft_wire.h"

#include <chrono>

namespace weir {
namespace {

constexpr std::int32_t kPartition = 0;

// The one partition of a message of topics; null where it names anything else.
template <class Topics, class Name>
const auto* only_partition(const Topics& topics, Name name) {
  using Partition = typename std::decay_t<decltype(topics[0].partitions)>::value_type;
  const Partition* none = nullptr;
  if (topics.size() != 1 || name(topics[0]) != kMetadataTopic) return none;
  return topics[0].partitions.size() == 1 ? &topics[0].partitions[0] : none;
}

template <class Topics>
const auto* partition_of_topic_name(const Topics& topics) {
  return only_partition(topics, [](const auto& t) { return std::string_view(t.topic_name); });
}

template <class Endpoint>
std::vector<raft::Endpoint> endpoints_from(const std::vector<Endpoint>& wire) {
  std::vector<raft::Endpoint> all;
  for (const Endpoint& e : wire) all.push_back({e.name, e.host, e.port});
  return all;
}

template <class Endpoint>
std::vector<Endpoint> endpoints_to(const std::vector<raft::Endpoint>& endpoints) {
  std::vector<Endpoint> all;
  for (const raft::Endpoint& e : endpoints) all.push_back({e.name, e.host, e.port});
  return all;
}

// NodeEndpoints of an answer: at most the leader's.
template <class Endpoint>
std::optional<raft::Endpoint> leader_from(const std::vector<Endpoint>& wire, BrokerId leader) {
  for (const Endpoint& e : wire) {
    if (BrokerId{e.node_id} == leader) {
      return raft::Endpoint{{}, e.host, static_cast<std::uint16_t>(e.port)};
    }
  }
  return std::nullopt;
}

template <class Response, class Answer>
void name_leader(Response& wire, const Answer& answer) {
  if (!answer.leader_endpoint) return;
  auto& endpoint = wire.node_endpoints.emplace_back();
  endpoint.node_id = answer.leader_id.value();
  endpoint.host = answer.leader_endpoint->host;
  endpoint.port = answer.leader_endpoint->port;
}

ErrorCode first_error(std::int16_t whole, std::int16_t partition) {
  return error_code_of(whole != 0 ? whole : partition);
}

// The three answers that are alike but for a vote.
template <class Response, class Answer>
Response answer_to_wire(const Answer& a) {
  Response wire;
  auto& topic = wire.topics.emplace_back();
  topic.topic_name = kMetadataTopic;
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = kPartition;
  partition.error_code = code_of(a.error);
  partition.leader_id = a.leader_id.value();
  partition.leader_epoch = a.leader_epoch.value();
  name_leader(wire, a);
  return wire;
}

template <class Answer, class Response>
std::optional<Answer> answer_from_wire(const Response& wire) {
  Answer a;
  const auto* partition = partition_of_topic_name(wire.topics);
  if (partition == nullptr) {
    if (wire.error_code == 0) return std::nullopt;
    a.error = error_code_of(wire.error_code);
    return a;
  }
  a.error = first_error(wire.error_code, partition->error_code);
  a.leader_id = BrokerId{partition->leader_id};
  a.leader_epoch = LeaderEpoch{partition->leader_epoch};
  a.leader_endpoint = leader_from(wire.node_endpoints, a.leader_id);
  return a;
}

}  // namespace

VoteRequest to_wire(const raft::VoteRequest& r) {
  VoteRequest wire;
  wire.cluster_id = r.cluster_id;
  wire.voter_id = r.voter.id.value();
  auto& topic = wire.topics.emplace_back();
  topic.topic_name = kMetadataTopic;
  auto& partition = topic.partitions.emplace_back();
  partition.replica_epoch = r.replica_epoch.value();
  partition.replica_id = r.replica.id.value();
  partition.replica_directory_id = r.replica.directory;
  partition.voter_directory_id = r.voter.directory;
  partition.last_offset_epoch = r.last_offset_epoch.value();
  partition.last_offset = r.last_offset.value();
  partition.pre_vote = r.pre_vote;
  return wire;
}

std::optional<raft::VoteRequest> from_wire(const VoteRequest& wire) {
  const auto* partition = partition_of_topic_name(wire.topics);
  if (partition == nullptr || partition->partition_index != kPartition) return std::nullopt;
  raft::VoteRequest r;
  r.cluster_id = wire.cluster_id.value_or("");
  r.voter = {BrokerId{wire.voter_id}, partition->voter_directory_id};
  r.replica_epoch = LeaderEpoch{partition->replica_epoch};
  r.replica = {BrokerId{partition->replica_id}, partition->replica_directory_id};
  r.last_offset_epoch = LeaderEpoch{partition->last_offset_epoch};
  r.last_offset = Offset{partition->last_offset};
  r.pre_vote = partition->pre_vote;
  return r;
}

BeginQuorumEpochRequest to_wire(const raft::BeginQuorumEpochRequest& r) {
  BeginQuorumEpochRequest wire;
  wire.cluster_id = r.cluster_id;
  wire.voter_id = r.voter.id.value();
  auto& topic = wire.topics.emplace_back();
  topic.topic_name = kMetadataTopic;
  auto& partition = topic.partitions.emplace_back();
  partition.voter_directory_id = r.voter.directory;
  partition.leader_id = r.leader_id.value();
  partition.leader_epoch = r.leader_epoch.value();
  wire.leader_endpoints = endpoints_to<BeginQuorumEpochRequest::LeaderEndpoint>(r.leader_endpoints);
  return wire;
}

std::optional<raft::BeginQuorumEpochRequest> from_wire(const BeginQuorumEpochRequest& wire) {
  const auto* partition = partition_of_topic_name(wire.topics);
  if (partition == nullptr || partition->partition_index != kPartition) return std::nullopt;
  raft::BeginQuorumEpochRequest r;
  r.cluster_id = wire.cluster_id.value_or("");
  r.voter = {BrokerId{wire.voter_id}, partition->voter_directory_id};
  r.leader_id = BrokerId{partition->leader_id};
  r.leader_epoch = LeaderEpoch{partition->leader_epoch};
  r.leader_endpoints = endpoints_from(wire.leader_endpoints);
  return r;
}

EndQuorumEpochRequest to_wire(const raft::EndQuorumEpochRequest& r) {
  EndQuorumEpochRequest wire;
  wire.cluster_id = r.cluster_id;
  auto& topic = wire.topics.emplace_back();
  topic.topic_name = kMetadataTopic;
  auto& partition = topic.partitions.emplace_back();
  partition.leader_id = r.leader_id.value();
  partition.leader_epoch = r.leader_epoch.value();
  for (const raft::ReplicaKey& key : r.preferred_candidates) {
    partition.preferred_candidates.push_back({key.id.value(), key.directory});
  }
  wire.leader_endpoints = endpoints_to<EndQuorumEpochRequest::LeaderEndpoint>(r.leader_endpoints);
  return wire;
}

std::optional<raft::EndQuorumEpochRequest> from_wire(const EndQuorumEpochRequest& wire) {
  const auto* partition = partition_of_topic_name(wire.topics);
  if (partition == nullptr || partition->partition_index != kPartition) return std::nullopt;
  raft::EndQuorumEpochRequest r;
  r.cluster_id = wire.cluster_id.value_or("");
  r.leader_id = BrokerId{partition->leader_id};
  r.leader_epoch = LeaderEpoch{partition->leader_epoch};
  for (const auto& c : partition->preferred_candidates) {
    r.preferred_candidates.push_back({BrokerId{c.candidate_id}, c.candidate_directory_id});
  }
  for (const std::int32_t id : partition->preferred_successors) {
    r.preferred_candidates.push_back({BrokerId{id}, {}});
  }
  r.leader_endpoints = endpoints_from(wire.leader_endpoints);
  return r;
}

FetchRequest to_wire(const raft::FetchRequest& r) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  FetchRequest wire;
  wire.cluster_id = r.cluster_id;
  wire.replica_state.replica_id = r.replica.id.value();
  wire.max_wait_ms = static_cast<std::int32_t>(duration_cast<milliseconds>(r.max_wait).count());
  wire.min_bytes = 0;
  wire.max_bytes = r.max_bytes;
  auto& topic = wire.topics.emplace_back();
  topic.topic = kMetadataTopic;
  topic.topic_id = kMetadataTopicId;
  auto& partition = topic.partitions.emplace_back();
  partition.current_leader_epoch = r.current_leader_epoch.value();
  partition.fetch_offset = r.fetch_offset.value();
  partition.last_fetched_epoch = r.last_fetched_epoch.value();
  partition.log_start_offset = r.log_start.value();
  partition.partition_max_bytes = r.max_bytes;
  partition.replica_directory_id = r.replica.directory;
  partition.high_watermark = r.high_watermark.value();
  return wire;
}

bool is_metadata_fetch(const FetchRequest& wire) {
  return wire.topics.size() == 1 &&
         (wire.topics[0].topic == kMetadataTopic || wire.topics[0].topic_id == kMetadataTopicId);
}

std::optional<raft::FetchRequest> from_wire(const FetchRequest& wire) {
  if (!is_metadata_fetch(wire) || wire.topics[0].partitions.size() != 1) return std::nullopt;
  const auto& partition = wire.topics[0].partitions[0];
  if (partition.partition != kPartition) return std::nullopt;
  raft::FetchRequest r;
  r.cluster_id = wire.cluster_id.value_or("");
  const std::int32_t state_id = wire.replica_state.replica_id;
  r.replica = {BrokerId{state_id >= 0 ? state_id : wire.replica_id},
               partition.replica_directory_id};
  r.current_leader_epoch = LeaderEpoch{partition.current_leader_epoch};
  r.fetch_offset = Offset{partition.fetch_offset};
  r.last_fetched_epoch = LeaderEpoch{partition.last_fetched_epoch};
  r.log_start = Offset{partition.log_start_offset};
  r.high_watermark = Offset{partition.high_watermark};
  r.max_wait = std::chrono::milliseconds(wire.max_wait_ms);
  r.max_bytes = std::min(wire.max_bytes, partition.partition_max_bytes);
  return r;
}

FetchSnapshotRequest to_wire(const raft::FetchSnapshotRequest& r) {
  FetchSnapshotRequest wire;
  wire.cluster_id = r.cluster_id;
  wire.replica_id = r.replica.id.value();
  wire.max_bytes = r.max_bytes;
  auto& topic = wire.topics.emplace_back();
  topic.name = kMetadataTopic;
  auto& partition = topic.partitions.emplace_back();
  partition.current_leader_epoch = r.current_leader_epoch.value();
  partition.snapshot_id = {r.snapshot_id.end_offset.value(), r.snapshot_id.epoch.value()};
  partition.position = r.position;
  partition.replica_directory_id = r.replica.directory;
  return wire;
}

std::optional<raft::FetchSnapshotRequest> from_wire(const FetchSnapshotRequest& wire) {
  const auto* partition =
      only_partition(wire.topics, [](const auto& t) { return std::string_view(t.name); });
  if (partition == nullptr || partition->partition != kPartition) return std::nullopt;
  raft::FetchSnapshotRequest r;
  r.cluster_id = wire.cluster_id.value_or("");
  r.replica = {BrokerId{wire.replica_id}, partition->replica_directory_id};
  r.current_leader_epoch = LeaderEpoch{partition->current_leader_epoch};
  r.snapshot_id = {Offset{partition->snapshot_id.end_offset},
                   LeaderEpoch{partition->snapshot_id.epoch}};
  r.position = partition->position;
  r.max_bytes = wire.max_bytes;
  return r;
}

VoteResponse to_wire(const raft::VoteResponse& a) {
  auto wire = answer_to_wire<VoteResponse>(a);
  wire.topics[0].partitions[0].vote_granted = a.vote_granted;
  return wire;
}

std::optional<raft::VoteResponse> from_wire(const VoteResponse& wire) {
  auto a = answer_from_wire<raft::VoteResponse>(wire);
  const auto* partition = partition_of_topic_name(wire.topics);
  if (a && partition != nullptr) a->vote_granted = partition->vote_granted;
  return a;
}

BeginQuorumEpochResponse to_wire(const raft::BeginQuorumEpochResponse& a) {
  return answer_to_wire<BeginQuorumEpochResponse>(a);
}
std::optional<raft::BeginQuorumEpochResponse> from_wire(const BeginQuorumEpochResponse& wire) {
  return answer_from_wire<raft::BeginQuorumEpochResponse>(wire);
}
EndQuorumEpochResponse to_wire(const raft::EndQuorumEpochResponse& a) {
  return answer_to_wire<EndQuorumEpochResponse>(a);
}
std::optional<raft::EndQuorumEpochResponse> from_wire(const EndQuorumEpochResponse& wire) {
  return answer_from_wire<raft::EndQuorumEpochResponse>(wire);
}

FetchResponse to_wire(const raft::FetchResponse& a, Slice records) {
  FetchResponse wire;
  auto& topic = wire.responses.emplace_back();
  topic.topic = kMetadataTopic;
  topic.topic_id = kMetadataTopicId;
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = kPartition;
  partition.error_code = code_of(a.error);
  partition.high_watermark = a.high_watermark.value();
  partition.log_start_offset = a.log_start.value();
  partition.current_leader = {a.leader_id.value(), a.leader_epoch.value()};
  if (a.diverging_epoch) {
    partition.diverging_epoch = {a.diverging_epoch->epoch.value(),
                                 a.diverging_epoch->end_offset.value()};
  }
  if (a.snapshot_id) {
    partition.snapshot_id = {a.snapshot_id->end_offset.value(), a.snapshot_id->epoch.value()};
  }
  partition.records = std::move(records);
  name_leader(wire, a);
  return wire;
}

std::optional<raft::FetchResponse> from_wire(const FetchResponse& wire) {
  raft::FetchResponse a;
  const bool one =
      wire.responses.size() == 1 && wire.responses[0].partitions.size() == 1 &&
      (wire.responses[0].topic == kMetadataTopic || wire.responses[0].topic_id == kMetadataTopicId);
  if (!one) {
    if (wire.error_code == 0) return std::nullopt;
    a.error = error_code_of(wire.error_code);
    return a;
  }
  const auto& partition = wire.responses[0].partitions[0];
  a.error = first_error(wire.error_code, partition.error_code);
  a.leader_id = BrokerId{partition.current_leader.leader_id};
  a.leader_epoch = LeaderEpoch{partition.current_leader.leader_epoch};
  a.high_watermark = Offset{partition.high_watermark};
  a.log_start = Offset{partition.log_start_offset};
  if (partition.diverging_epoch.epoch >= 0) {
    a.diverging_epoch = raft::Divergence{LeaderEpoch{partition.diverging_epoch.epoch},
                                         Offset{partition.diverging_epoch.end_offset}};
  }
  if (partition.snapshot_id.end_offset >= 0) {
    a.snapshot_id = SnapshotId{Offset{partition.snapshot_id.end_offset},
                               LeaderEpoch{partition.snapshot_id.epoch}};
  }
  a.leader_endpoint = leader_from(wire.node_endpoints, a.leader_id);
  return a;
}

FetchSnapshotResponse to_wire(const raft::FetchSnapshotResponse& a, Slice chunk) {
  FetchSnapshotResponse wire;
  auto& topic = wire.topics.emplace_back();
  topic.name = kMetadataTopic;
  auto& partition = topic.partitions.emplace_back();
  partition.index = kPartition;
  partition.error_code = code_of(a.error);
  partition.snapshot_id = {a.snapshot_id.end_offset.value(), a.snapshot_id.epoch.value()};
  partition.current_leader = {a.leader_id.value(), a.leader_epoch.value()};
  partition.size = a.size;
  partition.position = a.position;
  partition.unaligned_records = std::move(chunk);
  name_leader(wire, a);
  return wire;
}

std::optional<raft::FetchSnapshotResponse> from_wire(const FetchSnapshotResponse& wire) {
  raft::FetchSnapshotResponse a;
  const auto* partition =
      only_partition(wire.topics, [](const auto& t) { return std::string_view(t.name); });
  if (partition == nullptr) {
    if (wire.error_code == 0) return std::nullopt;
    a.error = error_code_of(wire.error_code);
    return a;
  }
  a.error = first_error(wire.error_code, partition->error_code);
  a.leader_id = BrokerId{partition->current_leader.leader_id};
  a.leader_epoch = LeaderEpoch{partition->current_leader.leader_epoch};
  a.snapshot_id = {Offset{partition->snapshot_id.end_offset},
                   LeaderEpoch{partition->snapshot_id.epoch}};
  a.size = partition->size;
  a.position = partition->position;
  a.chunk_bytes = static_cast<std::int64_t>(partition->unaligned_records.size());
  a.leader_endpoint = leader_from(wire.node_endpoints, a.leader_id);
  return a;
}

}  // namespace weir
