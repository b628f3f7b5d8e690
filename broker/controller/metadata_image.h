// The cluster's metadata as one immutable value: brokers, controller, topics and their partitions.
//
// A change makes a new image and leaves the old one to whoever still reads it. Where the image
// comes from is not its business: a scenario or a command line now, the controllers' log later.
// Topics are shared between images, so a change copies the directory, not the topics.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/id.h"
#include "broker/base/random.h"
#include "broker/controller/settings.h"
#include "broker/wire/uuid.h"

namespace weir {

struct BrokerImage {
  BrokerId id;
  std::string host;
  std::uint16_t port = 0;
  std::optional<std::string> rack = {};
  friend bool operator==(const BrokerImage&, const BrokerImage&) = default;
};

struct PartitionImage {
  BrokerId leader;
  LeaderEpoch leader_epoch{0};
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
  friend bool operator==(const PartitionImage&, const PartitionImage&) = default;
};

struct TopicImage {
  std::string name;
  Uuid id;
  std::vector<PartitionImage> partitions;  // by partition number, from 0
  ConfigMap configs;                       // only what the topic sets itself
  friend bool operator==(const TopicImage&, const TopicImage&) = default;

  // Null where there is no such partition.
  [[nodiscard]] const PartitionImage* partition(std::int32_t index) const;
};

class MetadataImage {
 public:
  using Topics = std::map<std::string, std::shared_ptr<const TopicImage>, std::less<>>;

  // Names and ids of topics are unique, ids are not zero; brokers are kept sorted by id.
  [[nodiscard]] static std::shared_ptr<const MetadataImage> create(
      std::vector<BrokerImage> brokers, BrokerId controller, std::vector<TopicImage> topics = {});

  [[nodiscard]] const std::vector<BrokerImage>& brokers() const { return brokers_; }
  [[nodiscard]] BrokerId controller() const { return controller_; }
  [[nodiscard]] const Topics& topics() const { return topics_; }

  // Null where there is none.
  [[nodiscard]] const BrokerImage* broker(BrokerId) const;
  [[nodiscard]] std::shared_ptr<const TopicImage> topic(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const TopicImage> topic(const Uuid& id) const;

  // The image after a change. A topic of the same name is replaced.
  [[nodiscard]] std::shared_ptr<const MetadataImage> with_topic(TopicImage) const;
  [[nodiscard]] std::shared_ptr<const MetadataImage> without_topic(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const MetadataImage> with_brokers(std::vector<BrokerImage>,
                                                                  BrokerId controller) const;

 private:
  std::vector<BrokerImage> brokers_;
  BrokerId controller_;
  Topics topics_;
  std::map<Uuid, std::shared_ptr<const TopicImage>> by_id_;
};

// A random (version 4) id for a topic; never one of the reserved ids.
[[nodiscard]] Uuid make_topic_id(Random&);

// A topic of `partitions` partitions with one replica each, dealt out to the brokers in turn
// from the first on. There is at least one broker.
[[nodiscard]] TopicImage make_topic(std::string name, Uuid id, std::int32_t partitions,
                                    const std::vector<BrokerImage>& brokers, ConfigMap configs);

// Kafka's rule for topic names: 1 to 249 of [a-zA-Z0-9._-], not "." or "..". Null where the name is
// legal, else the reason.
[[nodiscard]] const char* why_illegal_topic_name(std::string_view name);

// The names of two topics collide when they differ only in '.' and '_' (as Kafka's metrics do).
[[nodiscard]] bool topic_names_collide(std::string_view a, std::string_view b);

}  // namespace weir
