// Calls about partitions: elections, moves, the deletion of records, sizes on disk.
#include <algorithm>

#include "broker/client/admin_calls.h"

namespace weir {

ElectLeadersCall::ElectLeadersCall(LeaderElection kind,
                                   std::optional<std::vector<TopicPartition>> partitions)
    : kind_(kind) {
  if (!partitions) return;
  partitions_.emplace(partitions->begin(), partitions->end());
  settled_ = Settled<TopicPartition, PartitionOutcome>(partitions_->size());
}

ElectLeadersRequest ElectLeadersCall::request(std::int32_t timeout_ms) const {
  Request request;
  request.election_type = static_cast<std::int8_t>(kind_);
  request.timeout_ms = timeout_ms;
  if (!partitions_) {
    request.topic_partitions.reset();
    return request;
  }
  for (const TopicPartition& tp : *partitions_) {
    if (!settled_.open(tp)) continue;
    auto& topics = *request.topic_partitions;
    if (topics.empty() || topics.back().topic != tp.topic) topics.push_back({tp.topic, {}});
    topics.back().partitions.push_back(tp.partition);
  }
  return request;
}

void ElectLeadersCall::take(const ElectLeadersResponse& response, bool last) {
  if (response.error_code != 0) {
    if (!last && admin_retries(error_code_of(response.error_code))) return;
    error_ = ClientError(response.error_code, admin_why(response.error_code, {}));
    answered_ = true;
    return;
  }
  answered_ = true;
  for (const auto& topic : response.replica_election_results) {
    for (const auto& p : topic.partition_result) {
      const TopicPartition tp{topic.topic, p.partition_id};
      // Asked for all partitions, nobody knows which ones would have to be asked for again.
      settled_.settle(tp, p.error_code, last || !partitions_,
                      {tp, p.error_code, admin_why(p.error_code, p.error_message)});
    }
  }
}

ClientResult<std::vector<PartitionOutcome>> ElectLeadersCall::result() const {
  if (error_) return *error_;
  return settled_.values();
}

ReassignCall::ReassignCall(std::vector<Reassignment> moves) {
  for (Reassignment& move : moves) moves_.insert_or_assign(move.tp, std::move(move.replicas));
  settled_ = Settled<TopicPartition, PartitionOutcome>(moves_.size());
}

AlterPartitionReassignmentsRequest ReassignCall::request(std::int32_t timeout_ms) const {
  Request request;
  request.timeout_ms = timeout_ms;
  for (const auto& [tp, replicas] : moves_) {
    if (!settled_.open(tp)) continue;
    if (request.topics.empty() || request.topics.back().name != tp.topic) {
      request.topics.push_back({tp.topic, {}});
    }
    request.topics.back().partitions.push_back({tp.partition, replicas});
  }
  return request;
}

void ReassignCall::take(const AlterPartitionReassignmentsResponse& response, bool last) {
  if (response.error_code != 0) {
    if (!last && admin_retries(error_code_of(response.error_code))) return;
    error_ =
        ClientError(response.error_code, admin_why(response.error_code, response.error_message));
    return;
  }
  for (const auto& topic : response.responses) {
    for (const auto& p : topic.partitions) {
      const TopicPartition tp{topic.name, p.partition_index};
      settled_.settle(tp, p.error_code, last,
                      {tp, p.error_code, admin_why(p.error_code, p.error_message)});
    }
  }
}

ClientResult<std::vector<PartitionOutcome>> ReassignCall::result() const {
  if (error_) return *error_;
  return settled_.values();
}

ListPartitionReassignmentsRequest ListReassignmentsCall::request(std::int32_t timeout_ms) const {
  Request request;
  request.timeout_ms = timeout_ms;
  if (!partitions_) return request;
  const std::set<TopicPartition> sorted(partitions_->begin(), partitions_->end());
  request.topics.emplace();
  for (const TopicPartition& tp : sorted) {
    if (request.topics->empty() || request.topics->back().name != tp.topic) {
      request.topics->push_back({tp.topic, {}});
    }
    request.topics->back().partition_indexes.push_back(tp.partition);
  }
  return request;
}

void ListReassignmentsCall::take(const ListPartitionReassignmentsResponse& response, bool last) {
  if (!accepted(response.error_code, response.error_message, last)) return;
  std::vector<OngoingReassignment> out;
  for (const auto& topic : response.topics) {
    for (const auto& p : topic.partitions) {
      out.push_back(
          {{topic.name, p.partition_index}, p.replicas, p.adding_replicas, p.removing_replicas});
    }
  }
  std::ranges::sort(out, {}, &OngoingReassignment::tp);
  result_ = std::move(out);
}

DescribeLogDirsRequest DescribeLogDirsCall::request(std::int32_t) {
  Request request;
  request.topics.reset();
  return request;
}

void DescribeLogDirsCall::take(const DescribeLogDirsResponse& response, bool last) {
  if (!accepted(response.error_code, {}, last)) return;
  std::vector<LogDirDescription> out;
  for (const auto& r : response.results) {
    LogDirDescription dir{r.log_dir, r.error_code, r.total_bytes, r.usable_bytes, {}};
    for (const auto& topic : r.topics) {
      for (const auto& p : topic.partitions) {
        dir.replicas.push_back({{topic.name, p.partition_index}, p.partition_size, p.offset_lag});
      }
    }
    std::ranges::sort(dir.replicas, {}, &ReplicaSize::tp);
    out.push_back(std::move(dir));
  }
  result_ = std::move(out);
}

namespace {

template <class Asked>
std::set<std::string> topics_of(const std::map<TopicPartition, Asked>& asked) {
  std::set<std::string> out;
  for (const auto& [tp, what] : asked) out.insert(tp.topic);
  return out;
}

// What nobody took on.
ErrorCode given_up(const MetadataCache& metadata, const TopicPartition& tp) {
  const bool known = metadata.partition(tp) != nullptr;
  return known ? ErrorCode::request_timed_out : ErrorCode::unknown_topic_or_partition;
}

// A leader may not have heard of a partition that it leads.
bool may_hear_of_it(std::int16_t code, bool last) {
  return !last && error_code_of(code) == ErrorCode::unknown_topic_or_partition;
}

}  // namespace

ListOffsetsCall::ListOffsetsCall(std::map<TopicPartition, std::int64_t> timestamps)
    : timestamps_(std::move(timestamps)), settled_(timestamps_.size()) {}

std::set<std::string> ListOffsetsCall::topics() const { return topics_of(timestamps_); }

std::map<std::int32_t, ListOffsetsRequest> ListOffsetsCall::requests(const MetadataCache& metadata,
                                                                     std::int32_t) const {
  std::map<std::int32_t, ListOffsetsRequest> out;
  for (const auto& [tp, timestamp] : timestamps_) {
    const std::int32_t leader = metadata.leader(tp);
    if (!settled_.open(tp) || !metadata.brokers().contains(leader)) continue;
    ListOffsetsRequest& request = out[leader];
    request.replica_id = -1;
    if (request.topics.empty() || request.topics.back().name != tp.topic) {
      request.topics.push_back({tp.topic, {}});
    }
    request.topics.back().partitions.push_back({tp.partition, -1, timestamp});
  }
  return out;
}

void ListOffsetsCall::take(const ListOffsetsResponse& response, bool last) {
  for (const auto& topic : response.topics) {
    for (const auto& p : topic.partitions) {
      const TopicPartition tp{topic.name, p.partition_index};
      if (may_hear_of_it(p.error_code, last)) continue;
      settled_.settle(tp, p.error_code, last,
                      {tp, Offset{p.offset}, p.timestamp, p.leader_epoch, p.error_code,
                       admin_why(p.error_code, {})});
    }
  }
}

void ListOffsetsCall::give_up(const MetadataCache& metadata) {
  for (const auto& [tp, timestamp] : timestamps_) {
    if (!settled_.open(tp)) continue;
    const std::int16_t code = code_of(given_up(metadata, tp));
    settled_.settle(tp, code, true, {tp, Offset{-1}, -1, -1, code, admin_why(code, {})});
  }
}

DeleteRecordsCall::DeleteRecordsCall(std::map<TopicPartition, Offset> before)
    : before_(std::move(before)), settled_(before_.size()) {}

std::set<std::string> DeleteRecordsCall::topics() const { return topics_of(before_); }

std::map<std::int32_t, DeleteRecordsRequest> DeleteRecordsCall::requests(
    const MetadataCache& metadata, std::int32_t timeout_ms) const {
  std::map<std::int32_t, DeleteRecordsRequest> out;
  for (const auto& [tp, offset] : before_) {
    const std::int32_t leader = metadata.leader(tp);
    if (!settled_.open(tp) || !metadata.brokers().contains(leader)) continue;
    DeleteRecordsRequest& request = out[leader];
    request.timeout_ms = timeout_ms;
    if (request.topics.empty() || request.topics.back().name != tp.topic) {
      request.topics.push_back({tp.topic, {}});
    }
    request.topics.back().partitions.push_back({tp.partition, offset.value()});
  }
  return out;
}

void DeleteRecordsCall::take(const DeleteRecordsResponse& response, bool last) {
  for (const auto& topic : response.topics) {
    for (const auto& p : topic.partitions) {
      const TopicPartition tp{topic.name, p.partition_index};
      if (may_hear_of_it(p.error_code, last)) continue;
      settled_.settle(tp, p.error_code, last,
                      {tp, Offset{p.low_watermark}, p.error_code, admin_why(p.error_code, {})});
    }
  }
}

void DeleteRecordsCall::give_up(const MetadataCache& metadata) {
  for (const auto& [tp, offset] : before_) {
    if (!settled_.open(tp)) continue;
    const std::int16_t code = code_of(given_up(metadata, tp));
    settled_.settle(tp, code, true, {tp, Offset{-1}, code, admin_why(code, {})});
  }
}

}  // namespace weir
