// AlterPartitionReassignments (key 45): partitions move to other brokers (KIP-455); null replicas
// cancel a move.
//
// 1 adds the permission to change the replication factor (KIP-860).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct AlterPartitionReassignmentsRequest {
  static constexpr ApiKey kApi = ApiKey::alter_partition_reassignments;
  static constexpr std::string_view kName = "AlterPartitionReassignmentsRequest";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct AlterPartitionReassignmentsResponse;

  struct ReassignablePartition {
    std::int32_t partition_index = 0;
    std::optional<std::vector<std::int32_t>> replicas = {};

    using Self = ReassignablePartition;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("Replicas", &Self::replicas, from(0).nullable(0));
    }
  };

  struct ReassignableTopic {
    std::string name = {};
    std::vector<ReassignablePartition> partitions = {};

    using Self = ReassignableTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<ReassignableTopic> topics = {};

  using Self = AlterPartitionReassignmentsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("TimeoutMs", &Self::timeout_ms, from(0));
    v("AllowReplicationFactorChange", &Self::allow_replication_factor_change, from(1));
    v("Topics", &Self::topics, from(0));
  }
};

struct AlterPartitionReassignmentsResponse {
  static constexpr ApiKey kApi = ApiKey::alter_partition_reassignments;
  static constexpr std::string_view kName = "AlterPartitionReassignmentsResponse";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct ReassignablePartitionResponse {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";

    using Self = ReassignablePartitionResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    }
  };

  struct ReassignableTopicResponse {
    std::string name = {};
    std::vector<ReassignablePartitionResponse> partitions = {};

    using Self = ReassignableTopicResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<ReassignableTopicResponse> responses = {};

  using Self = AlterPartitionReassignmentsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("AllowReplicationFactorChange", &Self::allow_replication_factor_change, from(1).ignorable());
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    v("Responses", &Self::responses, from(0));
  }
};

}  // namespace weir
