// ElectLeaders (key 43): preferred or, with election type 1, unclean elections on request
// (KIP-183, KIP-460).
//
// Null topics mean all of them, and then only the partitions that needed an election are answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct ElectLeadersRequest {
  static constexpr ApiKey kApi = ApiKey::elect_leaders;
  static constexpr std::string_view kName = "ElectLeadersRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 2;
  using Response = struct ElectLeadersResponse;

  struct TopicPartitions {
    std::string topic = {};
    std::vector<std::int32_t> partitions = {};

    using Self = TopicPartitions;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, from(0));
      v("Partitions", &Self::partitions, from(0));
    }
  };

  std::int8_t election_type = 0;
  std::optional<std::vector<TopicPartitions>> topic_partitions = std::vector<TopicPartitions>{};
  std::int32_t timeout_ms = 60000;

  using Self = ElectLeadersRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ElectionType", &Self::election_type, from(1));
    v("TopicPartitions", &Self::topic_partitions, from(0).nullable(0));
    v("TimeoutMs", &Self::timeout_ms, from(0));
  }
};

struct ElectLeadersResponse {
  static constexpr ApiKey kApi = ApiKey::elect_leaders;
  static constexpr std::string_view kName = "ElectLeadersResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 2;

  struct PartitionResult {
    std::int32_t partition_id = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";

    using Self = PartitionResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionId", &Self::partition_id, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    }
  };

  struct ReplicaElectionResult {
    std::string topic = {};
    std::vector<PartitionResult> partition_result = {};

    using Self = ReplicaElectionResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Topic", &Self::topic, from(0));
      v("PartitionResult", &Self::partition_result, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<ReplicaElectionResult> replica_election_results = {};

  using Self = ElectLeadersResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(1));
    v("ReplicaElectionResults", &Self::replica_election_results, from(0));
  }
};

}  // namespace weir
