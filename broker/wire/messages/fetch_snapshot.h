// FetchSnapshot (key 59): a part of a snapshot of the metadata log (KIP-630).
//
// Answers a Fetch that named a snapshot id. Bytes are cut anywhere, not between batches: only the
// whole snapshot is a log. 1 adds the follower's directory and the leader's endpoint (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct FetchSnapshotRequest {
  static constexpr ApiKey kApi = ApiKey::fetch_snapshot;
  static constexpr std::string_view kName = "FetchSnapshotRequest";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct FetchSnapshotResponse;

  struct SnapshotId {
    std::int64_t end_offset = 0;
    std::int32_t epoch = 0;

    using Self = SnapshotId;
    template <class V>
    static constexpr void fields(V& v) {
      v("EndOffset", &Self::end_offset, from(0));
      v("Epoch", &Self::epoch, from(0));
    }
  };

  struct PartitionSnapshot {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = 0;
    SnapshotId snapshot_id = {};
    std::int64_t position = 0;
    Uuid replica_directory_id = {};

    using Self = PartitionSnapshot;
    template <class V>
    static constexpr void fields(V& v) {
      v("Partition", &Self::partition, from(0));
      v("CurrentLeaderEpoch", &Self::current_leader_epoch, from(0));
      v("SnapshotId", &Self::snapshot_id, from(0));
      v("Position", &Self::position, from(0));
      v("ReplicaDirectoryId", &Self::replica_directory_id, from(1).tag(0).ignorable());
    }
  };

  struct TopicSnapshot {
    std::string name = {};
    std::vector<PartitionSnapshot> partitions = {};

    using Self = TopicSnapshot;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::optional<std::string> cluster_id = {};
  std::int32_t replica_id = -1;
  std::int32_t max_bytes = INT32_MAX;
  std::vector<TopicSnapshot> topics = {};

  using Self = FetchSnapshotRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(0).nullable(0).tag(0));
    v("ReplicaId", &Self::replica_id, from(0));
    v("MaxBytes", &Self::max_bytes, from(0));
    v("Topics", &Self::topics, from(0));
  }
};

struct FetchSnapshotResponse {
  static constexpr ApiKey kApi = ApiKey::fetch_snapshot;
  static constexpr std::string_view kName = "FetchSnapshotResponse";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct SnapshotId {
    std::int64_t end_offset = 0;
    std::int32_t epoch = 0;

    using Self = SnapshotId;
    template <class V>
    static constexpr void fields(V& v) {
      v("EndOffset", &Self::end_offset, from(0));
      v("Epoch", &Self::epoch, from(0));
    }
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;

    using Self = LeaderIdAndEpoch;
    template <class V>
    static constexpr void fields(V& v) {
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
    }
  };

  struct PartitionSnapshot {
    std::int32_t index = 0;
    std::int16_t error_code = 0;
    SnapshotId snapshot_id = {};
    LeaderIdAndEpoch current_leader = {};
    std::int64_t size = 0;
    std::int64_t position = 0;
    Slice unaligned_records = {};

    using Self = PartitionSnapshot;
    template <class V>
    static constexpr void fields(V& v) {
      v("Index", &Self::index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("SnapshotId", &Self::snapshot_id, from(0));
      v("CurrentLeader", &Self::current_leader, from(0).tag(0));
      v("Size", &Self::size, from(0));
      v("Position", &Self::position, from(0));
      v("UnalignedRecords", &Self::unaligned_records, from(0));
    }
  };

  struct TopicSnapshot {
    std::string name = {};
    std::vector<PartitionSnapshot> partitions = {};

    using Self = TopicSnapshot;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
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

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<TopicSnapshot> topics = {};
  std::vector<NodeEndpoint> node_endpoints = {};

  using Self = FetchSnapshotResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0).ignorable());
    v("ErrorCode", &Self::error_code, from(0));
    v("Topics", &Self::topics, from(0));
    v("NodeEndpoints", &Self::node_endpoints, from(1).tag(0));
  }
};

}  // namespace weir
