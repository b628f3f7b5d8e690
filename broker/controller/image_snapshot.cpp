// Each part of the image as the record that makes it.
#include "broker/controller/image_snapshot.h"

#include <utility>

#include "broker/controller/features.h"

namespace weir {
namespace {

constexpr std::int8_t kTopicConfig = 2;
constexpr std::int8_t kBrokerConfig = 4;

RegisterBrokerRecord record_of(const BrokerImage& broker) {
  RegisterBrokerRecord record;
  record.broker_id = broker.id.value();
  record.incarnation_id = broker.incarnation;
  record.broker_epoch = broker.epoch.value();
  for (const ListenerImage& l : broker.listeners) {
    record.end_points.push_back({l.name, l.host, l.port, l.security_protocol});
  }
  for (const FeatureRange& f : broker.features) record.features.push_back({f.name, f.min, f.max});
  record.rack = broker.rack;
  record.fenced = broker.fenced;
  record.in_controlled_shutdown = broker.in_controlled_shutdown;
  record.log_dirs = broker.log_dirs;
  return record;
}

RegisterControllerRecord record_of(const ControllerImage& controller) {
  RegisterControllerRecord record;
  record.controller_id = controller.id.value();
  record.incarnation_id = controller.incarnation;
  for (const ListenerImage& l : controller.listeners) {
    record.end_points.push_back({l.name, l.host, l.port, l.security_protocol});
  }
  for (const FeatureRange& f : controller.features) {
    record.features.push_back({f.name, f.min, f.max});
  }
  return record;
}

PartitionRecord record_of(const Uuid& topic, std::int32_t index, const PartitionImage& p) {
  PartitionRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  record.replicas = to_numbers(p.replicas);
  record.isr = to_numbers(p.isr);
  record.removing_replicas = to_numbers(p.removing);
  record.adding_replicas = to_numbers(p.adding);
  record.leader = p.leader.value();
  record.leader_recovery_state = static_cast<std::int8_t>(p.recovery);
  record.leader_epoch = p.leader_epoch.value();
  record.partition_epoch = p.partition_epoch.value();
  record.directories = p.directories;
  if (!p.elr.empty()) record.eligible_leader_replicas = to_numbers(p.elr);
  if (!p.last_known_elr.empty()) record.last_known_elr = to_numbers(p.last_known_elr);
  return record;
}

}  // namespace

std::vector<VersionedRecord> snapshot_records(const MetadataImage& image) {
  const std::int16_t level = image.feature(kMetadataVersionFeature);
  std::vector<VersionedRecord> records;
  const auto add = [&](MetadataRecord record) {
    const std::int16_t version = record_version(record, level);
    records.push_back({std::move(record), version});
  };
  const auto add_feature = [&](const std::string& name, std::int16_t feature_level) {
    FeatureLevelRecord record;
    record.name = name;
    record.feature_level = feature_level;
    add(std::move(record));
  };
  const auto add_configs = [&](std::int8_t type, const std::string& resource,
                               const ConfigMap& configs) {
    for (const auto& [key, value] : configs) {
      ConfigRecord record;
      record.resource_type = type;
      record.resource_name = resource;
      record.name = key;
      record.value = value;
      add(std::move(record));
    }
  };

  if (level != 0) add_feature(std::string(kMetadataVersionFeature), level);
  for (const auto& [name, feature_level] : image.features()) {
    if (name != kMetadataVersionFeature) add_feature(name, feature_level);
  }
  for (const BrokerImage& broker : image.brokers()) add(record_of(broker));
  for (const ControllerImage& controller : image.controllers()) add(record_of(controller));
  for (const auto& [name, topic] : image.topics()) {
    TopicRecord record;
    record.name = name;
    record.topic_id = topic->id;
    add(std::move(record));
    for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
      add(record_of(topic->id, static_cast<std::int32_t>(p), topic->partitions[p]));
    }
    add_configs(kTopicConfig, name, topic->configs);
  }
  for (const auto& [resource, configs] : image.broker_configs()) {
    add_configs(kBrokerConfig, resource, configs);
  }
  if (image.next_producer_id() != ProducerId{0}) {
    ProducerIdsRecord record;
    record.broker_id = kNoBroker.value();
    record.next_producer_id = image.next_producer_id().value();
    add(std::move(record));
  }
  return records;
}

}  // namespace weir
