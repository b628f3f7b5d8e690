// Rules for names and ids of topics, and the placement of a broker that is alone.
#include <algorithm>

#include "broker/base/assertion.h"
#include "broker/controller/metadata_image.h"

namespace weir {

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
