// The cluster's metadata as one value: brokers, controllers, topics and their partitions, settings,
// features, producer ids (KIP-500, KIP-631).
//
// Nodes hold it as shared_ptr<const MetadataImage> and let a new one replace it. Copying is cheap
// (parts are shared), so is a change (a part is copied only where an older image still holds it):
// replay.h makes images out of the metadata log, image_diff.h tells what changed between two,
// snapshot.h turns one into records again. Where an image comes from is not its business.
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
#include "broker/controller/image_parts.h"
#include "broker/controller/settings.h"
#include "broker/controller/shared_part.h"
#include "broker/wire/uuid.h"

namespace weir {

// How much of the metadata log is in an image: all below `end`, whose last batch is of `epoch`.
struct AppliedLog {
  Offset end{0};
  LeaderEpoch epoch = kNoLeaderEpoch;
  friend bool operator==(const AppliedLog&, const AppliedLog&) = default;
};

class MetadataImage {
 public:
  using Topics = std::map<std::string, std::shared_ptr<const TopicImage>, std::less<>>;
  // Settings of brokers by id as text; "" holds the defaults of all.
  using BrokerConfigs = std::map<std::string, ConfigMap, std::less<>>;
  // Finalized levels; a feature that is not listed has level 0.
  using Features = std::map<std::string, std::int16_t, std::less<>>;

  // Names and ids of topics are unique, ids are not zero; brokers are kept sorted by id.
  [[nodiscard]] static std::shared_ptr<const MetadataImage> create(
      std::vector<BrokerImage> brokers, BrokerId controller, std::vector<TopicImage> topics = {});

  [[nodiscard]] const std::vector<BrokerImage>& brokers() const { return *brokers_; }
  [[nodiscard]] const std::vector<ControllerImage>& controllers() const { return *controllers_; }
  [[nodiscard]] const Topics& topics() const { return directory_->by_name; }
  [[nodiscard]] const BrokerConfigs& broker_configs() const { return *broker_configs_; }
  [[nodiscard]] const Features& features() const { return *features_; }
  // The first producer id that no block holds yet.
  [[nodiscard]] ProducerId next_producer_id() const { return next_producer_id_; }
  [[nodiscard]] const AppliedLog& applied() const { return applied_; }
  // Whom clients are told as controller; not part of the log.
  [[nodiscard]] BrokerId controller() const { return controller_; }
  [[nodiscard]] std::size_t partition_count() const { return partition_count_; }

  // Null (none, 0, "") where there is none.
  [[nodiscard]] const BrokerImage* broker(BrokerId) const;
  [[nodiscard]] const ControllerImage* controller(BrokerId) const;
  [[nodiscard]] std::shared_ptr<const TopicImage> topic(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const TopicImage> topic(const Uuid& id) const;
  // Not held: for a look, and before a change of this very image, which would have to copy a topic
  // that somebody holds.
  [[nodiscard]] const TopicImage* find_topic(std::string_view name) const;
  [[nodiscard]] const TopicImage* find_topic(const Uuid& id) const;
  [[nodiscard]] const PartitionImage* partition(const Uuid& topic, std::int32_t index) const;
  [[nodiscard]] std::int16_t feature(std::string_view name) const;
  // What is set for a broker ("" for the default of all brokers) under this name.
  [[nodiscard]] const std::string* broker_config(std::string_view resource,
                                                 std::string_view name) const;

  // One number for all that the log tells: equal for equal images, however they were made. The
  // applied offset is left out, so that records without an effect do not change it.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  friend bool operator==(const MetadataImage& a, const MetadataImage& b);
  // Without the applied offset and epoch.
  [[nodiscard]] bool same_content(const MetadataImage& other) const;
  // False may be wrong (equal but not shared), true never is: for quick comparisons.
  [[nodiscard]] bool shares_topics_with(const MetadataImage& other) const {
    return directory_.shares_with(other.directory_);
  }

  // The image after a change. A topic of the same name is replaced.
  [[nodiscard]] std::shared_ptr<const MetadataImage> with_topic(TopicImage) const;
  [[nodiscard]] std::shared_ptr<const MetadataImage> without_topic(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const MetadataImage> with_brokers(std::vector<BrokerImage>,
                                                                  BrokerId controller) const;

  // Changes in place, for who owns this copy; older copies stay as they are. The digest follows.
  void set_broker(BrokerImage);
  void remove_broker(BrokerId);
  void set_controller(ControllerImage);
  void remove_controller(BrokerId);
  void tell_as_controller(BrokerId id) { controller_ = id; }
  // Neither name nor id is in use.
  void add_topic(TopicImage);
  void remove_topic(const Uuid&);
  // The topic exists; an index one beyond its last adds a partition.
  void set_partition(const Uuid& topic, std::int32_t index, PartitionImage);
  // The topic exists. No value: the setting is removed.
  void set_topic_config(const Uuid& topic, const std::string& key,
                        const std::optional<std::string>& value);
  void set_broker_config(const std::string& resource, const std::string& key,
                         const std::optional<std::string>& value);
  void set_feature(const std::string& name, std::int16_t level);
  void set_next_producer_id(ProducerId);
  void set_applied(AppliedLog applied) { applied_ = applied; }

 private:
  struct Directory {
    Topics by_name;
    std::map<Uuid, std::string> names;
    bool operator==(const Directory& other) const;
  };

  TopicImage& edit_topic(const Uuid&);

  SharedPart<std::vector<BrokerImage>> brokers_;
  SharedPart<std::vector<ControllerImage>> controllers_;
  SharedPart<Directory> directory_;
  SharedPart<BrokerConfigs> broker_configs_;
  SharedPart<Features> features_;
  ProducerId next_producer_id_{0};
  AppliedLog applied_;
  BrokerId controller_ = kNoBroker;
  std::size_t partition_count_ = 0;
  std::uint64_t digest_ = 0;  // the sum of the parts' digests
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
