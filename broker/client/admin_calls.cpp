// Calls about topics, settings and the cluster.
#include "broker/client/admin_calls.h"

#include <algorithm>
#include <charconv>

namespace weir {

bool admin_retries(ErrorCode code) {
  // What else is retriable somewhere is here a definite answer: no such topic, no election needed.
  constexpr ErrorCode kRetried[] = {
      ErrorCode::not_controller,      ErrorCode::not_leader_or_follower,
      ErrorCode::fenced_leader_epoch, ErrorCode::leader_not_available,
      ErrorCode::network_exception,   ErrorCode::throttling_quota_exceeded,
      ErrorCode::request_timed_out,   ErrorCode::kafka_storage_error,
      ErrorCode::broker_not_available};
  return std::ranges::find(kRetried, code) != std::end(kRetried);
}

std::string admin_why(std::int16_t code, const std::optional<std::string>& words) {
  if (code == 0) return {};
  std::string why(name_of(error_code_of(code)));
  if (words && !words->empty()) why += ": " + *words;
  return why;
}

CreateTopicsCall::CreateTopicsCall(std::vector<NewTopic> topics) {
  for (NewTopic& topic : topics) topics_.insert_or_assign(topic.name, std::move(topic));
  settled_ = Settled<std::string, TopicOutcome>(topics_.size());
}

CreateTopicsRequest CreateTopicsCall::request(std::int32_t timeout_ms) const {
  Request request;
  request.timeout_ms = timeout_ms;
  for (const auto& [name, topic] : topics_) {
    if (!settled_.open(name)) continue;
    CreateTopicsRequest::CreatableTopic out;
    out.name = name;
    out.num_partitions = topic.partitions;
    out.replication_factor = topic.replication_factor;
    for (const auto& [key, value] : topic.configs) out.configs.push_back({key, value});
    request.topics.push_back(std::move(out));
  }
  return request;
}

void CreateTopicsCall::take(const CreateTopicsResponse& response, bool last) {
  for (const auto& r : response.topics) {
    settled_.settle(r.name, r.error_code, last,
                    {r.name, r.error_code, admin_why(r.error_code, r.error_message)});
  }
}

DeleteTopicsCall::DeleteTopicsCall(const std::vector<std::string>& names)
    : names_(names.begin(), names.end()), settled_(names_.size()) {}

DeleteTopicsRequest DeleteTopicsCall::request(std::int32_t timeout_ms) const {
  Request request;
  request.timeout_ms = timeout_ms;
  for (const std::string& name : names_) {
    if (settled_.open(name)) request.topic_names.push_back(name);
  }
  return request;
}

void DeleteTopicsCall::take(const DeleteTopicsResponse& response, bool last) {
  for (const auto& r : response.responses) {
    const std::string name = r.name.value_or("");
    settled_.settle(name, r.error_code, last,
                    {name, r.error_code, admin_why(r.error_code, r.error_message)});
  }
}

CreatePartitionsCall::CreatePartitionsCall(std::vector<NewPartitions> topics) {
  for (NewPartitions& topic : topics) topics_.insert_or_assign(topic.topic, std::move(topic));
  settled_ = Settled<std::string, TopicOutcome>(topics_.size());
}

CreatePartitionsRequest CreatePartitionsCall::request(std::int32_t timeout_ms) const {
  Request request;
  request.timeout_ms = timeout_ms;
  for (const auto& [name, topic] : topics_) {
    if (!settled_.open(name)) continue;
    CreatePartitionsRequest::CreatePartitionsTopic out{name, topic.total, std::nullopt};
    for (const std::vector<std::int32_t>& replicas : topic.assignments) {
      if (!out.assignments) out.assignments.emplace();
      out.assignments->push_back({replicas});
    }
    request.topics.push_back(std::move(out));
  }
  return request;
}

void CreatePartitionsCall::take(const CreatePartitionsResponse& response, bool last) {
  for (const auto& r : response.results) {
    settled_.settle(r.name, r.error_code, last,
                    {r.name, r.error_code, admin_why(r.error_code, r.error_message)});
  }
}

std::int32_t owner_of(const ConfigResource& resource) {
  const bool own =
      resource.type == ConfigResourceType::broker || resource.type == ConfigResourceType::logger;
  std::int32_t id = -1;
  if (!own || resource.name.empty()) return -1;
  const char* end = resource.name.data() + resource.name.size();
  const auto [at, error] = std::from_chars(resource.name.data(), end, id);
  return error == std::errc() && at == end && id >= 0 ? id : -1;
}

AlterConfigsCall::AlterConfigsCall(std::vector<ConfigChanges> changes) {
  for (ConfigChanges& c : changes) {
    std::vector<ConfigChange>& all = changes_[c.resource];
    std::ranges::move(c.changes, std::back_inserter(all));
  }
  settled_ = Settled<ConfigResource, ConfigOutcome>(changes_.size());
}

IncrementalAlterConfigsRequest AlterConfigsCall::request(std::int32_t) const {
  Request request;
  for (const auto& [resource, changes] : changes_) {
    if (!settled_.open(resource)) continue;
    IncrementalAlterConfigsRequest::AlterConfigsResource out;
    out.resource_type = static_cast<std::int8_t>(resource.type);
    out.resource_name = resource.name;
    for (const ConfigChange& change : changes) {
      out.configs.push_back(
          {change.name, static_cast<std::int8_t>(change.operation), change.value});
    }
    request.resources.push_back(std::move(out));
  }
  return request;
}

void AlterConfigsCall::take(const IncrementalAlterConfigsResponse& response, bool last) {
  for (const auto& r : response.responses) {
    const ConfigResource resource{static_cast<ConfigResourceType>(r.resource_type),
                                  r.resource_name};
    settled_.settle(resource, r.error_code, last,
                    {resource, r.error_code, admin_why(r.error_code, r.error_message)});
  }
}

DescribeConfigsCall::DescribeConfigsCall(const std::vector<ConfigResource>& resources)
    : resources_(resources.begin(), resources.end()), settled_(resources_.size()) {}

DescribeConfigsRequest DescribeConfigsCall::request(std::int32_t) const {
  Request request;
  for (const ConfigResource& resource : resources_) {
    if (!settled_.open(resource)) continue;
    request.resources.push_back(
        {static_cast<std::int8_t>(resource.type), resource.name, std::nullopt});
  }
  return request;
}

void DescribeConfigsCall::take(const DescribeConfigsResponse& response, bool last) {
  for (const auto& r : response.results) {
    const ConfigResource resource{static_cast<ConfigResourceType>(r.resource_type),
                                  r.resource_name};
    ConfigDescription out{resource, r.error_code, admin_why(r.error_code, r.error_message), {}};
    for (const auto& c : r.configs) {
      out.values.push_back({c.name, c.value, static_cast<ConfigSource>(c.config_source),
                            c.read_only, c.is_sensitive});
    }
    std::ranges::sort(out.values, {}, &ConfigValue::name);
    settled_.settle(resource, r.error_code, last, std::move(out));
  }
}

DescribeClusterRequest DescribeClusterCall::request(std::int32_t) const {
  Request request;
  request.include_fenced_brokers = with_fenced_;
  return request;
}

void DescribeClusterCall::take(const DescribeClusterResponse& response, bool last) {
  if (!accepted(response.error_code, response.error_message, last)) return;
  ClusterDescription out;
  out.cluster_id = response.cluster_id;
  out.controller = response.controller_id;
  for (const auto& b : response.brokers) {
    out.brokers.push_back({b.broker_id,
                           {b.host, static_cast<std::uint16_t>(b.port)},
                           b.rack.value_or(""),
                           b.is_fenced});
  }
  std::ranges::sort(out.brokers, {}, &BrokerDescription::id);
  result_ = std::move(out);
}

MetadataRequest DescribeTopicsCall::request(std::int32_t) const {
  Request request;
  request.allow_auto_topic_creation = false;
  request.topics.reset();
  for (const std::string& name : topics_) {
    if (!request.topics) request.topics.emplace();
    request.topics->push_back({{}, name});
  }
  return request;
}

void DescribeTopicsCall::take(const MetadataResponse& response, bool last) {
  if (!accepted(response.error_code, {}, last)) return;
  ClusterDescription out;
  out.cluster_id = response.cluster_id.value_or("");
  out.controller = response.controller_id;
  for (const auto& b : response.brokers) {
    out.brokers.push_back(
        {b.node_id, {b.host, static_cast<std::uint16_t>(b.port)}, b.rack.value_or("")});
  }
  for (const auto& t : response.topics) {
    TopicDescription topic{t.name.value_or(""), t.error_code, {}};
    for (const auto& p : t.partitions) {
      topic.partitions.push_back(
          {p.partition_index, p.leader_id, p.leader_epoch, p.replica_nodes, p.isr_nodes});
    }
    std::ranges::sort(topic.partitions, {}, &PartitionDescription::partition);
    out.topics.push_back(std::move(topic));
  }
  result_ = std::move(out);
}

DescribeQuorumRequest DescribeQuorumCall::request(std::int32_t) {
  Request request;
  request.topics.push_back({"__cluster_metadata", {{0}}});
  return request;
}

void DescribeQuorumCall::take(const DescribeQuorumResponse& response, bool last) {
  if (!accepted(response.error_code, response.error_message, last)) return;
  if (response.topics.empty() || response.topics.front().partitions.empty()) {
    result_ = ClientError(code_of(ErrorCode::unknown_server_error),
                          "the answer says nothing of the metadata quorum");
    return;
  }
  const auto& p = response.topics.front().partitions.front();
  if (!accepted(p.error_code, p.error_message, last)) return;
  const auto replicas = [](const auto& states) {
    std::vector<QuorumReplica> out;
    for (const auto& s : states) {
      out.push_back({s.replica_id,
                     s.replica_directory_id,
                     Offset{s.log_end_offset},
                     {s.last_fetch_timestamp},
                     {s.last_caught_up_timestamp}});
    }
    std::ranges::sort(out, {}, &QuorumReplica::id);
    return out;
  };
  result_ = MetadataQuorum{p.leader_id, p.leader_epoch, Offset{p.high_watermark},
                           replicas(p.current_voters), replicas(p.observers)};
}

}  // namespace weir
