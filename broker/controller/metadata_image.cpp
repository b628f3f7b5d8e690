// The image's directories, kept together with the digest of their content.
#include "broker/controller/metadata_image.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir {
namespace {

constexpr auto kById = [](const auto& part, BrokerId wanted) { return part.id < wanted; };

template <class Part>
const Part* find_by_id(const std::vector<Part>& sorted, BrokerId id) {
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), id, kById);
  return it != sorted.end() && it->id == id ? &*it : nullptr;
}

// Replaces or inserts, and yields how the digest changes.
template <class Part>
std::uint64_t put_by_id(std::vector<Part>& sorted, Part part) {
  std::uint64_t change = part_digest(part);
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), part.id, kById);
  if (it != sorted.end() && it->id == part.id) {
    change -= part_digest(*it);
    *it = std::move(part);
  } else {
    sorted.insert(it, std::move(part));
  }
  return change;
}

template <class Part>
std::uint64_t drop_by_id(std::vector<Part>& sorted, BrokerId id) {
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), id, kById);
  if (it == sorted.end() || it->id != id) return 0;
  const std::uint64_t change = 0 - part_digest(*it);
  sorted.erase(it);
  return change;
}

// Sets or removes one setting, and yields how the digest changes.
std::uint64_t put_config(ConfigMap& configs, std::string_view kind, std::string_view resource,
                         const std::string& key, const std::optional<std::string>& value) {
  std::uint64_t change = 0;
  const auto it = configs.find(key);
  if (it != configs.end()) {
    change -= part_digest(kind, resource, key, it->second);
    configs.erase(it);
  }
  if (value.has_value()) {
    change += part_digest(kind, resource, key, *value);
    configs.emplace(key, *value);
  }
  return change;
}

}  // namespace

bool MetadataImage::Directory::operator==(const Directory& other) const {
  return std::equal(
      by_name.begin(), by_name.end(), other.by_name.begin(), other.by_name.end(),
      [](const auto& x, const auto& y) { return x.second == y.second || *x.second == *y.second; });
}

bool MetadataImage::same_content(const MetadataImage& other) const {
  return brokers_ == other.brokers_ && controllers_ == other.controllers_ &&
         directory_ == other.directory_ && broker_configs_ == other.broker_configs_ &&
         features_ == other.features_ && next_producer_id_ == other.next_producer_id_;
}

bool operator==(const MetadataImage& a, const MetadataImage& b) {
  return a.applied_ == b.applied_ && a.controller_ == b.controller_ && a.same_content(b);
}

std::shared_ptr<const MetadataImage> MetadataImage::create(std::vector<BrokerImage> brokers,
                                                           BrokerId controller,
                                                           std::vector<TopicImage> topics) {
  auto image = std::make_shared<MetadataImage>();
  for (BrokerImage& broker : brokers) image->set_broker(std::move(broker));
  image->controller_ = controller;
  for (TopicImage& topic : topics) image->add_topic(std::move(topic));
  return image;
}

const BrokerImage* MetadataImage::broker(BrokerId id) const { return find_by_id(*brokers_, id); }

const ControllerImage* MetadataImage::controller(BrokerId id) const {
  return find_by_id(*controllers_, id);
}

std::shared_ptr<const TopicImage> MetadataImage::topic(std::string_view name) const {
  const auto it = directory_->by_name.find(name);
  return it == directory_->by_name.end() ? nullptr : it->second;
}

std::shared_ptr<const TopicImage> MetadataImage::topic(const Uuid& id) const {
  const auto it = directory_->names.find(id);
  return it == directory_->names.end() ? nullptr : topic(it->second);
}

const TopicImage* MetadataImage::find_topic(std::string_view name) const {
  const auto it = directory_->by_name.find(name);
  return it == directory_->by_name.end() ? nullptr : it->second.get();
}

const TopicImage* MetadataImage::find_topic(const Uuid& id) const {
  const auto it = directory_->names.find(id);
  return it == directory_->names.end() ? nullptr : find_topic(it->second);
}

const PartitionImage* MetadataImage::partition(const Uuid& topic_id, std::int32_t index) const {
  const TopicImage* topic = find_topic(topic_id);
  return topic == nullptr ? nullptr : topic->partition(index);
}

std::int16_t MetadataImage::feature(std::string_view name) const {
  const auto it = features_->find(name);
  return it == features_->end() ? std::int16_t{0} : it->second;
}

const std::string* MetadataImage::broker_config(std::string_view resource,
                                                std::string_view name) const {
  const auto configs = broker_configs_->find(resource);
  if (configs == broker_configs_->end()) return nullptr;
  const auto it = configs->second.find(name);
  return it == configs->second.end() ? nullptr : &it->second;
}

std::shared_ptr<const MetadataImage> MetadataImage::with_topic(TopicImage topic) const {
  auto image = std::make_shared<MetadataImage>(*this);
  if (const auto old = image->topic(topic.name)) image->remove_topic(old->id);
  image->add_topic(std::move(topic));
  return image;
}

