// What each record does to the image, and what it must find there.
#include "broker/controller/replay.h"

#include <algorithm>
#include <utility>

#include "broker/controller/features.h"

namespace weir {
namespace {

constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kBrokerResource = 4;
constexpr std::int8_t kFence = 1;
constexpr std::int8_t kUnfence = -1;
constexpr std::int32_t kLeaderUnchanged = -2;
constexpr std::int8_t kRecoveryUnchanged = -1;

// Kafka's rule: the listeners' order is the node's; clients are told the first one.
template <class EndPoints>
std::vector<ListenerImage> listeners_of(const EndPoints& end_points) {
  std::vector<ListenerImage> listeners;
  for (const auto& e : end_points) {
    listeners.push_back({e.name, e.host, e.port, e.security_protocol});
  }
  return listeners;
}

template <class Features>
std::vector<FeatureRange> features_of(const Features& features) {
  std::vector<FeatureRange> ranges;
  for (const auto& f : features) {
    ranges.push_back({f.name, f.min_supported_version, f.max_supported_version});
  }
  return ranges;
}

// Null where the record fits, else what does not.
using Misfit = const char*;

struct Replay {
  MetadataImage& image;

  Misfit operator()(const RegisterBrokerRecord& r) const {
    const BrokerImage* old = image.broker(BrokerId{r.broker_id});
    if (old != nullptr && old->epoch > BrokerEpoch{r.broker_epoch}) {
      return "the broker has a later epoch";
    }
    BrokerImage broker;
    broker.id = BrokerId{r.broker_id};
    broker.listeners = listeners_of(r.end_points);
    if (!broker.listeners.empty()) {
      broker.host = broker.listeners.front().host;
      broker.port = broker.listeners.front().port;
    }
    broker.rack = r.rack;
    broker.epoch = BrokerEpoch{r.broker_epoch};
    broker.incarnation = r.incarnation_id;
    broker.fenced = r.fenced;
    broker.in_controlled_shutdown = r.in_controlled_shutdown;
    broker.features = features_of(r.features);
    broker.log_dirs = r.log_dirs;
    image.set_broker(std::move(broker));
    return nullptr;
  }

  Misfit operator()(const UnregisterBrokerRecord& r) const {
    if (find(r.broker_id, r.broker_epoch) == nullptr) return "no such broker with this epoch";
    image.remove_broker(BrokerId{r.broker_id});
    return nullptr;
  }

  Misfit operator()(const BrokerRegistrationChangeRecord& r) const {
    const BrokerImage* old = find(r.broker_id, r.broker_epoch);
    if (old == nullptr) return "no such broker with this epoch";
    if (r.fenced < kUnfence || r.fenced > kFence) return "Fenced is not -1, 0 or 1";
    if (r.in_controlled_shutdown < 0 || r.in_controlled_shutdown > 1) {
      return "InControlledShutdown is neither 0 nor 1";
    }
    BrokerImage broker = *old;
    if (r.fenced != 0) broker.fenced = r.fenced == kFence;
    if (r.in_controlled_shutdown != 0) broker.in_controlled_shutdown = true;
    if (!r.log_dirs.empty()) broker.log_dirs = r.log_dirs;
    image.set_broker(std::move(broker));
    return nullptr;
  }

  Misfit operator()(const FenceBrokerRecord& r) const { return set_fenced(r.id, r.epoch, true); }
  Misfit operator()(const UnfenceBrokerRecord& r) const { return set_fenced(r.id, r.epoch, false); }

  Misfit operator()(const RegisterControllerRecord& r) const {
    image.set_controller({BrokerId{r.controller_id}, r.incarnation_id, listeners_of(r.end_points),
                          features_of(r.features)});
    return nullptr;
  }

  Misfit operator()(const UnregisterControllerRecord& r) const {
    if (image.controller(BrokerId{r.controller_id}) == nullptr) return "no such controller";
    image.remove_controller(BrokerId{r.controller_id});
    return nullptr;
  }

