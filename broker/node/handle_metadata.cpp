// Metadata: who leads what. Topics that are asked for by name may be created on the way
// (auto.create.topics.enable). A broker that stands alone has them in the same answer; in a cluster
// the controller is asked for them, and the client asks again.
#include "broker/node/controller/auto_topics.h"
#include "broker/node/handlers.h"
#include "broker/node/metadata_response.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {

namespace {

Task<> create_alone(Node& node, std::vector<std::string> missing) {
  for (const std::string& name : missing) {
    TopicImage topic =
        node.topics.draft(name, static_cast<std::int32_t>(node.settings.num_partitions));
    // What cannot be created is answered like any other topic that does not exist.
    co_await node.topics.create(std::move(topic));
  }
}

}  // namespace

Task<MetadataResponse> handle(Node& node, RequestContext& context, MetadataRequest request) {
  std::vector<std::string> missing;
  if (node.settings.auto_create_topics_enable) {
    missing = missing_topics(*node.image(), request, context.version());
  }
  const bool in_cluster = context.listener == ListenerKind::broker;
  if (in_cluster) {
    if (!missing.empty()) node.auto_topics->want(missing);
  } else {
    co_await create_alone(node, std::move(missing));
  }
  MetadataResponse response =
      metadata_response(*node.image(), node.config.cluster_id, request, context.version());
  if (in_cluster) {
    response.controller_id = controller_for_clients(*node.image(), node.config.id).value();
  }
  co_return response;
}

void describe(const MetadataResponse& response, Phrase& phrase) {
  phrase << " " << response.brokers.size() << " brokers";
  for (const auto& topic : response.topics) {
    if (phrase.full()) return;
    phrase << " " << (topic.name ? std::string_view(*topic.name) : std::string_view("by-id"));
    if (topic.error_code != 0) phrase << " " << name_of(error_code_of(topic.error_code));
  }
}

}  // namespace weir
