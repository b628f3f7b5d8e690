// Fetch (key 1): consumers and followers read batches from an offset on.
//
// Records are slices handed over to the network as they lie in the log. Null records do not exist
// here: an empty slice is written as zero-length records, never as null, which breaks librdkafka
// (KAFKA-18646). 7 brings sessions, 12 the diverging epoch, 13 topic ids in place of names, 15 the
// replica's epoch, 16 the new leader's address (KIP-951), 17 the follower's directory (KIP-853),
// 18 the high watermark that it knows, whose advance ends its wait (KIP-1166).
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

struct FetchRequest {
  static constexpr ApiKey kApi = ApiKey::fetch;
  static constexpr std::string_view kName = "FetchRequest";
  static constexpr VersionRange kVersions{4, 18};
  static constexpr std::int16_t kFlexibleSince = 12;
  using Response = struct FetchResponse;

  struct ReplicaState {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;

    using Self = ReplicaState;
    template <class V>
    static constexpr void fields(V& v) {
      v("ReplicaId", &Self::replica_id, from(15));
      v("ReplicaEpoch", &Self::replica_epoch, from(15));
    }
  };

  struct FetchPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int32_t last_fetched_epoch = -1;
    std::int64_t log_start_offset = -1;
    std::int32_t partition_max_bytes = 0;
    Uuid replica_directory_id = {};
    std::int64_t high_watermark = INT64_MAX;

    using Self = FetchPartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("Partition", &Self::partition, from(0));
      v("CurrentLeaderEpoch", &Self::current_leader_epoch, from(9).ignorable());
      v("FetchOffset", &Self::fetch_offset, from(0));
      v("LastFetchedEpoch", &Self::last_fetched_epoch, from(12));
      v("LogStartOffset", &Self::log_start_offset, from(5).ignorable());
      v("PartitionMaxBytes", &Self::partition_max_bytes, from(0));
      v("ReplicaDirectoryId", &Self::replica_directory_id, from(17).tag(0).ignorable());
      v("HighWatermark", &Self::high_watermark, from(18).tag(1).ignorable());
    }
  };

  struct FetchTopic {
    std::string topic = {};
    Uuid topic_id = {};
    std::vector<FetchPartition> partitions = {};

    using Self = FetchTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, versions(0, 12).ignorable());
      v("TopicId", &Self::topic_id, from(13).ignorable());
      v("Partitions", &Self::partitions, from(0));
    }
  };

  struct ForgottenTopic {
    std::string topic = {};
    Uuid topic_id = {};
    std::vector<std::int32_t> partitions = {};

    using Self = ForgottenTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, versions(7, 12).ignorable());
      v("TopicId", &Self::topic_id, from(13).ignorable());
      v("Partitions", &Self::partitions, from(7));
    }
  };

  std::optional<std::string> cluster_id = {};
  std::int32_t replica_id = -1;
  ReplicaState replica_state = {};
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = INT32_MAX;
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  std::vector<FetchTopic> topics = {};
  std::vector<ForgottenTopic> forgotten_topics_data = {};
  std::string rack_id = {};

  using Self = FetchRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(12).nullable(12).tag(0).ignorable());
    v("ReplicaId", &Self::replica_id, versions(0, 14));
    v("ReplicaState", &Self::replica_state, from(15).tag(1));
    v("MaxWaitMs", &Self::max_wait_ms, from(0));
    v("MinBytes", &Self::min_bytes, from(0));
    v("MaxBytes", &Self::max_bytes, from(3).ignorable());
    v("IsolationLevel", &Self::isolation_level, from(4).ignorable());
    v("SessionId", &Self::session_id, from(7).ignorable());
    v("SessionEpoch", &Self::session_epoch, from(7).ignorable());
    v("Topics", &Self::topics, from(0));
    v("ForgottenTopicsData", &Self::forgotten_topics_data, from(7));
    v("RackId", &Self::rack_id, from(11).ignorable());
  }
};

struct FetchResponse {
  static constexpr ApiKey kApi = ApiKey::fetch;
  static constexpr std::string_view kName = "FetchResponse";
  static constexpr VersionRange kVersions{4, 18};
  static constexpr std::int16_t kFlexibleSince = 12;

  struct EpochEndOffset {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;

    using Self = EpochEndOffset;
    template <class V>
    static constexpr void fields(V& v) {
      v("Epoch", &Self::epoch, from(12));
      v("EndOffset", &Self::end_offset, from(12));
    }
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    using Self = LeaderIdAndEpoch;
    template <class V>
    static constexpr void fields(V& v) {
      v("LeaderId", &Self::leader_id, from(12));
      v("LeaderEpoch", &Self::leader_epoch, from(12));
    }
  };

  struct SnapshotId {
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;

    using Self = SnapshotId;
    template <class V>
    static constexpr void fields(V& v) {
      v("EndOffset", &Self::end_offset, from(0));
      v("Epoch", &Self::epoch, from(0));
    }
  };

  struct AbortedTransaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;

    using Self = AbortedTransaction;
    template <class V>
    static constexpr void fields(V& v) {
      v("ProducerId", &Self::producer_id, from(4));
      v("FirstOffset", &Self::first_offset, from(4));
    }
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch = {};
    LeaderIdAndEpoch current_leader = {};
    SnapshotId snapshot_id = {};
    std::optional<std::vector<AbortedTransaction>> aborted_transactions =
        std::vector<AbortedTransaction>{};
    std::int32_t preferred_read_replica = -1;
    Slice records = {};

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("HighWatermark", &Self::high_watermark, from(0));
      v("LastStableOffset", &Self::last_stable_offset, from(4).ignorable());
      v("LogStartOffset", &Self::log_start_offset, from(5).ignorable());
      v("DivergingEpoch", &Self::diverging_epoch, from(12).tag(0));
      v("CurrentLeader", &Self::current_leader, from(12).tag(1));
      v("SnapshotId", &Self::snapshot_id, from(12).tag(2));
      v("AbortedTransactions", &Self::aborted_transactions, from(4).nullable(4).ignorable());
      v("PreferredReadReplica", &Self::preferred_read_replica, from(11));
      v("Records", &Self::records, from(0).nullable(0));
    }
  };

  struct FetchableTopicResponse {
    std::string topic = {};
    Uuid topic_id = {};
    std::vector<PartitionData> partitions = {};

    using Self = FetchableTopicResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, versions(0, 12).ignorable());
      v("TopicId", &Self::topic_id, from(13).ignorable());
      v("Partitions", &Self::partitions, from(0));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::optional<std::string> rack = {};

    using Self = NodeEndpoint;
    template <class V>
    static constexpr void fields(V& v) {
      v("NodeId", &Self::node_id, from(16));
      v("Host", &Self::host, from(16));
      v("Port", &Self::port, from(16));
      v("Rack", &Self::rack, from(16).nullable(16));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int32_t session_id = 0;
  std::vector<FetchableTopicResponse> responses = {};
  std::vector<NodeEndpoint> node_endpoints = {};

  using Self = FetchResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(1).ignorable());
    v("ErrorCode", &Self::error_code, from(7).ignorable());
    v("SessionId", &Self::session_id, from(7));
    v("Responses", &Self::responses, from(0));
    v("NodeEndpoints", &Self::node_endpoints, from(16).tag(0));
  }
};

}  // namespace weir
