// Produce (key 0): a client appends one batch per partition.
//
// Records are views of the received frame and go to the log as they are. Null records read as
// empty: no batch in either case. Served from 3 on (magic 2); advertised from 0 (see api_key.h). 7
// allows zstd, 8 tells errors per record, 10 names the new leader (KIP-951), 12 adds partitions to
// the transaction implicitly (KIP-890).
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

struct ProduceRequest {
  static constexpr ApiKey kApi = ApiKey::produce;
  static constexpr std::string_view kName = "ProduceRequest";
  static constexpr VersionRange kVersions{3, 12};
  static constexpr std::int16_t kFlexibleSince = 9;
  using Response = struct ProduceResponse;

  struct PartitionProduceData {
    std::int32_t index = 0;
    Slice records = {};

    using Self = PartitionProduceData;
    template <class V>
    static constexpr void fields(V& v) {
      v("Index", &Self::index, from(0));
      v("Records", &Self::records, from(0).nullable(0));
    }
  };

  struct TopicProduceData {
    std::string name = {};
    std::vector<PartitionProduceData> partition_data = {};

    using Self = TopicProduceData;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, versions(0, 12).ignorable());
      v("PartitionData", &Self::partition_data, from(0));
    }
  };

  std::optional<std::string> transactional_id = {};
  std::int16_t acks = 0;
  std::int32_t timeout_ms = 0;
  std::vector<TopicProduceData> topic_data = {};

  using Self = ProduceRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("TransactionalId", &Self::transactional_id, from(3).nullable(3));
    v("Acks", &Self::acks, from(0));
    v("TimeoutMs", &Self::timeout_ms, from(0));
    v("TopicData", &Self::topic_data, from(0));
  }
};

struct ProduceResponse {
  static constexpr ApiKey kApi = ApiKey::produce;
  static constexpr std::string_view kName = "ProduceResponse";
  static constexpr VersionRange kVersions{3, 12};
  static constexpr std::int16_t kFlexibleSince = 9;

  struct BatchIndexAndErrorMessage {
    std::int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message = {};

    using Self = BatchIndexAndErrorMessage;
    template <class V>
    static constexpr void fields(V& v) {
      v("BatchIndex", &Self::batch_index, from(8));
      v("BatchIndexErrorMessage", &Self::batch_index_error_message, from(8).nullable(8));
    }
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    using Self = LeaderIdAndEpoch;
    template <class V>
    static constexpr void fields(V& v) {
      v("LeaderId", &Self::leader_id, from(10));
      v("LeaderEpoch", &Self::leader_epoch, from(10));
    }
  };

  struct PartitionProduceResponse {
    std::int32_t index = 0;
    std::int16_t error_code = 0;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;
    std::int64_t log_start_offset = -1;
    std::vector<BatchIndexAndErrorMessage> record_errors = {};
    std::optional<std::string> error_message = {};
    LeaderIdAndEpoch current_leader = {};

    using Self = PartitionProduceResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("Index", &Self::index, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("BaseOffset", &Self::base_offset, from(0));
      v("LogAppendTimeMs", &Self::log_append_time_ms, from(2).ignorable());
      v("LogStartOffset", &Self::log_start_offset, from(5).ignorable());
      v("RecordErrors", &Self::record_errors, from(8).ignorable());
      v("ErrorMessage", &Self::error_message, from(8).nullable(8).ignorable());
      v("CurrentLeader", &Self::current_leader, from(10).tag(0));
    }
  };

  struct TopicProduceResponse {
    std::string name = {};
    std::vector<PartitionProduceResponse> partition_responses = {};

    using Self = TopicProduceResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, versions(0, 12).ignorable());
      v("PartitionResponses", &Self::partition_responses, from(0));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::optional<std::string> rack = {};

    using Self = NodeEndpoint;
    template <class V>
    static constexpr void fields(V& v) {
      v("NodeId", &Self::node_id, from(10));
      v("Host", &Self::host, from(10));
      v("Port", &Self::port, from(10));
      v("Rack", &Self::rack, from(10).nullable(10));
    }
  };

  std::vector<TopicProduceResponse> responses = {};
  std::int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints = {};

  using Self = ProduceResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("Responses", &Self::responses, from(0));
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(1).ignorable());
    v("NodeEndpoints", &Self::node_endpoints, from(10).tag(0));
  }
};

}  // namespace weir
