// CreatePartitions (key 37): topics grow (KIP-195); Count is the new total, assignments are those
// of the new ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct CreatePartitionsRequest {
  static constexpr ApiKey kApi = ApiKey::create_partitions;
  static constexpr std::string_view kName = "CreatePartitionsRequest";
  static constexpr VersionRange kVersions{0, 3};
  static constexpr std::int16_t kFlexibleSince = 2;
  using Response = struct CreatePartitionsResponse;

  struct CreatePartitionsAssignment {
    std::vector<std::int32_t> broker_ids = {};

    using Self = CreatePartitionsAssignment;
    template <class V>
    static constexpr void fields(V& v) {
      v("BrokerIds", &Self::broker_ids, from(0));
    }
  };

  struct CreatePartitionsTopic {
    std::string name = {};
    std::int32_t count = 0;
    std::optional<std::vector<CreatePartitionsAssignment>> assignments =
        std::vector<CreatePartitionsAssignment>{};

    using Self = CreatePartitionsTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Count", &Self::count, from(0));
      v("Assignments", &Self::assignments, from(0).nullable(0));
    }
  };

  std::vector<CreatePartitionsTopic> topics = {};
  std::int32_t timeout_ms = 0;
  bool validate_only = false;

  using Self = CreatePartitionsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(0));
    v("TimeoutMs", &Self::timeout_ms, from(0));
    v("ValidateOnly", &Self::validate_only, from(0));
  }
};

struct CreatePartitionsResponse {
  static constexpr ApiKey kApi = ApiKey::create_partitions;
  static constexpr std::string_view kName = "CreatePartitionsResponse";
  static constexpr VersionRange kVersions{0, 3};
  static constexpr std::int16_t kFlexibleSince = 2;

  struct CreatePartitionsTopicResult {
    std::string name = {};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = {};

    using Self = CreatePartitionsTopicResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatePartitionsTopicResult> results = {};

  using Self = CreatePartitionsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("Results", &Self::results, from(0));
  }
};

}  // namespace weir
