// What a broker is told before it starts: who it is, where it listens, the settings, and the
// metadata it begins with.
#pragma once

#include <memory>
#include <string>

#include "broker/base/id.h"
#include "broker/controller/metadata_image.h"
#include "broker/controller/settings.h"
#include "broker/ports/network.h"

namespace weir {

// Broker ids are 0 to kMaxBrokerId: the space of producer ids is shared out by them.
inline constexpr std::int32_t kMaxBrokerId = 9999;

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

  ConfigMap settings;  // by Kafka's names ("log.segment.bytes", "flush.messages", ...)
};

// Checks everything that can be checked before a start; also what the constructor asserts.
[[nodiscard]] Checked<BrokerSettings> validate(const BrokerConfig&);

}  // namespace weir
