// EndQuorumEpoch (key 54): the leader of the quorum resigns and says who should follow it
// (KIP-595).
//
// Successors are in the order of their log ends: the first ones stand for election at once, the
// later ones wait. 1 names them with their directories and adds the leader's endpoints (KIP-853).
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

struct EndQuorumEpochRequest {
  static constexpr ApiKey kApi = ApiKey::end_quorum_epoch;
  static constexpr std::string_view kName = "EndQuorumEpochRequest";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 1;
  using Response = struct EndQuorumEpochResponse;

  struct ReplicaInfo {
    std::int32_t candidate_id = 0;
    Uuid candidate_directory_id = {};

    using Self = ReplicaInfo;
    template <class V>
    static constexpr void fields(V& v) {
      v("CandidateId", &Self::candidate_id, from(1));
      v("CandidateDirectoryId", &Self::candidate_directory_id, from(1));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> preferred_successors = {};
    std::vector<ReplicaInfo> preferred_candidates = {};

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
      v("PreferredSuccessors", &Self::preferred_successors, versions(0, 0).ignorable());
      v("PreferredCandidates", &Self::preferred_candidates, from(1).ignorable());
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
  std::vector<TopicData> topics = {};
  std::vector<LeaderEndpoint> leader_endpoints = {};

  using Self = EndQuorumEpochRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(0).nullable(0));
    v("Topics", &Self::topics, from(0));
    v("LeaderEndpoints", &Self::leader_endpoints, from(1).ignorable());
  }
};

struct EndQuorumEpochResponse {
  static constexpr ApiKey kApi = ApiKey::end_quorum_epoch;
  static constexpr std::string_view kName = "EndQuorumEpochResponse";
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

  using Self = EndQuorumEpochResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ErrorCode", &Self::error_code, from(0));
    v("Topics", &Self::topics, from(0));
    v("NodeEndpoints", &Self::node_endpoints, from(1).tag(0));
  }
};

}  // namespace weir
