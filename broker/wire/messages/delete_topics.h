// DeleteTopics (key 20): by name up to version 5, by name or id from version 6 (KIP-516).
//
// In the answers of version 6 a name is null where the topic was asked for by an unknown id.
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

struct DeleteTopicsRequest {
  static constexpr ApiKey kApi = ApiKey::delete_topics;
  static constexpr std::string_view kName = "DeleteTopicsRequest";
  static constexpr VersionRange kVersions{1, 6};
  static constexpr std::int16_t kFlexibleSince = 4;
  using Response = struct DeleteTopicsResponse;

  struct DeleteTopicState {
    std::optional<std::string> name = {};
    Uuid topic_id = {};

    using Self = DeleteTopicState;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(6).nullable(6));
      v("TopicId", &Self::topic_id, from(6));
    }
  };

  std::vector<DeleteTopicState> topics = {};
  std::vector<std::string> topic_names = {};
  std::int32_t timeout_ms = 0;

  using Self = DeleteTopicsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(6));
    v("TopicNames", &Self::topic_names, versions(0, 5).ignorable());
    v("TimeoutMs", &Self::timeout_ms, from(0));
  }
};

struct DeleteTopicsResponse {
  static constexpr ApiKey kApi = ApiKey::delete_topics;
  static constexpr std::string_view kName = "DeleteTopicsResponse";
  static constexpr VersionRange kVersions{1, 6};
  static constexpr std::int16_t kFlexibleSince = 4;

  struct DeletableTopicResult {
    std::optional<std::string> name = "";
    Uuid topic_id = {};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = {};

    using Self = DeletableTopicResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0).nullable(6));
      v("TopicId", &Self::topic_id, from(6).ignorable());
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(5).nullable(5).ignorable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeletableTopicResult> responses = {};

  using Self = DeleteTopicsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(1).ignorable());
    v("Responses", &Self::responses, from(0));
  }
};

}  // namespace weir
