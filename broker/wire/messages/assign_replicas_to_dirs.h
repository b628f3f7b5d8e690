// AssignReplicasToDirs (key 73): a broker says which of its directories hold which replicas
// (KIP-858).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct AssignReplicasToDirsRequest {
  static constexpr ApiKey kApi = ApiKey::assign_replicas_to_dirs;
  static constexpr std::string_view kName = "AssignReplicasToDirsRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct AssignReplicasToDirsResponse;

  struct PartitionData {
    std::int32_t partition_index = 0;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
    }
  };

  struct TopicData {
    Uuid topic_id = {};
    std::vector<PartitionData> partitions = {};

    using Self = TopicData;
    template <class V>
    static constexpr void fields(V& v) {
      v("TopicId", &Self::topic_id, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  struct DirectoryData {
    Uuid id = {};
    std::vector<TopicData> topics = {};

    using Self = DirectoryData;
    template <class V>
    static constexpr void fields(V& v) {
      v("Id", &Self::id, from(0));
      v("Topics", &Self::topics, from(0));
    }
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<DirectoryData> directories = {};

  using Self = AssignReplicasToDirsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
    v("Directories", &Self::directories, from(0));
  }
};

struct AssignReplicasToDirsResponse {
  static constexpr ApiKey kApi = ApiKey::assign_replicas_to_dirs;
  static constexpr std::string_view kName = "AssignReplicasToDirsResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;

    using Self = PartitionData;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
    }
  };

  struct TopicData {
    Uuid topic_id = {};
    std::vector<PartitionData> partitions = {};

    using Self = TopicData;
    template <class V>
    static constexpr void fields(V& v) {
      v("TopicId", &Self::topic_id, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  struct DirectoryData {
    Uuid id = {};
    std::vector<TopicData> topics = {};

    using Self = DirectoryData;
    template <class V>
    static constexpr void fields(V& v) {
      v("Id", &Self::id, from(0));
      v("Topics", &Self::topics, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<DirectoryData> directories = {};

  using Self = AssignReplicasToDirsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("Directories", &Self::directories, from(0));
  }
};

}  // namespace weir
