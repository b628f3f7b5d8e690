// CreateTopics (key 19): partitions by number, or replica by replica.
//
// -1 for partitions or replication factor means the broker's default (from version 4, KIP-464). 5
// answers with the configuration, 7 with the topic's id. In Kafka's schema error messages that
// nobody set are empty, not null.
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

struct CreateTopicsRequest {
  static constexpr ApiKey kApi = ApiKey::create_topics;
  static constexpr std::string_view kName = "CreateTopicsRequest";
  static constexpr VersionRange kVersions{2, 7};
  static constexpr std::int16_t kFlexibleSince = 5;
  using Response = struct CreateTopicsResponse;

  struct CreatableReplicaAssignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids = {};

    using Self = CreatableReplicaAssignment;
    template <class V>
    static constexpr void fields(V& v) {
      v("PartitionIndex", &Self::partition_index, from(0));
      v("BrokerIds", &Self::broker_ids, from(0));
    }
  };

  struct CreatableTopicConfig {
    std::string name = {};
    std::optional<std::string> value = "";

    using Self = CreatableTopicConfig;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Value", &Self::value, from(0).nullable(0));
    }
  };

  struct CreatableTopic {
    std::string name = {};
    std::int32_t num_partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<CreatableReplicaAssignment> assignments = {};
    std::vector<CreatableTopicConfig> configs = {};

    using Self = CreatableTopic;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("NumPartitions", &Self::num_partitions, from(0));
      v("ReplicationFactor", &Self::replication_factor, from(0));
      v("Assignments", &Self::assignments, from(0));
      v("Configs", &Self::configs, from(0));
    }
  };

  std::vector<CreatableTopic> topics = {};
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;

  using Self = CreateTopicsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Topics", &Self::topics, from(0));
    v("timeoutMs", &Self::timeout_ms, from(0));
    v("validateOnly", &Self::validate_only, from(1));
  }
};

struct CreateTopicsResponse {
  static constexpr ApiKey kApi = ApiKey::create_topics;
  static constexpr std::string_view kName = "CreateTopicsResponse";
  static constexpr VersionRange kVersions{2, 7};
  static constexpr std::int16_t kFlexibleSince = 5;

  struct CreatableTopicConfigs {
    std::string name = {};
    std::optional<std::string> value = "";
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;

    using Self = CreatableTopicConfigs;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(5));
      v("Value", &Self::value, from(5).nullable(5));
      v("ReadOnly", &Self::read_only, from(5));
      v("ConfigSource", &Self::config_source, from(5).ignorable());
      v("IsSensitive", &Self::is_sensitive, from(5));
    }
  };

  struct CreatableTopicResult {
    std::string name = {};
    Uuid topic_id = {};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::int16_t topic_config_error_code = 0;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs =
        std::vector<CreatableTopicConfigs>{};

    using Self = CreatableTopicResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("TopicId", &Self::topic_id, from(7).ignorable());
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(1).nullable(0).ignorable());
      v("TopicConfigErrorCode", &Self::topic_config_error_code, from(5).tag(0).ignorable());
      v("NumPartitions", &Self::num_partitions, from(5).ignorable());
      v("ReplicationFactor", &Self::replication_factor, from(5).ignorable());
      v("Configs", &Self::configs, from(5).nullable(5).ignorable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatableTopicResult> topics = {};

  using Self = CreateTopicsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(2).ignorable());
    v("Topics", &Self::topics, from(0));
  }
};

}  // namespace weir
