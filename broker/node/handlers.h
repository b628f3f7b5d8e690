// The handlers, one file each (handle_*.cpp), and the phrases that facts carry about them.
//
// A handler answers every valid request of its API; errors of a topic or partition are told in its
// place in the response. It runs alone on its connection, but beside the handlers of others, so
// whatever it read before a wait may have changed after it.
#pragma once

#include "broker/node/dispatch.h"
#include "broker/wire/error_code.h"
#include "broker/wire/messages/alter_configs.h"
#include "broker/wire/messages/alter_partition_reassignments.h"
#include "broker/wire/messages/api_versions.h"
#include "broker/wire/messages/create_partitions.h"
#include "broker/wire/messages/create_topics.h"
#include "broker/wire/messages/delete_records.h"
#include "broker/wire/messages/delete_topics.h"
#include "broker/wire/messages/describe_cluster.h"
#include "broker/wire/messages/describe_configs.h"
#include "broker/wire/messages/describe_log_dirs.h"
#include "broker/wire/messages/describe_quorum.h"
#include "broker/wire/messages/describe_topic_partitions.h"
#include "broker/wire/messages/elect_leaders.h"
#include "broker/wire/messages/fetch.h"
#include "broker/wire/messages/find_coordinator.h"
#include "broker/wire/messages/incremental_alter_configs.h"
#include "broker/wire/messages/init_producer_id.h"
#include "broker/wire/messages/list_offsets.h"
#include "broker/wire/messages/list_partition_reassignments.h"
#include "broker/wire/messages/metadata.h"
#include "broker/wire/messages/offset_for_leader_epoch.h"
#include "broker/wire/messages/produce.h"
#include "broker/wire/messages/unregister_broker.h"
#include "broker/wire/messages/update_features.h"

namespace weir {

[[nodiscard]] Task<ApiVersionsResponse> handle(Node&, RequestContext&, ApiVersionsRequest);
[[nodiscard]] Task<MetadataResponse> handle(Node&, RequestContext&, MetadataRequest);
[[nodiscard]] Task<ProduceResponse> handle(Node&, RequestContext&, ProduceRequest);
[[nodiscard]] Task<FetchResponse> handle(Node&, RequestContext&, FetchRequest);
[[nodiscard]] Task<ListOffsetsResponse> handle(Node&, RequestContext&, ListOffsetsRequest);
[[nodiscard]] Task<CreateTopicsResponse> handle(Node&, RequestContext&, CreateTopicsRequest);
[[nodiscard]] Task<DeleteTopicsResponse> handle(Node&, RequestContext&, DeleteTopicsRequest);
[[nodiscard]] Task<InitProducerIdResponse> handle(Node&, RequestContext&, InitProducerIdRequest);
[[nodiscard]] Task<FindCoordinatorResponse> handle(Node&, RequestContext&, FindCoordinatorRequest);

// Of a cluster: answered from the logs.
[[nodiscard]] Task<OffsetForLeaderEpochResponse> handle(Node&, RequestContext&,
                                                        OffsetForLeaderEpochRequest);
[[nodiscard]] Task<DeleteRecordsResponse> handle(Node&, RequestContext&, DeleteRecordsRequest);
[[nodiscard]] Task<DescribeLogDirsResponse> handle(Node&, RequestContext&, DescribeLogDirsRequest);

// Of a cluster: answered from the image and the quorum.
[[nodiscard]] Task<DescribeClusterResponse> handle(Node&, RequestContext&, DescribeClusterRequest);
[[nodiscard]] Task<DescribeConfigsResponse> handle(Node&, RequestContext&, DescribeConfigsRequest);
[[nodiscard]] Task<DescribeQuorumResponse> handle(Node&, RequestContext&, DescribeQuorumRequest);
[[nodiscard]] Task<DescribeTopicPartitionsResponse> handle(Node&, RequestContext&,
                                                           DescribeTopicPartitionsRequest);

// Of a cluster: answered by the active controller.
[[nodiscard]] Task<AlterConfigsResponse> handle(Node&, RequestContext&, AlterConfigsRequest);
[[nodiscard]] Task<AlterPartitionReassignmentsResponse> handle(Node&, RequestContext&,
                                                               AlterPartitionReassignmentsRequest);
[[nodiscard]] Task<CreatePartitionsResponse> handle(Node&, RequestContext&,
                                                    CreatePartitionsRequest);
[[nodiscard]] Task<ElectLeadersResponse> handle(Node&, RequestContext&, ElectLeadersRequest);
[[nodiscard]] Task<IncrementalAlterConfigsResponse> handle(Node&, RequestContext&,
                                                           IncrementalAlterConfigsRequest);
[[nodiscard]] Task<ListPartitionReassignmentsResponse> handle(Node&, RequestContext&,
                                                              ListPartitionReassignmentsRequest);
[[nodiscard]] Task<UnregisterBrokerResponse> handle(Node&, RequestContext&,
                                                    UnregisterBrokerRequest);
[[nodiscard]] Task<UpdateFeaturesResponse> handle(Node&, RequestContext&, UpdateFeaturesRequest);

// The answer to an ApiVersions request of a version that is not served; encoded as v0.
[[nodiscard]] ApiVersionsResponse unsupported_api_versions(ListenerKind kind);

void describe(const ApiVersionsResponse&, Phrase&);
void describe(const MetadataResponse&, Phrase&);
void describe(const ProduceResponse&, Phrase&);
void describe(const FetchResponse&, Phrase&);
void describe(const ListOffsetsResponse&, Phrase&);
void describe(const CreateTopicsResponse&, Phrase&);
void describe(const DeleteTopicsResponse&, Phrase&);
void describe(const InitProducerIdResponse&, Phrase&);
void describe(const FindCoordinatorResponse&, Phrase&);

// All others: the error of the whole.
template <class Response>
void describe(const Response& response, Phrase& phrase) {
  if constexpr (requires { response.error_code; }) {
    if (response.error_code != 0) phrase << " " << name_of(error_code_of(response.error_code));
  }
}

}  // namespace weir