  Misfit operator()(const TopicRecord& r) const {
    if (r.topic_id.is_zero()) return "the topic has no id";
    if (image.find_topic(r.name) != nullptr) return "a topic of this name exists";
    if (image.find_topic(r.topic_id) != nullptr) return "a topic of this id exists";
    image.add_topic({r.name, r.topic_id, {}, {}});
    return nullptr;
  }

  Misfit operator()(const RemoveTopicRecord& r) const {
    if (image.find_topic(r.topic_id) == nullptr) return "no such topic";
    image.remove_topic(r.topic_id);
    return nullptr;
  }

  Misfit operator()(const PartitionRecord& r) const {
    const TopicImage* topic = image.find_topic(r.topic_id);
    if (topic == nullptr) return "no such topic";
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    if (r.partition_id < 0 || r.partition_id > count) return "partitions are not in order";
    if (r.leader_recovery_state < 0 || r.leader_recovery_state > 1) {
      return "LeaderRecoveryState is neither 0 nor 1";
    }
    PartitionImage partition;
    partition.leader = BrokerId{r.leader};
    partition.leader_epoch = LeaderEpoch{r.leader_epoch};
    partition.partition_epoch = PartitionEpoch{r.partition_epoch};
    partition.replicas = to_brokers(r.replicas);
    partition.isr = to_brokers(r.isr);
    partition.adding = to_brokers(r.adding_replicas);
    partition.removing = to_brokers(r.removing_replicas);
    if (r.eligible_leader_replicas) partition.elr = to_brokers(*r.eligible_leader_replicas);
    if (r.last_known_elr) partition.last_known_elr = to_brokers(*r.last_known_elr);
    partition.recovery = static_cast<LeaderRecovery>(r.leader_recovery_state);
    partition.directories = r.directories;
    image.set_partition(r.topic_id, r.partition_id, std::move(partition));
    return nullptr;
  }

  Misfit operator()(const PartitionChangeRecord& r) const {
    const PartitionImage* old = image.partition(r.topic_id, r.partition_id);
    if (old == nullptr) return "no such partition";
    if (r.leader_recovery_state < kRecoveryUnchanged || r.leader_recovery_state > 1) {
      return "LeaderRecoveryState is not -1, 0 or 1";
    }
    PartitionImage partition = *old;
    const auto take = [](std::vector<BrokerId>& list,
                         const std::optional<std::vector<std::int32_t>>& change) {
      if (change) list = to_brokers(*change);
    };
    take(partition.isr, r.isr);
    take(partition.replicas, r.replicas);
    take(partition.adding, r.adding_replicas);
    take(partition.removing, r.removing_replicas);
    take(partition.elr, r.eligible_leader_replicas);
    take(partition.last_known_elr, r.last_known_elr);
    if (r.directories) partition.directories = *r.directories;
    if (r.leader_recovery_state != kRecoveryUnchanged) {
      partition.recovery = static_cast<LeaderRecovery>(r.leader_recovery_state);
    }
    // A named leader starts a new leader epoch, also where it is the old one.
    if (r.leader != kLeaderUnchanged) {
      partition.leader = BrokerId{r.leader};
      partition.leader_epoch = partition.leader_epoch + 1;
    }
    partition.partition_epoch = partition.partition_epoch + 1;
    image.set_partition(r.topic_id, r.partition_id, std::move(partition));
    return nullptr;
  }

  // A partition without ISR keeps what it has: nothing was written since its last leader went, so
  // it is still true, and without it nobody could lead the partition again (invariant A11).
  Misfit operator()(const ClearElrRecord& r) const {
    if (!r.topic_name.empty()) {
      const TopicImage* topic = image.find_topic(r.topic_name);
      if (topic == nullptr) return "no such topic";
      clear_elr(*topic);
      return nullptr;
    }
    std::vector<Uuid> ids;
    for (const auto& [name, topic] : image.topics()) ids.push_back(topic->id);
    for (const Uuid& id : ids) clear_elr(*image.find_topic(id));
    return nullptr;
  }

