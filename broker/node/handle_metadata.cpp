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

void append_ids(std::string& text, const std::vector<std::int32_t>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(ids[i]);
  }
}

void emit_told(Node& node, const RequestContext& context, const MetadataImage& image,
               const MetadataResponse& response) {
  for (const auto& topic : response.topics) {
    const auto known = topic.error_code == 0 && topic.name ? image.topic(*topic.name) : nullptr;
    if (known == nullptr) continue;
    for (const auto& partition : topic.partitions) {
      std::string members = "replicas=";
      append_ids(members, partition.replica_nodes);
      members += " isr=";
      append_ids(members, partition.isr_nodes);
      const PartitionImage& answered = *known->partition(partition.partition_index);
      node.machine.facts.emit({.kind = FactKind::answer_told,
                               .api = context.header.api_key,
                               .partition = partition.partition_index,
                               .epoch = partition.leader_epoch,
                               .sequence = answered.partition_epoch.value(),
                               .topic = known->name,
                               .old = image.applied().end.value(),
                               .value = partition.leader_id,
                               .operation = context.header.correlation_id,
                               .record = members,
                               .peer = context.peer});
    }
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
  const std::shared_ptr<const MetadataImage> image = node.image();
  MetadataResponse response =
      metadata_response(*image, node.config.cluster_id, request, context.version());
  if (in_cluster) {
    response.controller_id = controller_for_clients(*image, node.config.id).value();
    emit_told(node, context, *image, response);
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
