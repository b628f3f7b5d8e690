// Putting the shared parts together.
#include "broker/node/node.h"

namespace weir {

Node::Node(Machine& the_machine, BrokerConfig the_config, const BrokerSettings& the_settings)
    : machine(the_machine),
      config(std::move(the_config)),
      settings(the_settings),
      topics(machine, config, settings),
      producer_ids(machine, config.id) {}

}  // namespace weir
