// Digests of the parts of an image, field by field, and small helpers for lists of brokers.
#include "broker/controller/image_parts.h"

#include <algorithm>

#include "broker/base/hash.h"

namespace weir {
namespace {

// Folds fields in order; lists with their length, so that neighbours cannot trade members.
class Digest {
 public:
  explicit Digest(std::string_view kind) : hash_(hash_text(kind)) {}

  Digest& number(std::int64_t v) {
    hash_ = fold(hash_, static_cast<std::uint64_t>(v));
    return *this;
  }
  Digest& text(std::string_view v) {
    hash_ = fold(hash_, hash_text(v));
    return *this;
  }
  Digest& uuid(const Uuid& v) {
    hash_ = fold(fold(hash_, v.high), v.low);
    return *this;
  }
  Digest& brokers(const std::vector<BrokerId>& list) {
    number(static_cast<std::int64_t>(list.size()));
    for (const BrokerId id : list) number(id.value());
    return *this;
  }
  Digest& uuids(const std::vector<Uuid>& list) {
    number(static_cast<std::int64_t>(list.size()));
    for (const Uuid& id : list) uuid(id);
    return *this;
  }
  Digest& listeners(const std::vector<ListenerImage>& list) {
    number(static_cast<std::int64_t>(list.size()));
    for (const ListenerImage& l : list) {
      text(l.name).text(l.host).number(l.port).number(l.security_protocol);
    }
    return *this;
  }
  Digest& features(const std::vector<FeatureRange>& list) {
    number(static_cast<std::int64_t>(list.size()));
    for (const FeatureRange& f : list) text(f.name).number(f.min).number(f.max);
    return *this;
  }
  [[nodiscard]] std::uint64_t value() const { return mix(hash_); }

 private:
  std::uint64_t hash_;
};

}  // namespace

const PartitionImage* TopicImage::partition(std::int32_t index) const {
  if (index < 0 || static_cast<std::size_t>(index) >= partitions.size()) return nullptr;
  return &partitions[static_cast<std::size_t>(index)];
}

bool contains_broker(const std::vector<BrokerId>& list, BrokerId id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

std::vector<BrokerId> without_broker(const std::vector<BrokerId>& list, BrokerId id) {
  std::vector<BrokerId> rest;
  for (const BrokerId b : list) {
    if (b != id) rest.push_back(b);
  }
  return rest;
}

std::vector<std::int32_t> to_numbers(const std::vector<BrokerId>& ids) {
  std::vector<std::int32_t> numbers;
  numbers.reserve(ids.size());
  for (const BrokerId id : ids) numbers.push_back(id.value());
  return numbers;
}

std::vector<BrokerId> to_brokers(const std::vector<std::int32_t>& numbers) {
  std::vector<BrokerId> ids;
  ids.reserve(numbers.size());
  for (const std::int32_t n : numbers) ids.push_back(BrokerId{n});
  return ids;
}

std::uint64_t part_digest(const BrokerImage& b) {
  return Digest("broker")
      .number(b.id.value())
      .text(b.host)
      .number(b.port)
      .number(b.rack.has_value() ? 1 : 0)
      .text(b.rack.has_value() ? *b.rack : std::string())
      .number(b.epoch.value())
      .uuid(b.incarnation)
      .number(b.fenced ? 1 : 0)
      .number(b.in_controlled_shutdown ? 1 : 0)
      .listeners(b.listeners)
      .features(b.features)
      .uuids(b.log_dirs)
      .value();
}

std::uint64_t part_digest(const ControllerImage& c) {
  return Digest("controller")
      .number(c.id.value())
      .uuid(c.incarnation)
      .listeners(c.listeners)
      .features(c.features)
      .value();
}

std::uint64_t part_digest(const Uuid& topic, std::int32_t index, const PartitionImage& p) {
  return Digest("partition")
      .uuid(topic)
      .number(index)
      .number(p.leader.value())
      .number(p.leader_epoch.value())
      .number(p.partition_epoch.value())
      .brokers(p.replicas)
      .brokers(p.isr)
      .brokers(p.elr)
      .brokers(p.last_known_elr)
      .brokers(p.adding)
      .brokers(p.removing)
      .number(static_cast<std::int64_t>(p.recovery))
      .uuids(p.directories)
      .value();
}

std::uint64_t part_digest(std::string_view kind, std::string_view resource, std::string_view key,
                          std::string_view value) {
  return Digest(kind).text(resource).text(key).text(value).value();
}

std::uint64_t part_digest(const TopicImage& topic) {
  std::uint64_t sum = Digest("topic").text(topic.name).uuid(topic.id).value();
  const std::string id = to_text(topic.id);
  for (const auto& [key, value] : topic.configs) sum += part_digest("topic config", id, key, value);
  for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
    sum += part_digest(topic.id, static_cast<std::int32_t>(p), topic.partitions[p]);
  }
  return sum;
}

}  // namespace weir
