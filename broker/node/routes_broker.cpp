// The APIs that brokers serve, alone or in a cluster; which of them where, the table of the wire
// says (api_key.h).
#include "broker/node/route.h"

namespace weir {
namespace {

template <class Request>
constexpr Route route() {
  return {Request::kApi, serve<Request, handle>};
}

}  // namespace

std::span<const Route> broker_routes() {
  static constexpr Route kRoutes[] = {
      route<ProduceRequest>(),
      route<FetchRequest>(),
      route<ListOffsetsRequest>(),
      route<MetadataRequest>(),
      route<FindCoordinatorRequest>(),
      route<ApiVersionsRequest>(),
      route<CreateTopicsRequest>(),
      route<DeleteTopicsRequest>(),
      route<InitProducerIdRequest>(),
      route<AlterConfigsRequest>(),
      route<AlterPartitionReassignmentsRequest>(),
      route<CreatePartitionsRequest>(),
      route<DeleteRecordsRequest>(),
      route<DescribeClusterRequest>(),
      route<DescribeConfigsRequest>(),
      route<DescribeLogDirsRequest>(),
      route<DescribeQuorumRequest>(),
      route<DescribeTopicPartitionsRequest>(),
      route<ElectLeadersRequest>(),
      route<IncrementalAlterConfigsRequest>(),
      route<ListPartitionReassignmentsRequest>(),
      route<OffsetForLeaderEpochRequest>(),
      route<UnregisterBrokerRequest>(),
      route<UpdateFeaturesRequest>(),
  };
  return kRoutes;
}

}  // namespace weir
