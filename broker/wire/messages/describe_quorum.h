// DescribeQuorum (key 55): who leads the metadata quorum, and how far its replicas are (KIP-595,
// KIP-836).
//
// 1 adds the times of the last fetch and of being caught up, 2 directories, nodes and messages
// (KIP-853).
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

struct DescribeQuorumRequest {
  static constexpr ApiKey kApi = ApiKey::describe_quorum;
  static constexpr std::string_view kName = "DescribeQuorumRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct DescribeQuorumResponse;

  struct PartitionData {
    std::int32_t partition_index = 0;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
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

  std::vector<TopicData> topics = {};

  using Self = DescribeQuorumRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(0));
  }
};

struct DescribeQuorumResponse {
  static constexpr ApiKey kApi = ApiKey::describe_quorum;
  static constexpr std::string_view kName = "DescribeQuorumResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct ReplicaState {
    std::int32_t replica_id = 0;
    Uuid replica_directory_id = {};
    std::int64_t log_end_offset = 0;
    std::int64_t last_fetch_timestamp = -1;
    std::int64_t last_caught_up_timestamp = -1;

    using Self = ReplicaState;
    template <class V>
    static constexpr void fields(V& v) {
      v("ReplicaId", &Self::replica_id, from(0));
      v("ReplicaDirectoryId", &Self::replica_directory_id, from(2));
      v("LogEndOffset", &Self::log_end_offset, from(0));
      v("LastFetchTimestamp", &Self::last_fetch_timestamp, from(1).ignorable());
      v("LastCaughtUpTimestamp", &Self::last_caught_up_timestamp, from(1).ignorable());
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t high_watermark = 0;
    std::vector<ReplicaState> current_voters = {};
    std::vector<ReplicaState> observers = {};

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(2).nullable(2).ignorable());
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
      v("HighWatermark", &Self::high_watermark, from(0));
      v("CurrentVoters", &Self::current_voters, from(0));
      v("Observers", &Self::observers, from(0));
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

  struct Listener {
    std::string name = {};
    std::string host = {};
    std::uint16_t port = 0;

    using Self = Listener;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(2));
      v("Host", &Self::host, from(2));
      v("Port", &Self::port, from(2));
    }
  };

  struct Node {
    std::int32_t node_id = 0;
    std::vector<Listener> listeners = {};

    using Self = Node;
    template <class V>
    static constexpr void fields(V& v) {
      v("NodeId", &Self::node_id, from(2));
      v("Listeners", &Self::listeners, from(2));
    }
  };

  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<TopicData> topics = {};
  std::vector<Node> nodes = {};

  using Self = DescribeQuorumResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(2).nullable(2).ignorable());
    v("Topics", &Self::topics, from(0));
    v("Nodes", &Self::nodes, from(2));
  }
};

}  // namespace weir
