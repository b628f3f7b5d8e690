// OffsetForLeaderEpoch (key 23): where an epoch ends in the leader's log (KIP-101, KIP-279,
// KIP-320).
//
// The answer's epoch is the largest one not above the one asked for, and the end of it; -1 and -1
// where nothing is known. 3 adds the replica's id: -1 is a consumer, -2 whoever does not say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct OffsetForLeaderEpochRequest {
  static constexpr ApiKey kApi = ApiKey::offset_for_leader_epoch;
  static constexpr std::string_view kName = "OffsetForLeaderEpochRequest";
  static constexpr VersionRange kVersions{2, 4};
  static constexpr std::int16_t kFlexibleSince = 4;
  using Response = struct OffsetForLeaderEpochResponse;

  struct OffsetForLeaderPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;

    using Self = OffsetForLeaderPartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("Partition", &Self::partition, from(0));
      v("CurrentLeaderEpoch", &Self::current_leader_epoch, from(2).ignorable());
      v("LeaderEpoch", &Self::leader_epoch, from(0));
    }
  };

  struct OffsetForLeaderTopic {
    std::string topic = {};
    std::vector<OffsetForLeaderPartition> partitions = {};

    using Self = OffsetForLeaderTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t replica_id = -2;
  std::vector<OffsetForLeaderTopic> topics = {};

  using Self = OffsetForLeaderEpochRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ReplicaId", &Self::replica_id, from(3).ignorable());
    v("Topics", &Self::topics, from(0));
  }
};

struct OffsetForLeaderEpochResponse {
  static constexpr ApiKey kApi = ApiKey::offset_for_leader_epoch;
  static constexpr std::string_view kName = "OffsetForLeaderEpochResponse";
  static constexpr VersionRange kVersions{2, 4};
  static constexpr std::int16_t kFlexibleSince = 4;

  struct EpochEndOffset {
    std::int16_t error_code = 0;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;

    using Self = EpochEndOffset;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("Partition", &Self::partition, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(1).ignorable());
      v("EndOffset", &Self::end_offset, from(0));
    }
  };

  struct OffsetForLeaderTopicResult {
    std::string topic = {};
    std::vector<EpochEndOffset> partitions = {};

    using Self = OffsetForLeaderTopicResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics = {};

  using Self = OffsetForLeaderEpochResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(2).ignorable());
    v("Topics", &Self::topics, from(0));
  }
};

}  // namespace weir
