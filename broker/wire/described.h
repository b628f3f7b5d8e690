// All requests that Weir has descriptions of, served or not: for codec tests, fuzzing and the
// phrases of traffic between nodes. Which of them a node answers, and in which versions, is the
// table's business (api_key.h); the list of handlers is ServedRequests.
#pragma once

#include "broker/wire/messages/add_raft_voter.h"
#include "broker/wire/messages/allocate_producer_ids.h"
#include "broker/wire/messages/alter_configs.h"
#include "broker/wire/messages/alter_partition.h"
#include "broker/wire/messages/alter_partition_reassignments.h"
#include "broker/wire/messages/assign_replicas_to_dirs.h"
#include "broker/wire/messages/begin_quorum_epoch.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"
#include "broker/wire/messages/controller_registration.h"
#include "broker/wire/messages/create_partitions.h"
#include "broker/wire/messages/delete_records.h"
#include "broker/wire/messages/describe_cluster.h"
#include "broker/wire/messages/describe_configs.h"
#include "broker/wire/messages/describe_log_dirs.h"
#include "broker/wire/messages/describe_quorum.h"
#include "broker/wire/messages/describe_topic_partitions.h"
#include "broker/wire/messages/elect_leaders.h"
#include "broker/wire/messages/end_quorum_epoch.h"
#include "broker/wire/messages/fetch_snapshot.h"
#include "broker/wire/messages/incremental_alter_configs.h"
#include "broker/wire/messages/list_partition_reassignments.h"
#include "broker/wire/messages/offset_for_leader_epoch.h"
#include "broker/wire/messages/remove_raft_voter.h"
#include "broker/wire/messages/unregister_broker.h"
#include "broker/wire/messages/update_features.h"
#include "broker/wire/messages/update_raft_voter.h"
#include "broker/wire/messages/vote.h"
#include "broker/wire/served.h"

namespace weir {

// In the order of their keys.
using DescribedRequests = RequestList<
    ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest, FindCoordinatorRequest,
    ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest, DeleteRecordsRequest,
    InitProducerIdRequest, OffsetForLeaderEpochRequest, DescribeConfigsRequest, AlterConfigsRequest,
    DescribeLogDirsRequest, CreatePartitionsRequest, ElectLeadersRequest,
    IncrementalAlterConfigsRequest, AlterPartitionReassignmentsRequest,
    ListPartitionReassignmentsRequest, VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest,
    DescribeQuorumRequest, AlterPartitionRequest, UpdateFeaturesRequest, FetchSnapshotRequest,
    DescribeClusterRequest, BrokerRegistrationRequest, BrokerHeartbeatRequest,
    UnregisterBrokerRequest, AllocateProducerIdsRequest, ControllerRegistrationRequest,
    AssignReplicasToDirsRequest, DescribeTopicPartitionsRequest, AddRaftVoterRequest,
    RemoveRaftVoterRequest, UpdateRaftVoterRequest>;

}  // namespace weir
