// BeginQuorumEpoch (key 53): the new leader of the quorum tells voters that it won (KIP-595).
//
// 1 adds the receiver's id and directory, by which a wrong receiver notices, and the leader's
// endpoints (KIP-853).
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

struct BeginQuorumEpochRequest {
  static constexpr ApiKey kApi = ApiKey::begin_quorum_epoch;
  static constexpr std::string_view kName = "BeginQuorumEpochRequest";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 1;
  using Response = struct BeginQuorumEpochResponse;

  struct PartitionData {
    std::int32_t partition_index = 0;
    Uuid voter_directory_id = {};
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("VoterDirectoryId", &Self::voter_directory_id, from(1).ignorable());
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
    }
  };

  struct TopicData {
    std::string topic_name = {};
    std::vector<PartitionData> partitions = {};

    using Self = TopicData;
    template <class V>
    static constexpr void fields(V& v) {
      v("TopicName", &Self::topic_name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  struct LeaderEndpoint {
    std::string name = {};
    std::string host = {};
    std::uint16_t port = 0;

    using Self = LeaderEndpoint;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(1));
      v("Host", &Self::host, from(1));
      v("Port", &Self::port, from(1));
    }
  };

  std::optional<std::string> cluster_id = {};
  std::int32_t voter_id = -1;
  std::vector<TopicData> topics = {};
  std::vector<LeaderEndpoint> leader_endpoints = {};

  using Self = BeginQuorumEpochRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(0).nullable(0));
    v("VoterId", &Self::voter_id, from(1).ignorable());
    v("Topics", &Self::topics, from(0));
    v("LeaderEndpoints", &Self::leader_endpoints, from(1).ignorable());
  }
};

struct BeginQuorumEpochResponse {
  static constexpr ApiKey kApi = ApiKey::begin_quorum_epoch;
  static constexpr std::string_view kName = "BeginQuorumEpochResponse";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 1;

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
    }
  };

  struct TopicData {
    std::string topic_name = {};
    std::vector<PartitionData> partitions = {};

    using Self = TopicData;
    template <class V>
    static constexpr void fields(V& v) {
      v("TopicName", &Self::topic_name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host = {};
    std::uint16_t port = 0;

    using Self = NodeEndpoint;
    template <class V>
    static constexpr void fields(V& v) {
      v("NodeId", &Self::node_id, from(1));
      v("Host", &Self::host, from(1));
      v("Port", &Self::port, from(1));
    }
  };

  std::int16_t error_code = 0;
  std::vector<TopicData> topics = {};
  std::vector<NodeEndpoint> node_endpoints = {};

  using Self = BeginQuorumEpochResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ErrorCode", &Self::error_code, from(0));
    v("Topics", &Self::topics, from(0));
    v("NodeEndpoints", &Self::node_endpoints, from(1).tag(0));
  }
};

}  // namespace weir
