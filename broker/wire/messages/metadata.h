// Metadata (key 3): who the brokers are, and who leads which partition.
//
// All topics: null from version 1 on, an empty array in version 0, in which an empty array later
// means none (KAFKA-18648). 7 adds the leader epoch, 10 topic ids, 12 lookup by id, 13 an error of
// the whole answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct MetadataRequest {
  static constexpr ApiKey kApi = ApiKey::metadata;
  static constexpr std::string_view kName = "MetadataRequest";
  static constexpr VersionRange kVersions{0, 13};
  static constexpr std::int16_t kFlexibleSince = 9;
  using Response = struct MetadataResponse;

  struct MetadataRequestTopic {
    Uuid topic_id = {};
    std::optional<std::string> name = "";

    using Self = MetadataRequestTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("TopicId", &Self::topic_id, from(10).ignorable());
      v("Name", &Self::name, from(0).nullable(10));
    }
  };

  std::optional<std::vector<MetadataRequestTopic>> topics = std::vector<MetadataRequestTopic>{};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  using Self = MetadataRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(0).nullable(1));
    v("AllowAutoTopicCreation", &Self::allow_auto_topic_creation, from(4));
    v("IncludeClusterAuthorizedOperations", &Self::include_cluster_authorized_operations,
      versions(8, 10));
    v("IncludeTopicAuthorizedOperations", &Self::include_topic_authorized_operations, from(8));
  }
};

struct MetadataResponse {
  static constexpr ApiKey kApi = ApiKey::metadata;
  static constexpr std::string_view kName = "MetadataResponse";
  static constexpr VersionRange kVersions{0, 13};
  static constexpr std::int16_t kFlexibleSince = 9;

  struct MetadataResponseBroker {
    std::int32_t node_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::optional<std::string> rack = {};

    using Self = MetadataResponseBroker;
    template <class V>
    static constexpr void fields(V& v) {
      v("NodeId", &Self::node_id, from(0));
      v("Host", &Self::host, from(0));
      v("Port", &Self::port, from(0));
      v("Rack", &Self::rack, from(1).nullable(1).ignorable());
    }
  };

  struct MetadataResponsePartition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes = {};
    std::vector<std::int32_t> isr_nodes = {};
    std::vector<std::int32_t> offline_replicas = {};

    using Self = MetadataResponsePartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("PartitionIndex", &Self::partition_index, from(0));
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(7).ignorable());
      v("ReplicaNodes", &Self::replica_nodes, from(0));
      v("IsrNodes", &Self::isr_nodes, from(0));
      v("OfflineReplicas", &Self::offline_replicas, from(5).ignorable());
    }
  };

  struct MetadataResponseTopic {
    std::int16_t error_code = 0;
    std::optional<std::string> name = "";
    Uuid topic_id = {};
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions = {};
    std::int32_t topic_authorized_operations = INT32_MIN;

    using Self = MetadataResponseTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("Name", &Self::name, from(0).nullable(12));
      v("TopicId", &Self::topic_id, from(10).ignorable());
      v("IsInternal", &Self::is_internal, from(1).ignorable());
      v("Partitions", &Self::partitions, from(0));
      v("TopicAuthorizedOperations", &Self::topic_authorized_operations, from(8));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers = {};
  std::optional<std::string> cluster_id = {};
  std::int32_t controller_id = -1;
  std::vector<MetadataResponseTopic> topics = {};
  std::int32_t cluster_authorized_operations = INT32_MIN;
  std::int16_t error_code = 0;

  using Self = MetadataResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(3).ignorable());
    v("Brokers", &Self::brokers, from(0));
    v("ClusterId", &Self::cluster_id, from(2).nullable(2).ignorable());
    v("ControllerId", &Self::controller_id, from(1).ignorable());
    v("Topics", &Self::topics, from(0));
    v("ClusterAuthorizedOperations", &Self::cluster_authorized_operations, versions(8, 10));
    v("ErrorCode", &Self::error_code, from(13).ignorable());
  }
};

}  // namespace weir
