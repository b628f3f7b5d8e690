// What a broker is told before it starts: who it is, where it listens, the settings, and the
// metadata it begins with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/id.h"
#include "broker/controller/metadata_image.h"
#include "broker/controller/settings.h"
#include "broker/ports/network.h"

namespace weir {

// Broker ids are 0 to kMaxBrokerId: the space of producer ids is shared out by them.
inline constexpr std::int32_t kMaxBrokerId = 9999;

// A controller of a static quorum (controller.quorum.voters: "id@host:port").
struct QuorumVoter {
  BrokerId id;
  Endpoint address;
};

// What makes a node part of a cluster with controllers (KRaft). Without it a broker stands alone
// and is its own controller.
struct ClusterConfig {
  bool is_broker = true;       // process.roles
  bool is_controller = false;  // then it is among the voters
  Endpoint controller_listen;  // of controllers: where the others reach it
  std::vector<QuorumVoter> voters;
  std::optional<std::string> rack = {};  // broker.rack
};

struct BrokerConfig {
  BrokerId id{1};
  std::string node_name = "b1";  // for people
  Endpoint listen{"b1", 9092};   // port 0: any free port; the one bound is then also advertised
  Endpoint advertised;           // what clients are told; an empty host means the same as `listen`
  std::string cluster_id = "weir-cluster-00000000A";  // a UUID as 22 characters of URL-safe base64

  // The cluster at first start. Topics that this broker created or deleted itself are kept on its
  // disk; from the second start on, the disk's topics count and only the brokers come from here.
  // Null: this broker alone, without topics.
  std::shared_ptr<const MetadataImage> image;

  std::optional<ClusterConfig> cluster = {};  // then `image` is not used

  ConfigMap settings;  // by Kafka's names ("log.segment.bytes", "flush.messages", ...)
};

// Checks everything that can be checked before a start; also what the constructor asserts.
[[nodiscard]] Checked<BrokerSettings> validate(const BrokerConfig&);

}  // namespace weir
