// Metadata: who leads what. Topics that are asked for by name may be created on the way
// (auto.create.topics.enable); they are in the same answer then.
#include "broker/node/handlers.h"
#include "broker/node/metadata_response.h"
#include "broker/node/node.h"
#include "broker/wire/error_code.h"

namespace weir {

Task<MetadataResponse> handle(Node& node, RequestContext& context, MetadataRequest request) {
  if (node.settings.auto_create_topics_enable) {
    const std::vector<std::string> missing =
        missing_topics(*node.topics.image(), request, context.version());
    for (const std::string& name : missing) {
      TopicImage topic =
          node.topics.draft(name, static_cast<std::int32_t>(node.settings.num_partitions));
      // What cannot be created is answered like any other topic that does not exist.
      co_await node.topics.create(std::move(topic));
    }
  }
  co_return metadata_response(*node.topics.image(), node.config.cluster_id, request,
                              context.version());
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
