// Directories of the image, and the rules for names, ids and placement.
#include "broker/controller/metadata_image.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir {

const PartitionImage* TopicImage::partition(std::int32_t index) const {
  if (index < 0 || static_cast<std::size_t>(index) >= partitions.size()) return nullptr;
  return &partitions[static_cast<std::size_t>(index)];
}

std::shared_ptr<const MetadataImage> MetadataImage::create(std::vector<BrokerImage> brokers,
                                                           BrokerId controller,
                                                           std::vector<TopicImage> topics) {
  auto image = std::make_shared<MetadataImage>();
  image->brokers_ = std::move(brokers);
  std::sort(image->brokers_.begin(), image->brokers_.end(),
            [](const BrokerImage& a, const BrokerImage& b) { return a.id < b.id; });
  image->controller_ = controller;
  for (TopicImage& topic : topics) {
    WEIR_ASSERT(topic.id != Uuid{});
    auto shared = std::make_shared<const TopicImage>(std::move(topic));
    const bool new_name = image->topics_.emplace(shared->name, shared).second;
    const bool new_id = image->by_id_.emplace(shared->id, shared).second;
    WEIR_ASSERT(new_name && new_id);
  }
  return image;
}

const BrokerImage* MetadataImage::broker(BrokerId id) const {
  const auto it =
      std::lower_bound(brokers_.begin(), brokers_.end(), id,
                       [](const BrokerImage& b, BrokerId wanted) { return b.id < wanted; });
  return it != brokers_.end() && it->id == id ? &*it : nullptr;
}

std::shared_ptr<const TopicImage> MetadataImage::topic(std::string_view name) const {
  const auto it = topics_.find(name);
  return it == topics_.end() ? nullptr : it->second;
}

std::shared_ptr<const TopicImage> MetadataImage::topic(const Uuid& id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

std::shared_ptr<const MetadataImage> MetadataImage::with_topic(TopicImage topic) const {
  WEIR_ASSERT(topic.id != Uuid{});
  auto image = std::make_shared<MetadataImage>(*this);
  auto shared = std::make_shared<const TopicImage>(std::move(topic));
  if (const auto old = image->topics_.find(shared->name); old != image->topics_.end()) {
    image->by_id_.erase(old->second->id);
  }
  image->topics_.insert_or_assign(shared->name, shared);
  const bool new_id = image->by_id_.emplace(shared->id, shared).second;
  WEIR_ASSERT(new_id);
  return image;
}

std::shared_ptr<const MetadataImage> MetadataImage::without_topic(std::string_view name) const {
  auto image = std::make_shared<MetadataImage>(*this);
  if (const auto it = image->topics_.find(name); it != image->topics_.end()) {
    image->by_id_.erase(it->second->id);
    image->topics_.erase(it);
  }
  return image;
}

std::shared_ptr<const MetadataImage> MetadataImage::with_brokers(std::vector<BrokerImage> brokers,
                                                                 BrokerId controller) const {
  std::shared_ptr<const MetadataImage> fresh = create(std::move(brokers), controller);
  auto image = std::make_shared<MetadataImage>(*this);
  image->brokers_ = fresh->brokers_;
  image->controller_ = controller;
  return image;
}

Uuid make_topic_id(Random& random) {
  constexpr std::uint64_t kVersionMask = 0xf000;
  constexpr std::uint64_t kVersion4 = 0x4000;
  constexpr std::uint64_t kVariantMask = std::uint64_t{3} << 62;
  constexpr std::uint64_t kVariant = std::uint64_t{2} << 62;
  Uuid id;
  id.high = (random.next() & ~kVersionMask) | kVersion4;
  id.low = (random.next() & ~kVariantMask) | kVariant;
  return id;
}

TopicImage make_topic(std::string name, Uuid id, std::int32_t partitions,
                      const std::vector<BrokerImage>& brokers, ConfigMap configs) {
  WEIR_ASSERT(!brokers.empty());
  TopicImage topic{std::move(name), id, {}, std::move(configs)};
  for (std::int32_t p = 0; p < partitions; ++p) {
    const BrokerId leader = brokers[static_cast<std::size_t>(p) % brokers.size()].id;
    topic.partitions.push_back({leader, LeaderEpoch{0}, {leader}, {leader}});
  }
  return topic;
}

const char* why_illegal_topic_name(std::string_view name) {
  constexpr std::size_t kMaxTopicName = 249;  // leaves room for "-<partition>" in a directory name
  if (name.empty()) return "the topic name is empty";
  if (name == "." || name == "..") return "a topic name must not be \".\" or \"..\"";
  if (name.size() > kMaxTopicName) return "the topic name is longer than 249 characters";
  const bool legal = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  return legal ? nullptr : "a topic name consists of a-z, A-Z, 0-9, '.', '_' and '-' only";
}

bool topic_names_collide(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x == '.' ? '_' : x) == (y == '.' ? '_' : y); });
}

}  // namespace weir
