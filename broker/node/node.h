// Node: what the parts of one broker share. Owned by Broker; handlers get a reference.
#pragma once

#include <string_view>

#include "broker/node/broker_config.h"
#include "broker/node/producer_ids.h"
#include "broker/node/topic_store.h"
#include "broker/ports/machine.h"

namespace weir {

struct Node {
  Node(Machine& machine, BrokerConfig config, const BrokerSettings& settings);

  Machine& machine;
  BrokerConfig config;
  BrokerSettings settings;
  TopicStore topics;
  ProducerIds producer_ids;
};

}  // namespace weir
