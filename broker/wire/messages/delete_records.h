// DeleteRecords (key 21): log starts move forward (KIP-107); offset -1 means the high watermark.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct DeleteRecordsRequest {
  static constexpr ApiKey kApi = ApiKey::delete_records;
  static constexpr std::string_view kName = "DeleteRecordsRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 2;
  using Response = struct DeleteRecordsResponse;

  struct DeleteRecordsPartition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;

    using Self = DeleteRecordsPartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("Offset", &Self::offset, from(0));
    }
  };

  struct DeleteRecordsTopic {
    std::string name = {};
    std::vector<DeleteRecordsPartition> partitions = {};

    using Self = DeleteRecordsTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::vector<DeleteRecordsTopic> topics = {};
  std::int32_t timeout_ms = 0;

  using Self = DeleteRecordsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(0));
    v("TimeoutMs", &Self::timeout_ms, from(0));
  }
};

struct DeleteRecordsResponse {
  static constexpr ApiKey kApi = ApiKey::delete_records;
  static constexpr std::string_view kName = "DeleteRecordsResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 2;

  struct DeleteRecordsPartitionResult {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;
    std::int16_t error_code = 0;

    using Self = DeleteRecordsPartitionResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("LowWatermark", &Self::low_watermark, from(0));
      v("ErrorCode", &Self::error_code, from(0));
    }
  };

  struct DeleteRecordsTopicResult {
    std::string name = {};
    std::vector<DeleteRecordsPartitionResult> partitions = {};

    using Self = DeleteRecordsTopicResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics = {};

  using Self = DeleteRecordsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("Topics", &Self::topics, from(0));
  }
};

}  // namespace weir
