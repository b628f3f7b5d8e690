// DescribeLogDirs (key 35): which replicas lie in which directories, and how large (KIP-113).
//
// 4 adds the sizes of the volumes (KIP-827), 5 whether a directory is cordoned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct DescribeLogDirsRequest {
  static constexpr ApiKey kApi = ApiKey::describe_log_dirs;
  static constexpr std::string_view kName = "DescribeLogDirsRequest";
  static constexpr VersionRange kVersions{1, 5};
  static constexpr std::int16_t kFlexibleSince = 2;
  using Response = struct DescribeLogDirsResponse;

  struct DescribableLogDirTopic {
    std::string topic = {};
    std::vector<std::int32_t> partitions = {};

    using Self = DescribableLogDirTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::optional<std::vector<DescribableLogDirTopic>> topics = std::vector<DescribableLogDirTopic>{};

  using Self = DescribeLogDirsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(0).nullable(0));
  }
};

struct DescribeLogDirsResponse {
  static constexpr ApiKey kApi = ApiKey::describe_log_dirs;
  static constexpr std::string_view kName = "DescribeLogDirsResponse";
  static constexpr VersionRange kVersions{1, 5};
  static constexpr std::int16_t kFlexibleSince = 2;

  struct DescribeLogDirsPartition {
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;
    std::int64_t offset_lag = 0;
    bool is_future_key = false;

    using Self = DescribeLogDirsPartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("PartitionSize", &Self::partition_size, from(0));
      v("OffsetLag", &Self::offset_lag, from(0));
      v("IsFutureKey", &Self::is_future_key, from(0));
    }
  };

  struct DescribeLogDirsTopic {
    std::string name = {};
    std::vector<DescribeLogDirsPartition> partitions = {};

    using Self = DescribeLogDirsTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  struct DescribeLogDirsResult {
    std::int16_t error_code = 0;
    std::string log_dir = {};
    std::vector<DescribeLogDirsTopic> topics = {};
    std::int64_t total_bytes = -1;
    std::int64_t usable_bytes = -1;
    bool is_cordoned = false;

    using Self = DescribeLogDirsResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("LogDir", &Self::log_dir, from(0));
      v("Topics", &Self::topics, from(0));
      v("TotalBytes", &Self::total_bytes, from(4).ignorable());
      v("UsableBytes", &Self::usable_bytes, from(4).ignorable());
      v("IsCordoned", &Self::is_cordoned, from(5).ignorable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<DescribeLogDirsResult> results = {};

  using Self = DescribeLogDirsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(3).ignorable());
    v("Results", &Self::results, from(0));
  }
};

}  // namespace weir
