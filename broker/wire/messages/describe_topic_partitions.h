// DescribeTopicPartitions (key 75): partitions page by page, with their eligible leader replicas
// (KIP-966).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

// Where the next page begins. Not a member: a class that may be null must be complete before.
struct TopicPartitionsCursor {
  std::string topic_name = {};
  std::int32_t partition_index = 0;

  using Self = TopicPartitionsCursor;
  template <class V>
  static constexpr void fields(V& v) {
    v("TopicName", &Self::topic_name, from(0));
    v("PartitionIndex", &Self::partition_index, from(0));
  }
};

struct DescribeTopicPartitionsRequest {
  static constexpr ApiKey kApi = ApiKey::describe_topic_partitions;
  static constexpr std::string_view kName = "DescribeTopicPartitionsRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct DescribeTopicPartitionsResponse;

  struct TopicRequest {
    std::string name = {};

    using Self = TopicRequest;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
    }
  };

  std::vector<TopicRequest> topics = {};
  std::int32_t response_partition_limit = 2000;
  std::optional<TopicPartitionsCursor> cursor = {};

  using Self = DescribeTopicPartitionsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(0));
    v("ResponsePartitionLimit", &Self::response_partition_limit, from(0));
    v("Cursor", &Self::cursor, from(0).nullable(0));
  }
};

struct DescribeTopicPartitionsResponse {
  static constexpr ApiKey kApi = ApiKey::describe_topic_partitions;
  static constexpr std::string_view kName = "DescribeTopicPartitionsResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct DescribeTopicPartitionsResponsePartition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes = {};
    std::vector<std::int32_t> isr_nodes = {};
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas = {};
    std::optional<std::vector<std::int32_t>> last_known_elr = {};
    std::vector<std::int32_t> offline_replicas = {};

    using Self = DescribeTopicPartitionsResponsePartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("PartitionIndex", &Self::partition_index, from(0));
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0).ignorable());
      v("ReplicaNodes", &Self::replica_nodes, from(0));
      v("IsrNodes", &Self::isr_nodes, from(0));
      v("EligibleLeaderReplicas", &Self::eligible_leader_replicas, from(0).nullable(0));
      v("LastKnownElr", &Self::last_known_elr, from(0).nullable(0));
      v("OfflineReplicas", &Self::offline_replicas, from(0).ignorable());
    }
  };

  struct DescribeTopicPartitionsResponseTopic {
    std::int16_t error_code = 0;
    std::optional<std::string> name = "";
    Uuid topic_id = {};
    bool is_internal = false;
    std::vector<DescribeTopicPartitionsResponsePartition> partitions = {};
    std::int32_t topic_authorized_operations = INT32_MIN;

    using Self = DescribeTopicPartitionsResponseTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("Name", &Self::name, from(0).nullable(0));
      v("TopicId", &Self::topic_id, from(0).ignorable());
      v("IsInternal", &Self::is_internal, from(0).ignorable());
      v("Partitions", &Self::partitions, from(0));
      v("TopicAuthorizedOperations", &Self::topic_authorized_operations, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeTopicPartitionsResponseTopic> topics = {};
  std::optional<TopicPartitionsCursor> next_cursor = {};

  using Self = DescribeTopicPartitionsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0).ignorable());
    v("Topics", &Self::topics, from(0));
    v("NextCursor", &Self::next_cursor, from(0).nullable(0));
  }
};

}  // namespace weir
