// ListOffsets (key 2): offsets by timestamp.
//
// Special timestamps: -1 latest, -2 earliest, -3 offset of the maximum timestamp (from 7), -4
// earliest local (from 8), -5 latest tiered (from 9). 2 adds the isolation level and throttling, 4
// the leader epoch.
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

struct ListOffsetsRequest {
  static constexpr ApiKey kApi = ApiKey::list_offsets;
  static constexpr std::string_view kName = "ListOffsetsRequest";
  static constexpr VersionRange kVersions{1, 9};
  static constexpr std::int16_t kFlexibleSince = 6;
  using Response = struct ListOffsetsResponse;

  struct ListOffsetsPartition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;

    using Self = ListOffsetsPartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("CurrentLeaderEpoch", &Self::current_leader_epoch, from(4).ignorable());
      v("Timestamp", &Self::timestamp, from(0));
    }
  };

  struct ListOffsetsTopic {
    std::string name = {};
    std::vector<ListOffsetsPartition> partitions = {};

    using Self = ListOffsetsTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t replica_id = 0;
  std::int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics = {};

  using Self = ListOffsetsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ReplicaId", &Self::replica_id, from(0));
    v("IsolationLevel", &Self::isolation_level, from(2));
    v("Topics", &Self::topics, from(0));
  }
};

struct ListOffsetsResponse {
  static constexpr ApiKey kApi = ApiKey::list_offsets;
  static constexpr std::string_view kName = "ListOffsetsResponse";
  static constexpr VersionRange kVersions{1, 9};
  static constexpr std::int16_t kFlexibleSince = 6;

  struct ListOffsetsPartitionResponse {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;

    using Self = ListOffsetsPartitionResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("Timestamp", &Self::timestamp, from(1));
      v("Offset", &Self::offset, from(1));
      v("LeaderEpoch", &Self::leader_epoch, from(4));
    }
  };

  struct ListOffsetsTopicResponse {
    std::string name = {};
    std::vector<ListOffsetsPartitionResponse> partitions = {};

    using Self = ListOffsetsTopicResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics = {};

  using Self = ListOffsetsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(2).ignorable());
    v("Topics", &Self::topics, from(0));
  }
};

}  // namespace weir
