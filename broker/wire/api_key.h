// Kafka's API keys, and which of them Weir serves in which versions.
//
// The table is the only place that says so: dispatch, the ApiVersions answer, headers and tests
// read it. A broker that stands alone, a broker of a cluster and a controller serve different APIs.
// Advertised and served differ for Produce alone: 0-12 is advertised, 3-12 served, since
// librdkafka before 2.11.1 looks at the old versions to decide whether it may compress
// (KAFKA-18659).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir {

enum class ApiKey : std::int16_t {
  produce = 0,
  fetch = 1,
  list_offsets = 2,
  metadata = 3,
  leader_and_isr = 4,
  stop_replica = 5,
  update_metadata = 6,
  controlled_shutdown = 7,
  offset_commit = 8,
  offset_fetch = 9,
  find_coordinator = 10,
  join_group = 11,
  heartbeat = 12,
  leave_group = 13,
  sync_group = 14,
  describe_groups = 15,
  list_groups = 16,
  sasl_handshake = 17,
  api_versions = 18,
  create_topics = 19,
  delete_topics = 20,
  delete_records = 21,
  init_producer_id = 22,
  offset_for_leader_epoch = 23,
  add_partitions_to_txn = 24,
  add_offsets_to_txn = 25,
  end_txn = 26,
  write_txn_markers = 27,
  txn_offset_commit = 28,
  describe_acls = 29,
  create_acls = 30,
  delete_acls = 31,
  describe_configs = 32,
  alter_configs = 33,
  alter_replica_log_dirs = 34,
  describe_log_dirs = 35,
  sasl_authenticate = 36,
  create_partitions = 37,
  create_delegation_token = 38,
  renew_delegation_token = 39,
  expire_delegation_token = 40,
  describe_delegation_token = 41,
  delete_groups = 42,
  elect_leaders = 43,
  incremental_alter_configs = 44,
  alter_partition_reassignments = 45,
  list_partition_reassignments = 46,
  offset_delete = 47,
  describe_client_quotas = 48,
  alter_client_quotas = 49,
  describe_user_scram_credentials = 50,
  alter_user_scram_credentials = 51,
  vote = 52,
  begin_quorum_epoch = 53,
  end_quorum_epoch = 54,
  describe_quorum = 55,
  alter_partition = 56,
  update_features = 57,
  envelope = 58,
  fetch_snapshot = 59,
  describe_cluster = 60,
  describe_producers = 61,
  broker_registration = 62,
  broker_heartbeat = 63,
  unregister_broker = 64,
  describe_transactions = 65,
  list_transactions = 66,
  allocate_producer_ids = 67,
  consumer_group_heartbeat = 68,
  consumer_group_describe = 69,
  controller_registration = 70,
  get_telemetry_subscriptions = 71,
  push_telemetry = 72,
  assign_replicas_to_dirs = 73,
  list_config_resources = 74,
  describe_topic_partitions = 75,
  share_group_heartbeat = 76,
  share_group_describe = 77,
  share_fetch = 78,
  share_acknowledge = 79,
  add_raft_voter = 80,
  remove_raft_voter = 81,
  update_raft_voter = 82,
  initialize_share_group_state = 83,
  read_share_group_state = 84,
  write_share_group_state = 85,
  delete_share_group_state = 86,
  read_share_group_state_summary = 87,
  streams_group_heartbeat = 88,
  streams_group_describe = 89,
  describe_share_group_offsets = 90,
  alter_share_group_offsets = 91,
  delete_share_group_offsets = 92,
  streams_group_topology_description_update = 93,
  unregister_controller = 94,
};

inline constexpr std::int16_t kNeverFlexible = INT16_MAX;

// An inclusive range of versions.
struct VersionRange {
  std::int16_t min = 0;
  std::int16_t max = -1;
  [[nodiscard]] constexpr bool empty() const { return max < min; }
  [[nodiscard]] constexpr bool contains(std::int16_t v) const { return min <= v && v <= max; }
  friend constexpr bool operator==(VersionRange, VersionRange) = default;
};

// Who listens, and so which APIs are served there (KIP-919: each listener tells its own).
enum class ListenerKind : std::uint8_t {
  standalone,  // a broker that is its own controller
  broker,      // a broker of a cluster with controllers
  controller,
};

struct ApiInfo {
  ApiKey key;
  std::string_view name;        // Kafka's own: "Produce"
  std::int16_t flexible_since;  // first version with compact types and tagged fields
  // By a broker that stands alone; empty where it does not serve it.
  VersionRange served = {};
  VersionRange advertised = {};
  VersionRange broker = {};      // by a broker of a cluster
  VersionRange controller = {};  // by a controller

  [[nodiscard]] VersionRange served_by(ListenerKind) const;
  [[nodiscard]] VersionRange advertised_by(ListenerKind) const;
};

// All of Kafka's APIs, in the order of their keys.
[[nodiscard]] std::span<const ApiInfo> all_apis();

// Null for keys that Kafka does not know.
[[nodiscard]] const ApiInfo* find_api(std::int16_t key);
[[nodiscard]] const ApiInfo& info_of(ApiKey);
// "Produce"; "UnknownApi" for a value outside the enumeration.
[[nodiscard]] std::string_view name_of(ApiKey);

}  // namespace weir
