// What changed between two images: what a broker acts on when it publishes a new one.
//
// It compares states, not records: a topic that was created and deleted in between is not seen at
// all, a deleted and newly created one is two things. Topics that both images share are skipped
// unread, so the cost is that of the changes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/controller/metadata_image.h"

namespace weir {

struct ChangedPartition {
  std::shared_ptr<const TopicImage> before;  // null: the topic or the partition is new
  std::shared_ptr<const TopicImage> after;   // null: deleted
  std::int32_t index = 0;

  // Null where there is none.
  [[nodiscard]] const PartitionImage* old_state() const {
    return before == nullptr ? nullptr : before->partition(index);
  }
  [[nodiscard]] const PartitionImage* new_state() const {
    return after == nullptr ? nullptr : after->partition(index);
  }
  [[nodiscard]] const TopicImage& topic() const { return after == nullptr ? *before : *after; }
};

struct ChangedBroker {
  BrokerId id;
  std::optional<BrokerImage> before;  // none: it is new
  std::optional<BrokerImage> after;   // none: it was unregistered
};

struct ImageDiff {
  // By id, so a topic that was created anew is in both. In the order of their names.
  std::vector<std::shared_ptr<const TopicImage>> topics_deleted;
  std::vector<std::shared_ptr<const TopicImage>> topics_created;
  // All that differ, those of created and deleted topics included: deleted ones first.
  std::vector<ChangedPartition> partitions;
  // Topics that both images have, with other settings now.
  std::vector<std::shared_ptr<const TopicImage>> topic_configs;
  std::vector<ChangedBroker> brokers;
  std::vector<std::string> broker_configs;  // resources: ids, and "" for the default of all
  bool controllers = false;
  bool features = false;
  bool producer_ids = false;

  [[nodiscard]] bool empty() const;
};

[[nodiscard]] ImageDiff diff(const MetadataImage& before, const MetadataImage& after);

}  // namespace weir
