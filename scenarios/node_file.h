// A node of a cluster of separate processes, as a Kafka .properties file describes it.
//
// Read are node.id, process.roles, listeners, advertised.listeners, controller.listener.names,
// controller.quorum.voters, broker.rack, log.dirs (one directory) and cluster.id (Kafka keeps it in
// meta.properties instead); everything else is a setting of the broker by Kafka's name.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "broker/node/broker_config.h"

namespace weir {

struct NodeFile {
  BrokerConfig config;
  std::string data;  // log.dirs
};

// The error is one line a mistake: file, line, key, value and what was expected.
[[nodiscard]] boost::system::result<NodeFile, std::string> parse_node_file(std::string_view name,
                                                                           std::string_view text);

// "host:port"; nothing where it is not. An IPv6 address stands in brackets.
[[nodiscard]] std::optional<Endpoint> parse_host_port(std::string_view text);

// "1@host:port,2@host:port": nothing where one of them is not.
[[nodiscard]] std::optional<std::vector<QuorumVoter>> parse_voters(std::string_view text);

// Node n (from 1) of a cluster on one machine: every node is a broker, and the first
// kLocalControllers are controllers too; ports go on from `first`, those of controllers behind
// those of the brokers.
inline constexpr std::int32_t kLocalControllers = 3;
[[nodiscard]] BrokerConfig local_cluster_node(std::int32_t n, std::int32_t nodes,
                                              const Endpoint& first);

}  // namespace weir
