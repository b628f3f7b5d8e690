// Node: what the parts of one broker share. Owned by Broker; handlers get a reference.
//
// A broker that stands alone has its topics in a TopicStore. In a cluster the metadata log tells
// them: the publisher holds the newest image, Replicas the partitions of this broker. What differs
// between the two is asked here.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "broker/node/broker_config.h"
#include "broker/node/producer_ids.h"
#include "broker/node/topic_store.h"
#include "broker/ports/machine.h"

namespace weir {

class AutoTopics;
class BrokerLifecycle;
class ControllerChannel;
class ControllerNode;
class ControllerRegistrar;
class MetadataLog;
class MetadataPublisher;
class SnapshotTaker;

struct Node {
  Node(Machine& machine, BrokerConfig config, const BrokerSettings& settings);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Machine& machine;
  BrokerConfig config;
  BrokerSettings settings;
  TopicStore topics;
  ProducerIds producer_ids;

  // In a cluster; null where the node has no such part.
  std::unique_ptr<MetadataLog> metadata_log;
  std::unique_ptr<MetadataPublisher> publisher;
  std::unique_ptr<SnapshotTaker> snapshots;
  // Of controllers.
  std::unique_ptr<ControllerNode> controller;
  std::unique_ptr<ControllerRegistrar> registrar;
  // Of brokers.
  std::unique_ptr<ControllerChannel> channel;
  std::unique_ptr<BrokerLifecycle> lifecycle;
  std::unique_ptr<AutoTopics> auto_topics;
  std::unique_ptr<ProducerIdSource> id_blocks;  // where producer_ids takes its blocks from

  // The newest metadata that this node has acted upon.
  [[nodiscard]] const std::shared_ptr<const MetadataImage>& image() const;
  // Null where this broker holds no replica of it (or it does not exist).
  [[nodiscard]] std::shared_ptr<Partition> partition(std::string_view topic,
                                                     std::int32_t index) const;
  // An operation on the partition's log went wrong: where the log has failed, the node halts.
  void check_log(Partition& partition);
};

}  // namespace weir
