// NodeLife: start and stop of a node, for each way to be one: a broker that stands alone, and a
// node of a cluster.
#pragma once

#include <cstdint>
#include <memory>

#include "broker/node/broker_config.h"
#include "broker/ports/machine.h"

namespace weir {

struct Node;

class NodeLife {
 public:
  virtual ~NodeLife() = default;

  // Returns once it listens, has halted, or stop() came; it then goes on in tasks of its own.
  [[nodiscard]] virtual Task<> start() = 0;
  // Hands over what it leads, and serves on: the first step of stop(), for those who want to take
  // it earlier, since a whole cluster can only leave while its controllers are there.
  [[nodiscard]] virtual Task<> leave() = 0;
  // Ends in order, also a start that is under way.
  [[nodiscard]] virtual Task<> stop() = 0;
  // The port that clients are served on (of a controller alone: that of the controllers); 0 before
  // that.
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Its parts, for who looks on.
  [[nodiscard]] virtual Node& node() = 0;
};

[[nodiscard]] std::unique_ptr<NodeLife> make_standalone_life(Machine& machine, BrokerConfig config,
                                                             const BrokerSettings& settings);
// `config.cluster` is there.
[[nodiscard]] std::unique_ptr<NodeLife> make_cluster_life(Machine& machine, BrokerConfig config,
                                                          const BrokerSettings& settings);

}  // namespace weir
