// Vote (key 52): a candidate, or one who first asks whether it might win, asks for votes
// (KIP-595).
//
// 1 adds directory ids, so that a voter with a new disk is another voter (KIP-853); 2 adds
// PreVote, which changes nobody's epoch (KIP-996). The log of the metadata is one partition of one
// topic; the arrays have one element each.
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

struct VoteRequest {
  static constexpr ApiKey kApi = ApiKey::vote;
  static constexpr std::string_view kName = "VoteRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct VoteResponse;

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t replica_epoch = 0;
    std::int32_t replica_id = 0;
    Uuid replica_directory_id = {};
    Uuid voter_directory_id = {};
    std::int32_t last_offset_epoch = 0;
    std::int64_t last_offset = 0;
    bool pre_vote = false;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ReplicaEpoch", &Self::replica_epoch, from(0));
      v("ReplicaId", &Self::replica_id, from(0));
      v("ReplicaDirectoryId", &Self::replica_directory_id, from(1).ignorable());
      v("VoterDirectoryId", &Self::voter_directory_id, from(1).ignorable());
      v("LastOffsetEpoch", &Self::last_offset_epoch, from(0));
      v("LastOffset", &Self::last_offset, from(0));
      v("PreVote", &Self::pre_vote, from(2));
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

  std::optional<std::string> cluster_id = {};
  std::int32_t voter_id = -1;
  std::vector<TopicData> topics = {};

  using Self = VoteRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(0).nullable(0));
    v("VoterId", &Self::voter_id, from(1).ignorable());
    v("Topics", &Self::topics, from(0));
  }
};

struct VoteResponse {
  static constexpr ApiKey kApi = ApiKey::vote;
  static constexpr std::string_view kName = "VoteResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    bool vote_granted = false;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
      v("VoteGranted", &Self::vote_granted, from(0));
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

  using Self = VoteResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ErrorCode", &Self::error_code, from(0));
    v("Topics", &Self::topics, from(0));
    v("NodeEndpoints", &Self::node_endpoints, from(1).tag(0));
  }
};

}  // namespace weir
