// Broker: a node that serves Kafka's protocol, in the simulator and on a real machine alike.
//
// It stands alone, or is a broker, a controller or both in a cluster (life.h). One coroutine a
// connection answers its requests one after the other, so that responses keep the order of
// requests; the handlers (handle_*.cpp) do the rest. stop() ends in order; a crash is destruction.
// When the log directory fails, the node halts itself, as Kafka does.
#pragma once

#include <cstdint>
#include <memory>

#include "broker/node/broker_config.h"
#include "broker/ports/program.h"

namespace weir {

class NodeLife;

class Broker final : public Program {
 public:
  // The machine outlives the broker. The config has passed validate().
  Broker(Machine& machine, BrokerConfig config);
  ~Broker() override;

  // Returns once the broker listens, or has halted; it then goes on in tasks of its own.
  [[nodiscard]] Task<> run() override;
  // The first step of stop(): hands over what it leads, and serves on. See NodeLife.
  [[nodiscard]] Task<> leave();
  [[nodiscard]] Task<> stop() override;

  // The port that is listened on; 0 before that.
  [[nodiscard]] std::uint16_t port() const;

 private:
  std::unique_ptr<NodeLife> life_;
};

}  // namespace weir
