// The table of Kafka's APIs. What Weir serves has ranges in its row: those of a broker that stands
// alone (served, advertised), those of a broker of a cluster, those of a controller.
#include "broker/wire/api_key.h"

#include <iterator>

#include "broker/base/assertion.h"

namespace weir {
namespace {

constexpr ApiInfo kApis[] = {
    {ApiKey::produce, "Produce", 9, {3, 12}, {0, 12}, {3, 12}},
    {ApiKey::fetch, "Fetch", 12, {4, 17}, {4, 17}, {4, 18}, {12, 18}},
    {ApiKey::list_offsets, "ListOffsets", 6, {1, 9}, {1, 9}, {1, 9}},
    {ApiKey::metadata, "Metadata", 9, {0, 13}, {0, 13}, {0, 13}},
    {ApiKey::leader_and_isr, "LeaderAndIsr", 4},
    {ApiKey::stop_replica, "StopReplica", 2},
    {ApiKey::update_metadata, "UpdateMetadata", 6},
    {ApiKey::controlled_shutdown, "ControlledShutdown", 3},
    {ApiKey::offset_commit, "OffsetCommit", 8},
    {ApiKey::offset_fetch, "OffsetFetch", 6},
    {ApiKey::find_coordinator, "FindCoordinator", 3, {0, 6}, {0, 6}, {0, 6}},
    {ApiKey::join_group, "JoinGroup", 6},
    {ApiKey::heartbeat, "Heartbeat", 4},
    {ApiKey::leave_group, "LeaveGroup", 4},
    {ApiKey::sync_group, "SyncGroup", 4},
    {ApiKey::describe_groups, "DescribeGroups", 5},
    {ApiKey::list_groups, "ListGroups", 3},
    {ApiKey::sasl_handshake, "SaslHandshake", kNeverFlexible},
    {ApiKey::api_versions, "ApiVersions", 3, {0, 4}, {0, 4}, {0, 4}, {0, 4}},
    {ApiKey::create_topics, "CreateTopics", 5, {2, 7}, {2, 7}, {2, 7}, {2, 7}},
    {ApiKey::delete_topics, "DeleteTopics", 4, {1, 6}, {1, 6}, {1, 6}, {1, 6}},
    {ApiKey::delete_records, "DeleteRecords", 2, {}, {}, {0, 2}},
    {ApiKey::init_producer_id, "InitProducerId", 2, {0, 5}, {0, 5}, {0, 5}},
    {ApiKey::offset_for_leader_epoch, "OffsetForLeaderEpoch", 4, {}, {}, {2, 4}},
    {ApiKey::add_partitions_to_txn, "AddPartitionsToTxn", 3},
    {ApiKey::add_offsets_to_txn, "AddOffsetsToTxn", 3},
    {ApiKey::end_txn, "EndTxn", 3},
    {ApiKey::write_txn_markers, "WriteTxnMarkers", 1},
    {ApiKey::txn_offset_commit, "TxnOffsetCommit", 3},
    {ApiKey::describe_acls, "DescribeAcls", 2},
    {ApiKey::create_acls, "CreateAcls", 2},
    {ApiKey::delete_acls, "DeleteAcls", 2},
    {ApiKey::describe_configs, "DescribeConfigs", 4, {}, {}, {1, 4}},
    {ApiKey::alter_configs, "AlterConfigs", 2, {}, {}, {0, 2}, {0, 2}},
    {ApiKey::alter_replica_log_dirs, "AlterReplicaLogDirs", 2},
    {ApiKey::describe_log_dirs, "DescribeLogDirs", 2, {}, {}, {1, 5}},
    {ApiKey::sasl_authenticate, "SaslAuthenticate", 2},
    {ApiKey::create_partitions, "CreatePartitions", 2, {}, {}, {0, 3}, {0, 3}},
    {ApiKey::create_delegation_token, "CreateDelegationToken", 2},
    {ApiKey::renew_delegation_token, "RenewDelegationToken", 2},
    {ApiKey::expire_delegation_token, "ExpireDelegationToken", 2},
    {ApiKey::describe_delegation_token, "DescribeDelegationToken", 2},
    {ApiKey::delete_groups, "DeleteGroups", 2},
    {ApiKey::elect_leaders, "ElectLeaders", 2, {}, {}, {0, 2}, {0, 2}},
    {ApiKey::incremental_alter_configs, "IncrementalAlterConfigs", 1, {}, {}, {0, 1}, {0, 1}},
    {ApiKey::alter_partition_reassignments,
     "AlterPartitionReassignments",
     0,
     {},
     {},
     {0, 1},
     {0, 1}},
    {ApiKey::list_partition_reassignments, "ListPartitionReassignments", 0, {}, {}, {0, 0}, {0, 0}},
    {ApiKey::offset_delete, "OffsetDelete", kNeverFlexible},
    {ApiKey::describe_client_quotas, "DescribeClientQuotas", 1},
    {ApiKey::alter_client_quotas, "AlterClientQuotas", 1},
    {ApiKey::describe_user_scram_credentials, "DescribeUserScramCredentials", 0},
    {ApiKey::alter_user_scram_credentials, "AlterUserScramCredentials", 0},
    {ApiKey::vote, "Vote", 0, {}, {}, {}, {0, 2}},
    {ApiKey::begin_quorum_epoch, "BeginQuorumEpoch", 1, {}, {}, {}, {0, 1}},
    {ApiKey::end_quorum_epoch, "EndQuorumEpoch", 1, {}, {}, {}, {0, 1}},
    {ApiKey::describe_quorum, "DescribeQuorum", 0, {}, {}, {0, 2}, {0, 2}},
    {ApiKey::alter_partition, "AlterPartition", 0, {}, {}, {}, {2, 3}},
    {ApiKey::update_features, "UpdateFeatures", 0, {}, {}, {0, 2}, {0, 2}},
    {ApiKey::envelope, "Envelope", 0},
    {ApiKey::fetch_snapshot, "FetchSnapshot", 0, {}, {}, {}, {0, 1}},
    {ApiKey::describe_cluster, "DescribeCluster", 0, {}, {}, {0, 2}, {0, 2}},
    {ApiKey::describe_producers, "DescribeProducers", 0},
    {ApiKey::broker_registration, "BrokerRegistration", 0, {}, {}, {}, {0, 4}},
    {ApiKey::broker_heartbeat, "BrokerHeartbeat", 0, {}, {}, {}, {0, 2}},
    {ApiKey::unregister_broker, "UnregisterBroker", 0, {}, {}, {0, 0}, {0, 0}},
    {ApiKey::describe_transactions, "DescribeTransactions", 0},
    {ApiKey::list_transactions, "ListTransactions", 0},
    {ApiKey::allocate_producer_ids, "AllocateProducerIds", 0, {}, {}, {}, {0, 0}},
    {ApiKey::consumer_group_heartbeat, "ConsumerGroupHeartbeat", 0},
    {ApiKey::consumer_group_describe, "ConsumerGroupDescribe", 0},
    {ApiKey::controller_registration, "ControllerRegistration", 0, {}, {}, {}, {0, 0}},
    {ApiKey::get_telemetry_subscriptions, "GetTelemetrySubscriptions", 0},
    {ApiKey::push_telemetry, "PushTelemetry", 0},
    {ApiKey::assign_replicas_to_dirs, "AssignReplicasToDirs", 0},
    {ApiKey::list_config_resources, "ListConfigResources", 0},
    {ApiKey::describe_topic_partitions, "DescribeTopicPartitions", 0, {}, {}, {0, 0}},
    {ApiKey::share_group_heartbeat, "ShareGroupHeartbeat", 0},
    {ApiKey::share_group_describe, "ShareGroupDescribe", 0},
    {ApiKey::share_fetch, "ShareFetch", 0},
    {ApiKey::share_acknowledge, "ShareAcknowledge", 0},
    {ApiKey::add_raft_voter, "AddRaftVoter", 0},
    {ApiKey::remove_raft_voter, "RemoveRaftVoter", 0},
    {ApiKey::update_raft_voter, "UpdateRaftVoter", 0},
    {ApiKey::initialize_share_group_state, "InitializeShareGroupState", 0},
    {ApiKey::read_share_group_state, "ReadShareGroupState", 0},
    {ApiKey::write_share_group_state, "WriteShareGroupState", 0},
    {ApiKey::delete_share_group_state, "DeleteShareGroupState", 0},
    {ApiKey::read_share_group_state_summary, "ReadShareGroupStateSummary", 0},
    {ApiKey::streams_group_heartbeat, "StreamsGroupHeartbeat", 0},
    {ApiKey::streams_group_describe, "StreamsGroupDescribe", 0},
    {ApiKey::describe_share_group_offsets, "DescribeShareGroupOffsets", 0},
    {ApiKey::alter_share_group_offsets, "AlterShareGroupOffsets", 0},
    {ApiKey::delete_share_group_offsets, "DeleteShareGroupOffsets", 0},
    {ApiKey::streams_group_topology_description_update, "StreamsGroupTopologyDescriptionUpdate", 0},
    {ApiKey::unregister_controller, "UnregisterController", 0},
};

static_assert([] {
  for (std::size_t i = 0; i < std::size(kApis); ++i) {
    if (static_cast<std::size_t>(kApis[i].key) != i) return false;
  }
  return true;
}());

}  // namespace

VersionRange ApiInfo::served_by(ListenerKind kind) const {
  switch (kind) {
    case ListenerKind::standalone: return served;
    case ListenerKind::broker: return broker;
    case ListenerKind::controller: return controller;
  }
  return {};
}

VersionRange ApiInfo::advertised_by(ListenerKind kind) const {
  const bool as_alone = kind == ListenerKind::broker && broker == served;
  return kind == ListenerKind::standalone || as_alone ? advertised : served_by(kind);
}

std::span<const ApiInfo> all_apis() { return kApis; }

const ApiInfo* find_api(std::int16_t key) {
  return key < 0 || static_cast<std::size_t>(key) >= std::size(kApis) ? nullptr : &kApis[key];
}

const ApiInfo& info_of(ApiKey key) {
  const ApiInfo* info = find_api(static_cast<std::int16_t>(key));
  WEIR_ASSERT(info != nullptr);
  return *info;
}

std::string_view name_of(ApiKey key) {
  const ApiInfo* info = find_api(static_cast<std::int16_t>(key));
  return info == nullptr ? std::string_view("UnknownApi") : info->name;
}

}  // namespace weir
