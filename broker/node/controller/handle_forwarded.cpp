// The APIs of administrators that a broker hands on to the active controller as they are.
#include "broker/node/controller/forward.h"
#include "broker/node/handlers.h"

namespace weir {

Task<AlterConfigsResponse> handle(Node& node, RequestContext& context,
                                  AlterConfigsRequest request) {
  return forward(node, context, std::move(request));
}
Task<AlterPartitionReassignmentsResponse> handle(Node& node, RequestContext& context,
                                                 AlterPartitionReassignmentsRequest request) {
  return forward(node, context, std::move(request));
}
Task<CreatePartitionsResponse> handle(Node& node, RequestContext& context,
                                      CreatePartitionsRequest request) {
  return forward(node, context, std::move(request));
}
Task<ElectLeadersResponse> handle(Node& node, RequestContext& context,
                                  ElectLeadersRequest request) {
  return forward(node, context, std::move(request));
}
Task<IncrementalAlterConfigsResponse> handle(Node& node, RequestContext& context,
                                             IncrementalAlterConfigsRequest request) {
  return forward(node, context, std::move(request));
}
Task<ListPartitionReassignmentsResponse> handle(Node& node, RequestContext& context,
                                                ListPartitionReassignmentsRequest request) {
  return forward(node, context, std::move(request));
}
Task<UnregisterBrokerResponse> handle(Node& node, RequestContext& context,
                                      UnregisterBrokerRequest request) {
  return forward(node, context, std::move(request));
}
Task<UpdateFeaturesResponse> handle(Node& node, RequestContext& context,
                                    UpdateFeaturesRequest request) {
  return forward(node, context, std::move(request));
}

}  // namespace weir
