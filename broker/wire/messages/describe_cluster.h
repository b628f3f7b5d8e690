// DescribeCluster (key 60): the brokers, or with endpoint type 2 the controllers, of a cluster
// (KIP-700, KIP-919).
//
// 2 adds fenced brokers (KIP-1073).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct DescribeClusterRequest {
  static constexpr ApiKey kApi = ApiKey::describe_cluster;
  static constexpr std::string_view kName = "DescribeClusterRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct DescribeClusterResponse;

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  using Self = DescribeClusterRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("IncludeClusterAuthorizedOperations", &Self::include_cluster_authorized_operations, from(0));
    v("EndpointType", &Self::endpoint_type, from(1));
    v("IncludeFencedBrokers", &Self::include_fenced_brokers, from(2));
  }
};

struct DescribeClusterResponse {
  static constexpr ApiKey kApi = ApiKey::describe_cluster;
  static constexpr std::string_view kName = "DescribeClusterResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct DescribeClusterBroker {
    std::int32_t broker_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::optional<std::string> rack = {};
    bool is_fenced = false;

    using Self = DescribeClusterBroker;
    template <class V>
    static constexpr void fields(V& v) {
      v("BrokerId", &Self::broker_id, from(0));
      v("Host", &Self::host, from(0));
      v("Port", &Self::port, from(0));
      v("Rack", &Self::rack, from(0).nullable(0));
      v("IsFenced", &Self::is_fenced, from(2));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = {};
  std::int8_t endpoint_type = 1;
  std::string cluster_id = {};
  std::int32_t controller_id = -1;
  std::vector<DescribeClusterBroker> brokers = {};
  std::int32_t cluster_authorized_operations = INT32_MIN;

  using Self = DescribeClusterResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    v("EndpointType", &Self::endpoint_type, from(1));
    v("ClusterId", &Self::cluster_id, from(0));
    v("ControllerId", &Self::controller_id, from(0));
    v("Brokers", &Self::brokers, from(0));
    v("ClusterAuthorizedOperations", &Self::cluster_authorized_operations, from(0));
  }
};

}  // namespace weir
