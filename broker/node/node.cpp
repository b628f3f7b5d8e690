// Putting the shared parts together, and what differs between a cluster and a broker on its own.
#include "broker/node/node.h"

#include "broker/node/controller/auto_topics.h"
#include "broker/node/controller/broker_lifecycle.h"
#include "broker/node/controller/controller_channel.h"
#include "broker/node/controller/controller_node.h"
#include "broker/node/controller/controller_registrar.h"
#include "broker/node/controller/snapshot_taker.h"
#include "broker/node/quorum/metadata_publisher.h"

namespace weir {

Node::Node(Machine& the_machine, BrokerConfig the_config, const BrokerSettings& the_settings)
    : machine(the_machine),
      config(std::move(the_config)),
      settings(the_settings),
      topics(machine, config, settings),
      producer_ids(machine, config.id) {}

Node::~Node() = default;

const std::shared_ptr<const MetadataImage>& Node::image() const {
  return publisher != nullptr ? publisher->image() : topics.image();
}

std::shared_ptr<Partition> Node::partition(std::string_view topic, std::int32_t index) const {
  return topics.partition(topic, index);
}

void Node::check_log(Partition& partition) { topics.check_log(partition); }

}  // namespace weir
