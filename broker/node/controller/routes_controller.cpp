// The APIs that controllers serve, and their handlers: the quorum's go to the metadata log,
// commands to the active controller.
//
// A controller that is not active refuses commands with NOT_CONTROLLER. A message of the quorum
// that is not about the one partition of the metadata log is refused with INVALID_REQUEST.
#include "broker/node/controller/answers.h"
#include "broker/node/controller/controller_node.h"
#include "broker/node/quorum/metadata_log.h"
#include "broker/node/quorum/raft_wire.h"
#include "broker/node/route.h"
#include "broker/wire/messages/allocate_producer_ids.h"
#include "broker/wire/messages/alter_partition.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"
#include "broker/wire/messages/controller_registration.h"

namespace weir {
namespace {

template <class Request>
Task<typename Request::Response> command(Node& node, RequestContext& context, Request request) {
  using Response = typename Request::Response;
  Response answer = refuse(request, ErrorCode::not_controller, "");
  std::optional<Response> response = co_await node.controller->ask(std::move(request));
  if (response) answer = std::move(*response);
  fit(answer, context.version());
  co_return answer;
}

void refuse_all(VoteResponse& r) { r.error_code = code_of(ErrorCode::invalid_request); }
void refuse_all(BeginQuorumEpochResponse& r) { r.error_code = code_of(ErrorCode::invalid_request); }
void refuse_all(EndQuorumEpochResponse& r) { r.error_code = code_of(ErrorCode::invalid_request); }
void refuse_all(FetchResponse& r) { r.error_code = code_of(ErrorCode::invalid_request); }
void refuse_all(FetchSnapshotResponse& r) { r.error_code = code_of(ErrorCode::invalid_request); }

// Whether the answer has bytes beside its fields.
template <class Request>
inline constexpr bool kCarriesBytes =
    std::is_same_v<Request, FetchRequest> || std::is_same_v<Request, FetchSnapshotRequest>;

template <class Request>
Task<typename Request::Response> quorum(Node& node, RequestContext&, Request request) {
  using Response = typename Request::Response;
  auto asked = from_wire(request);
  Response response;
  if (!asked) {
    refuse_all(response);
    co_return response;
  }
  auto answer = co_await node.metadata_log->ask(std::move(*asked));
  if constexpr (kCarriesBytes<Request>) {
    response = to_wire(answer.response, std::move(answer.bytes));
  } else {
    response = to_wire(answer.response);
  }
  co_return response;
}

template <class Request>
constexpr Route command_route() {
  return {Request::kApi, serve<Request, command<Request>>};
}
template <class Request>
constexpr Route quorum_route() {
  return {Request::kApi, serve<Request, quorum<Request>>};
}
template <class Request>
constexpr Route handled_route() {
  return {Request::kApi, serve<Request, handle>};
}

}  // namespace

std::span<const Route> controller_routes() {
  static constexpr Route kRoutes[] = {
      quorum_route<VoteRequest>(),
      quorum_route<BeginQuorumEpochRequest>(),
      quorum_route<EndQuorumEpochRequest>(),
      quorum_route<FetchRequest>(),
      quorum_route<FetchSnapshotRequest>(),
      command_route<AllocateProducerIdsRequest>(),
      command_route<AlterConfigsRequest>(),
      command_route<AlterPartitionRequest>(),
      command_route<AlterPartitionReassignmentsRequest>(),
      command_route<BrokerHeartbeatRequest>(),
      command_route<BrokerRegistrationRequest>(),
      command_route<ControllerRegistrationRequest>(),
      command_route<CreatePartitionsRequest>(),
      command_route<CreateTopicsRequest>(),
      command_route<DeleteTopicsRequest>(),
      command_route<ElectLeadersRequest>(),
      command_route<IncrementalAlterConfigsRequest>(),
      command_route<ListPartitionReassignmentsRequest>(),
      command_route<UnregisterBrokerRequest>(),
      command_route<UpdateFeaturesRequest>(),
      handled_route<ApiVersionsRequest>(),
      handled_route<DescribeClusterRequest>(),
      handled_route<DescribeQuorumRequest>(),
  };
  return kRoutes;
}

}  // namespace weir