std::shared_ptr<const MetadataImage> MetadataImage::without_topic(std::string_view name) const {
  auto image = std::make_shared<MetadataImage>(*this);
  if (const auto old = image->topic(name)) image->remove_topic(old->id);
  return image;
}

std::shared_ptr<const MetadataImage> MetadataImage::with_brokers(std::vector<BrokerImage> brokers,
                                                                 BrokerId controller) const {
  auto image = std::make_shared<MetadataImage>(*this);
  const std::vector<BrokerImage> old = image->brokers();
  for (const BrokerImage& broker : old) image->remove_broker(broker.id);
  for (BrokerImage& broker : brokers) image->set_broker(std::move(broker));
  image->controller_ = controller;
  return image;
}

void MetadataImage::set_broker(BrokerImage broker) {
  digest_ += put_by_id(brokers_.edit(), std::move(broker));
}

void MetadataImage::remove_broker(BrokerId id) { digest_ += drop_by_id(brokers_.edit(), id); }

void MetadataImage::set_controller(ControllerImage controller) {
  digest_ += put_by_id(controllers_.edit(), std::move(controller));
}

void MetadataImage::remove_controller(BrokerId id) {
  digest_ += drop_by_id(controllers_.edit(), id);
}

void MetadataImage::add_topic(TopicImage topic) {
  WEIR_ASSERT(!topic.id.is_zero());
  digest_ += part_digest(topic);
  partition_count_ += topic.partitions.size();
  auto shared = std::make_shared<TopicImage>(std::move(topic));
  Directory& directory = directory_.edit();
  const bool new_id = directory.names.emplace(shared->id, shared->name).second;
  const bool new_name = directory.by_name.emplace(shared->name, shared).second;
  WEIR_ASSERT(new_name && new_id);
}

void MetadataImage::remove_topic(const Uuid& id) {
  const auto it = directory_->names.find(id);
  WEIR_ASSERT(it != directory_->names.end());
  const std::string name = it->second;
  const TopicImage& topic = *directory_->by_name.find(name)->second;
  digest_ -= part_digest(topic);
  partition_count_ -= topic.partitions.size();
  Directory& directory = directory_.edit();
  directory.by_name.erase(name);
  directory.names.erase(id);
}

// The topic as this image's own: copied where another image, or anyone else, holds it.
TopicImage& MetadataImage::edit_topic(const Uuid& id) {
  Directory& directory = directory_.edit();
  const auto name = directory.names.find(id);
  WEIR_ASSERT(name != directory.names.end());
  std::shared_ptr<const TopicImage>& topic = directory.by_name.find(name->second)->second;
  if (topic.use_count() > 1) topic = std::make_shared<TopicImage>(*topic);
  return const_cast<TopicImage&>(*topic);  // made as a mutable object, here and in add_topic()
}

void MetadataImage::set_partition(const Uuid& topic_id, std::int32_t index,
                                  PartitionImage partition) {
  TopicImage& topic = edit_topic(topic_id);
  WEIR_ASSERT(index >= 0 && static_cast<std::size_t>(index) <= topic.partitions.size());
  digest_ += part_digest(topic_id, index, partition);
  if (static_cast<std::size_t>(index) == topic.partitions.size()) {
    topic.partitions.push_back(std::move(partition));
    ++partition_count_;
    return;
  }
  PartitionImage& old = topic.partitions[static_cast<std::size_t>(index)];
  digest_ -= part_digest(topic_id, index, old);
  old = std::move(partition);
}

void MetadataImage::set_topic_config(const Uuid& topic_id, const std::string& key,
                                     const std::optional<std::string>& value) {
  digest_ +=
      put_config(edit_topic(topic_id).configs, "topic config", to_text(topic_id), key, value);
}

void MetadataImage::set_broker_config(const std::string& resource, const std::string& key,
                                      const std::optional<std::string>& value) {
  BrokerConfigs& all = broker_configs_.edit();
  ConfigMap& configs = all[resource];
  digest_ += put_config(configs, "broker config", resource, key, value);
  if (configs.empty()) all.erase(resource);
}

void MetadataImage::set_feature(const std::string& name, std::int16_t level) {
  Features& features = features_.edit();
  const auto it = features.find(name);
  if (it != features.end()) {
    digest_ -= part_digest("feature", {}, name, std::to_string(it->second));
    features.erase(it);
  }
  if (level == 0) return;
  digest_ += part_digest("feature", {}, name, std::to_string(level));
  features.emplace(name, level);
}

void MetadataImage::set_next_producer_id(ProducerId next) {
  const auto digest = [](ProducerId id) {
    return id.value() == 0 ? 0 : part_digest("producer ids", {}, {}, std::to_string(id.value()));
  };
  digest_ += digest(next) - digest(next_producer_id_);
  next_producer_id_ = next;
}

}  // namespace weir
