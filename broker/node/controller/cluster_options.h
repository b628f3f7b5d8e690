// From a node's config and settings to the options of the cluster's parts.
#pragma once

#include "broker/controller/controller_options.h"
#include "broker/node/broker_config.h"
#include "broker/node/controller/broker_lifecycle.h"
#include "broker/node/controller/snapshot_taker.h"
#include "broker/node/quorum/metadata_log.h"

namespace weir {

// Kafka's names of the two listeners.
inline constexpr std::string_view kBrokerListener = "PLAINTEXT";
inline constexpr std::string_view kControllerListener = "CONTROLLER";

[[nodiscard]] ControllerOptions controller_options(const BrokerConfig&, const BrokerSettings&);
// `advertised` is what clients are told.
[[nodiscard]] LifecycleOptions lifecycle_options(const BrokerConfig&, const BrokerSettings&,
                                                 const Endpoint& advertised);
// Of the channel by which a broker forwards what clients and replicas ask of the controller.
[[nodiscard]] ChannelOptions channel_options(const BrokerSettings&);
[[nodiscard]] SnapshotPolicy snapshot_policy(const BrokerSettings&);
// The static quorum of the config; its voters have no directory ids (KIP-853's kraft.version 0).
[[nodiscard]] MetadataLogOptions metadata_log_options(const BrokerConfig&, const BrokerSettings&);

}  // namespace weir
