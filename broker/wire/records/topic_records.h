// Metadata records about topics and their partitions (KIP-631, KIP-858, KIP-966).
//
// A PartitionChangeRecord raises the partition epoch by one, and the leader epoch where it names a
// leader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/records/record_type.h"
#include "broker/wire/uuid.h"

namespace weir {

struct TopicRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::topic;
  static constexpr std::string_view kName = "TopicRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::string name = {};
  Uuid topic_id = {};

  using Self = TopicRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Name", &Self::name, from(0));
    v("TopicId", &Self::topic_id, from(0));
  }
};

// With it go the topic's partitions and settings.
struct RemoveTopicRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::remove_topic;
  static constexpr std::string_view kName = "RemoveTopicRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  Uuid topic_id = {};

  using Self = RemoveTopicRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("TopicId", &Self::topic_id, from(0));
  }
};

// The whole state of a partition; leader -1 is none. LeaderRecoveryState 1: the leader was elected
// uncleanly and recovers (KIP-704). 1 adds the directory of each replica, 2 eligible leader
// replicas.
struct PartitionRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::partition;
  static constexpr std::string_view kName = "PartitionRecord";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t partition_id = -1;
  Uuid topic_id = {};
  std::vector<std::int32_t> replicas = {};
  std::vector<std::int32_t> isr = {};
  std::vector<std::int32_t> removing_replicas = {};
  std::vector<std::int32_t> adding_replicas = {};
  std::int32_t leader = -1;
  std::int8_t leader_recovery_state = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::vector<Uuid> directories = {};
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas = {};
  std::optional<std::vector<std::int32_t>> last_known_elr = {};

  using Self = PartitionRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("PartitionId", &Self::partition_id, from(0));
    v("TopicId", &Self::topic_id, from(0));
    v("Replicas", &Self::replicas, from(0));
    v("Isr", &Self::isr, from(0));
    v("RemovingReplicas", &Self::removing_replicas, from(0));
    v("AddingReplicas", &Self::adding_replicas, from(0));
    v("Leader", &Self::leader, from(0));
    v("LeaderRecoveryState", &Self::leader_recovery_state, from(0).tag(0));
    v("LeaderEpoch", &Self::leader_epoch, from(0));
    v("PartitionEpoch", &Self::partition_epoch, from(0));
    v("Directories", &Self::directories, from(1));
    v("EligibleLeaderReplicas", &Self::eligible_leader_replicas, from(2).nullable(2).tag(1));
    v("LastKnownElr", &Self::last_known_elr, from(2).nullable(2).tag(2));
  }
};

// Only what changes: null lists and recovery state -1 are no change; leader -2 is no change, -1
// none. Tagged fields stand in the order of their tags, which is that of the wire.
struct PartitionChangeRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::partition_change;
  static constexpr std::string_view kName = "PartitionChangeRecord";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t partition_id = -1;
  Uuid topic_id = {};
  std::optional<std::vector<std::int32_t>> isr = {};
  std::int32_t leader = -2;
  std::optional<std::vector<std::int32_t>> replicas = {};
  std::optional<std::vector<std::int32_t>> removing_replicas = {};
  std::optional<std::vector<std::int32_t>> adding_replicas = {};
  std::int8_t leader_recovery_state = -1;
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas = {};
  std::optional<std::vector<std::int32_t>> last_known_elr = {};
  std::optional<std::vector<Uuid>> directories = {};

  using Self = PartitionChangeRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("PartitionId", &Self::partition_id, from(0));
    v("TopicId", &Self::topic_id, from(0));
    v("Isr", &Self::isr, from(0).nullable(0).tag(0));
    v("Leader", &Self::leader, from(0).tag(1));
    v("Replicas", &Self::replicas, from(0).nullable(0).tag(2));
    v("RemovingReplicas", &Self::removing_replicas, from(0).nullable(0).tag(3));
    v("AddingReplicas", &Self::adding_replicas, from(0).nullable(0).tag(4));
    v("LeaderRecoveryState", &Self::leader_recovery_state, from(0).tag(5));
    v("EligibleLeaderReplicas", &Self::eligible_leader_replicas, from(2).nullable(2).tag(6));
    v("LastKnownElr", &Self::last_known_elr, from(2).nullable(2).tag(7));
    v("Directories", &Self::directories, from(1).nullable(1).tag(8));
  }
};

// Drops the eligible and the last known leader replicas of a topic's partitions; of all topics
// where the name is empty.
struct ClearElrRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::clear_elr;
  static constexpr std::string_view kName = "ClearElrRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::string topic_name = {};

  using Self = ClearElrRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("TopicName", &Self::topic_name, from(0));
  }
};

}  // namespace weir
