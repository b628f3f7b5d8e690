// Blocks of producer ids from the controller (AllocateProducerIds, KIP-730): no two brokers ever
// get the same, and what this broker's former life did not use is skipped.
#pragma once

#include "broker/node/controller/broker_lifecycle.h"
#include "broker/node/controller/controller_channel.h"
#include "broker/node/producer_ids.h"

namespace weir {

class ControllerProducerIds final : public ProducerIdSource {
 public:
  ControllerProducerIds(Machine& machine, ControllerChannel& channel,
                        const BrokerLifecycle& lifecycle, BrokerId id)
      : machine_(machine), channel_(channel), lifecycle_(lifecycle), id_(id) {}

  // Errors: unreachable (the controller refused), timed_out, closed; all of them pass.
  [[nodiscard]] Task<Result<ProducerIdBlock>> next_block() override;

 private:
  Machine& machine_;
  ControllerChannel& channel_;
  const BrokerLifecycle& lifecycle_;
  BrokerId id_;
};

}  // namespace weir
