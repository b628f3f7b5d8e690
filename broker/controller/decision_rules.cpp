// What several decisions share: settings that decide, epochs of brokers, changes of partitions.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/base/text.h"
#include "broker/controller/decisions.h"

namespace weir::deciding {
namespace {

constexpr std::string_view kMinIsrSetting = "min.insync.replicas";
constexpr std::string_view kUncleanSetting = "unclean.leader.election.enable";

// Null where only the option counts.
const std::string* setting(const MetadataImage& image, const TopicImage& topic,
                           std::string_view name) {
  const auto own = topic.configs.find(name);
  return own != topic.configs.end() ? &own->second : image.broker_config({}, name);
}

}  // namespace

std::int32_t min_insync_replicas(const MetadataImage& image, const TopicImage& topic,
                                 const ControllerOptions& options) {
  const std::string* text = setting(image, topic, kMinIsrSetting);
  if (text == nullptr) return options.min_insync_replicas;
  const std::int64_t number = parse_integer(*text).value_or(options.min_insync_replicas);
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(number, 1, INT32_MAX));
}

bool unclean_election_allowed(const MetadataImage& image, const TopicImage& topic,
                              const ControllerOptions& options) {
  const std::string* text = setting(image, topic, kUncleanSetting);
  if (text == nullptr) return options.unclean_leader_election_enable;
  return *text == "true" || *text == "True" || *text == "TRUE";
}

PartitionRules partition_rules(const MetadataImage& image, const TopicImage& topic,
                               const ControllerOptions& options) {
  return {elr_is_on(image), min_insync_replicas(image, topic, options)};
}

ElectionKind automatic_election(const MetadataImage& image, const TopicImage& topic,
                                const ControllerOptions& options) {
  return unclean_election_allowed(image, topic, options) ? ElectionKind::unclean
                                                         : ElectionKind::online;
}

ErrorCode check_broker_epoch(const MetadataImage& image, std::int32_t id, std::int64_t epoch) {
  const BrokerImage* broker = image.broker(BrokerId{id});
  const bool current = broker != nullptr && broker->epoch == BrokerEpoch{epoch};
  return current ? ErrorCode::none : ErrorCode::stale_broker_epoch;
}

bool change_partition_in(Context& in, const Uuid& topic_id, std::int32_t index,
                         const WantedPartition& wanted, std::string_view cause) {
  const TopicImage* topic = in.image().find_topic(topic_id);
  const PartitionRules rules = partition_rules(in.image(), *topic, in.options);
  auto record = change_partition(in.image(), topic_id, index, rules, wanted);
  if (!record) return false;
  in.draft.add(*std::move(record), cause);
  return true;
}

std::vector<PartitionPlace> partitions_where(
    const MetadataImage& image, const std::function<bool(const PartitionImage&)>& wanted) {
  std::vector<PartitionPlace> places;
  for (const auto& [name, topic] : image.topics()) {
    for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
      if (!wanted(topic->partitions[p])) continue;
      places.push_back({topic->id, static_cast<std::int32_t>(p)});
    }
  }
  return places;
}

Refusal check_assignment(const MetadataImage& image, const std::vector<std::int32_t>& replicas) {
  const ErrorCode error = ErrorCode::invalid_replica_assignment;
  if (replicas.empty()) return {error, "an assignment without replicas"};
  std::set<std::int32_t> seen;
  for (const std::int32_t id : replicas) {
    if (!seen.insert(id).second) {
      return {error, "broker " + std::to_string(id) + " is assigned twice"};
    }
    if (image.broker(BrokerId{id}) == nullptr) {
      return {error, "broker " + std::to_string(id) + " is not registered"};
    }
  }
  return {};
}

PartitionImage new_partition(const MetadataImage& image,
                             const std::vector<std::int32_t>& replicas) {
  PartitionImage partition;
  partition.leader = kNoBroker;
  partition.replicas = to_brokers(replicas);
  const bool with_directories = image.feature(kMetadataVersionFeature) >= kFirstWithLogDirs;
  for (const BrokerId id : partition.replicas) {
    const BrokerImage* broker = image.broker(id);
    if (broker != nullptr && broker->is_active()) partition.isr.push_back(id);
    if (!with_directories) continue;
    // A broker with one directory has no choice; of others it is not known yet.
    const bool only_one = broker != nullptr && broker->log_dirs.size() == 1;
    partition.directories.push_back(only_one ? broker->log_dirs.front() : Uuid{});
  }
  if (!partition.isr.empty()) partition.leader = partition.isr.front();
  return partition;
}

void add_partition(Context& in, const Uuid& topic, std::int32_t index,
                   const PartitionImage& partition, std::string_view cause) {
  PartitionRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  record.replicas = to_numbers(partition.replicas);
  record.isr = to_numbers(partition.isr);
  record.leader = partition.leader.value();
  record.leader_epoch = partition.leader_epoch.value();
  record.partition_epoch = partition.partition_epoch.value();
  record.directories = partition.directories;
  in.draft.add(std::move(record), cause);
}

}  // namespace weir::deciding
