// ListPartitionReassignments (key 46): the moves that go on (KIP-455); null topics mean all of
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct ListPartitionReassignmentsRequest {
  static constexpr ApiKey kApi = ApiKey::list_partition_reassignments;
  static constexpr std::string_view kName = "ListPartitionReassignmentsRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct ListPartitionReassignmentsResponse;

  struct ListPartitionReassignmentsTopics {
    std::string name = {};
    std::vector<std::int32_t> partition_indexes = {};

    using Self = ListPartitionReassignmentsTopics;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("PartitionIndexes", &Self::partition_indexes, from(0));
    }
  };

  std::int32_t timeout_ms = 60000;
  std::optional<std::vector<ListPartitionReassignmentsTopics>> topics = {};

  using Self = ListPartitionReassignmentsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("TimeoutMs", &Self::timeout_ms, from(0));
    v("Topics", &Self::topics, from(0).nullable(0));
  }
};

struct ListPartitionReassignmentsResponse {
  static constexpr ApiKey kApi = ApiKey::list_partition_reassignments;
  static constexpr std::string_view kName = "ListPartitionReassignmentsResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct OngoingPartitionReassignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> replicas = {};
    std::vector<std::int32_t> adding_replicas = {};
    std::vector<std::int32_t> removing_replicas = {};

    using Self = OngoingPartitionReassignment;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("Replicas", &Self::replicas, from(0));
      v("AddingReplicas", &Self::adding_replicas, from(0));
      v("RemovingReplicas", &Self::removing_replicas, from(0));
    }
  };

  struct OngoingTopicReassignment {
    std::string name = {};
    std::vector<OngoingPartitionReassignment> partitions = {};

    using Self = OngoingTopicReassignment;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<OngoingTopicReassignment> topics = {};

  using Self = ListPartitionReassignmentsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    v("Topics", &Self::topics, from(0));
  }
};

}  // namespace weir
