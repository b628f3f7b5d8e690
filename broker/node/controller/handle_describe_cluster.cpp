// DescribeCluster (KIP-700, KIP-919): brokers tell brokers, controllers tell controllers.
//
// The controller of brokers is, as in Kafka, a broker that hands on what is meant for it; the one
// of controllers is the active one.
#include "broker/node/handlers.h"
#include "broker/node/metadata_response.h"
#include "broker/node/node.h"
#include "broker/node/quorum/metadata_log.h"

namespace weir {
namespace {

constexpr std::int8_t kBrokers = 1;
constexpr std::int8_t kControllers = 2;

void tell_controllers(const Node& node, DescribeClusterResponse& response) {
  response.controller_id = node.metadata_log->leader().value();
  for (const ControllerImage& controller : node.image()->controllers()) {
    if (controller.listeners.empty()) continue;
    auto& told = response.brokers.emplace_back();
    told.broker_id = controller.id.value();
    told.host = controller.listeners.front().host;
    told.port = controller.listeners.front().port;
  }
}

void tell_brokers(const Node& node, bool fenced_too, DescribeClusterResponse& response) {
  const MetadataImage& image = *node.image();
  response.controller_id = controller_for_clients(image, node.config.id).value();
  for (const BrokerImage& broker : image.brokers()) {
    if (broker.fenced && !fenced_too) continue;
    response.brokers.push_back(
        {broker.id.value(), broker.host, broker.port, broker.rack, broker.fenced});
  }
}

}  // namespace

Task<DescribeClusterResponse> handle(Node& node, RequestContext& context,
                                     DescribeClusterRequest request) {
  DescribeClusterResponse response;
  response.cluster_id = node.config.cluster_id;
  response.endpoint_type = request.endpoint_type;
  const bool on_controller = context.listener == ListenerKind::controller;
  const std::int8_t told = on_controller ? kControllers : kBrokers;
  if (request.endpoint_type != kBrokers && request.endpoint_type != kControllers) {
    response.error_code = code_of(ErrorCode::unsupported_endpoint_type);
    response.error_message = "endpoint types are 1 (brokers) and 2 (controllers)";
  } else if (request.endpoint_type != told) {
    response.error_code = code_of(ErrorCode::mismatched_endpoint_type);
    response.error_message =
        on_controller ? "this is a controller's listener" : "this is a broker's listener";
  } else if (on_controller) {
    tell_controllers(node, response);
  } else {
    tell_brokers(node, request.include_fenced_brokers, response);
  }
  co_return response;
}

}  // namespace weir
