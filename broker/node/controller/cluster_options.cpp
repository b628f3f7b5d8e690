// Settings by Kafka's names become options.
#include "broker/node/controller/cluster_options.h"

namespace weir {
namespace {

Duration ms(std::int64_t value) { return std::chrono::milliseconds(value); }

// controller.quorum.*
void read_quorum_settings(raft::QuorumConfig& config, const BrokerSettings& s) {
  config.election_timeout = ms(s.quorum_election_timeout_ms);
  config.election_backoff_max = ms(s.quorum_election_backoff_max_ms);
  config.fetch_timeout = ms(s.quorum_fetch_timeout_ms);
  config.request_timeout = ms(s.quorum_request_timeout_ms);
  config.retry_backoff = ms(s.quorum_retry_backoff_ms);
  config.append_linger = ms(s.quorum_append_linger_ms);
  config.fetch_snapshot_max_bytes = static_cast<std::int32_t>(s.quorum_fetch_snapshot_max_bytes);
}

}  // namespace

ControllerOptions controller_options(const BrokerConfig& config, const BrokerSettings& s) {
  ControllerOptions options;
  options.id = config.id;
  options.cluster_id = config.cluster_id;
  options.session_timeout = ms(s.broker_session_timeout_ms);
  options.max_idle = ms(s.metadata_max_idle_interval_ms);
  options.auto_leader_rebalance = s.auto_leader_rebalance_enable;
  options.rebalance_check = std::chrono::seconds(s.leader_imbalance_check_interval_seconds);
  options.unclean_check = ms(s.unclean_leader_election_interval_ms);
  options.num_partitions = static_cast<std::int32_t>(s.num_partitions);
  options.default_replication_factor = static_cast<std::int16_t>(s.default_replication_factor);
  options.delete_topic_enable = s.delete_topic_enable;
  options.min_insync_replicas = static_cast<std::int32_t>(s.topic.min_insync_replicas);
  options.unclean_leader_election_enable = s.topic.unclean_leader_election_enable;
  return options;
}

LifecycleOptions lifecycle_options(const BrokerConfig& config, const BrokerSettings& s,
                                   const Endpoint& advertised) {
  LifecycleOptions options;
  options.id = config.id;
  options.cluster_id = config.cluster_id;
  options.listeners.push_back({std::string(kBrokerListener), advertised.host, advertised.port, 0});
  if (config.cluster) options.rack = config.cluster->rack;
  options.heartbeat_interval = ms(s.broker_heartbeat_interval_ms);
  options.session_timeout = ms(s.broker_session_timeout_ms);
  options.registration_timeout = ms(s.initial_broker_registration_timeout_ms);
  options.controlled_shutdown = s.controlled_shutdown_enable;
  return options;
}

SnapshotPolicy snapshot_policy(const BrokerSettings& s) {
  return {s.metadata_log_max_record_bytes_between_snapshots,
          ms(s.metadata_log_max_snapshot_interval_ms)};
}

ChannelOptions channel_options(const BrokerSettings& s) {
  return {.request_timeout = ms(s.controller_socket_timeout_ms)};
}

MetadataLogOptions metadata_log_options(const BrokerConfig& config, const BrokerSettings& s) {
  const ClusterConfig& cluster = *config.cluster;
  MetadataLogOptions options;
  options.quorum.cluster_id = config.cluster_id;
  options.quorum.self = {config.id, {}};
  options.quorum.can_become_voter = cluster.is_controller;
  read_quorum_settings(options.quorum, s);
  std::vector<raft::Voter> voters;
  for (const QuorumVoter& v : cluster.voters) {
    raft::Voter voter;
    voter.key = {v.id, {}};
    voter.endpoints.push_back({std::string(kControllerListener), v.address.host, v.address.port});
    if (v.id == config.id) options.quorum.endpoints = voter.endpoints;
    voters.push_back(std::move(voter));
    options.bootstrap_servers.push_back({v.address.host, v.address.port});
  }
  options.quorum.bootstrap_servers = static_cast<std::int32_t>(options.bootstrap_servers.size());
  options.voters = raft::VoterSet(std::move(voters));
  return options;
}

}  // namespace weir