  Misfit operator()(const ConfigRecord& r) const {
    if (r.resource_type == kBrokerResource) {
      image.set_broker_config(r.resource_name, r.name, r.value);
      return nullptr;
    }
    if (r.resource_type != kTopicResource) return "settings of an unknown kind of resource";
    const TopicImage* topic = image.find_topic(r.resource_name);
    if (topic == nullptr) return "no such topic";
    image.set_topic_config(topic->id, r.name, r.value);
    return nullptr;
  }

  Misfit operator()(const FeatureLevelRecord& r) const {
    if (r.feature_level < 0) return "a feature's level is negative";
    if (r.name == kMetadataVersionFeature) {
      const KnownFeature* known = find_feature(r.name);
      if (r.feature_level < known->min || r.feature_level > known->max) {
        return "this metadata.version is not known here";
      }
    }
    image.set_feature(r.name, r.feature_level);
    return nullptr;
  }

  Misfit operator()(const ProducerIdsRecord& r) const {
    if (ProducerId{r.next_producer_id} <= image.next_producer_id()) {
      return "producer ids do not ascend";
    }
    image.set_next_producer_id(ProducerId{r.next_producer_id});
    return nullptr;
  }

  Misfit operator()(const NoOpRecord&) const { return nullptr; }
  Misfit operator()(const BeginTransactionRecord&) const { return nullptr; }
  Misfit operator()(const EndTransactionRecord&) const { return nullptr; }
  Misfit operator()(const AbortTransactionRecord&) const { return nullptr; }

  [[nodiscard]] const BrokerImage* find(std::int32_t id, std::int64_t epoch) const {
    const BrokerImage* broker = image.broker(BrokerId{id});
    return broker != nullptr && broker->epoch == BrokerEpoch{epoch} ? broker : nullptr;
  }

  [[nodiscard]] Misfit set_fenced(std::int32_t id, std::int64_t epoch, bool fenced) const {
    const BrokerImage* old = find(id, epoch);
    if (old == nullptr) return "no such broker with this epoch";
    BrokerImage broker = *old;
    broker.fenced = fenced;
    image.set_broker(std::move(broker));
    return nullptr;
  }

  void clear_elr(const TopicImage& topic) const {
    for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
      const PartitionImage& old = topic.partitions[p];
      if (old.isr.empty() || (old.elr.empty() && old.last_known_elr.empty())) continue;
      PartitionImage partition = old;
      partition.elr.clear();
      partition.last_known_elr.clear();
      partition.partition_epoch = partition.partition_epoch + 1;
      image.set_partition(topic.id, static_cast<std::int32_t>(p), std::move(partition));
    }
  }
};

Result<void> misfit(const MetadataRecord& record, const char* reason, std::string* why) {
  if (why != nullptr) *why = std::string(reason) + ": " + print(record);
  return Errc::malformed;
}

}  // namespace

Result<void> replay(MetadataImage& image, const MetadataRecord& record, std::string* why) {
  const Misfit reason = std::visit(Replay{image}, record);
  if (reason != nullptr) return misfit(record, reason, why);
  return {};
}

Result<void> MetadataReplay::apply_one(const MetadataRecord& record, std::string* why) {
  const bool begins = std::holds_alternative<BeginTransactionRecord>(record);
  const bool ends = std::holds_alternative<EndTransactionRecord>(record);
  const bool aborts = std::holds_alternative<AbortTransactionRecord>(record);
  if (begins && before_) return misfit(record, "a transaction is open already", why);
  if ((ends || aborts) && !before_) return misfit(record, "no transaction is open", why);
  if (begins) before_ = image_;
  if (aborts) image_ = *before_;
  if (ends || aborts) before_.reset();
  return replay(image_, record, why);
}

Result<void> MetadataReplay::apply(std::span<const MetadataRecord> records, AppliedLog after,
                                   std::string* why) {
  for (const MetadataRecord& record : records) {
    const Result<void> done = apply_one(record, why);
    if (!done) return done;
  }
  image_.set_applied(after);
  return {};
}

}  // namespace weir
