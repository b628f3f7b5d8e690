// Two directories walked side by side, by name; what they share is skipped.
#include "broker/controller/image_diff.h"

#include <algorithm>

namespace weir {
namespace {

using TopicPointer = std::shared_ptr<const TopicImage>;

// Partitions that differ; either topic may be null.
void compare_partitions(const TopicPointer& before, const TopicPointer& after, ImageDiff& diff) {
  const std::size_t old_count = before == nullptr ? 0 : before->partitions.size();
  const std::size_t new_count = after == nullptr ? 0 : after->partitions.size();
  for (std::size_t p = 0; p < std::max(old_count, new_count); ++p) {
    if (p < old_count && p < new_count && before->partitions[p] == after->partitions[p]) continue;
    diff.partitions.push_back({p < old_count ? before : nullptr, p < new_count ? after : nullptr,
                               static_cast<std::int32_t>(p)});
  }
}

void compare_topics(const MetadataImage& before, const MetadataImage& after, ImageDiff& diff) {
  if (before.shares_topics_with(after)) return;
  for (const auto& [name, topic] : before.topics()) {
    const TopicPointer now = after.topic(name);
    if (now != nullptr && now->id == topic->id) continue;
    diff.topics_deleted.push_back(topic);
    compare_partitions(topic, nullptr, diff);
  }
  for (const auto& [name, topic] : after.topics()) {
    const TopicPointer old = before.topic(name);
    if (old == topic) continue;
    if (old == nullptr || old->id != topic->id) {
      diff.topics_created.push_back(topic);
      compare_partitions(nullptr, topic, diff);
      continue;
    }
    compare_partitions(old, topic, diff);
    if (old->configs != topic->configs) diff.topic_configs.push_back(topic);
  }
}

void compare_brokers(const MetadataImage& before, const MetadataImage& after, ImageDiff& diff) {
  for (const BrokerImage& old : before.brokers()) {
    const BrokerImage* now = after.broker(old.id);
    if (now == nullptr) {
      diff.brokers.push_back({old.id, old, std::nullopt});
    } else if (*now != old) {
      diff.brokers.push_back({old.id, old, *now});
    }
  }
  for (const BrokerImage& now : after.brokers()) {
    if (before.broker(now.id) == nullptr) diff.brokers.push_back({now.id, std::nullopt, now});
  }
  std::sort(diff.brokers.begin(), diff.brokers.end(),
            [](const ChangedBroker& a, const ChangedBroker& b) { return a.id < b.id; });
}

void compare_broker_configs(const MetadataImage& before, const MetadataImage& after,
                            ImageDiff& diff) {
  for (const auto& [resource, configs] : before.broker_configs()) {
    const auto now = after.broker_configs().find(resource);
    if (now == after.broker_configs().end() || now->second != configs) {
      diff.broker_configs.push_back(resource);
    }
  }
  for (const auto& [resource, configs] : after.broker_configs()) {
    if (!before.broker_configs().contains(resource)) diff.broker_configs.push_back(resource);
  }
  std::sort(diff.broker_configs.begin(), diff.broker_configs.end());
}

}  // namespace

bool ImageDiff::empty() const {
  return topics_deleted.empty() && topics_created.empty() && partitions.empty() &&
         topic_configs.empty() && brokers.empty() && broker_configs.empty() && !controllers &&
         !features && !producer_ids;
}

ImageDiff diff(const MetadataImage& before, const MetadataImage& after) {
  ImageDiff diff;
  compare_topics(before, after, diff);
  compare_brokers(before, after, diff);
  compare_broker_configs(before, after, diff);
  diff.controllers = before.controllers() != after.controllers();
  diff.features = before.features() != after.features();
  diff.producer_ids = before.next_producer_id() != after.next_producer_id();
  return diff;
}

}  // namespace weir
