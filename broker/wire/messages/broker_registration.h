// BrokerRegistration (key 62): a broker reports to the active controller with a new incarnation
// (KIP-631).
//
// The answer's broker epoch is the offset of the registration's record. 2 adds log directories
// (KIP-858), 3 the epoch before a clean shutdown, by which eligible leader replicas are kept
// (KIP-966), 4 allows cordoned directories.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct BrokerRegistrationRequest {
  static constexpr ApiKey kApi = ApiKey::broker_registration;
  static constexpr std::string_view kName = "BrokerRegistrationRequest";
  static constexpr VersionRange kVersions{0, 4};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct BrokerRegistrationResponse;

  struct Listener {
    std::string name = {};
    std::string host = {};
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    using Self = Listener;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Host", &Self::host, from(0));
      v("Port", &Self::port, from(0));
      v("SecurityProtocol", &Self::security_protocol, from(0));
    }
  };

  struct Feature {
    std::string name = {};
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    using Self = Feature;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("MinSupportedVersion", &Self::min_supported_version, from(0));
      v("MaxSupportedVersion", &Self::max_supported_version, from(0));
    }
  };

  std::int32_t broker_id = 0;
  std::string cluster_id = {};
  Uuid incarnation_id = {};
  std::vector<Listener> listeners = {};
  std::vector<Feature> features = {};
  std::optional<std::string> rack = "";
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs = {};
  std::int64_t previous_broker_epoch = -1;

  using Self = BrokerRegistrationRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("ClusterId", &Self::cluster_id, from(0));
    v("IncarnationId", &Self::incarnation_id, from(0));
    v("Listeners", &Self::listeners, from(0));
    v("Features", &Self::features, from(0));
    v("Rack", &Self::rack, from(0).nullable(0));
    v("IsMigratingZkBroker", &Self::is_migrating_zk_broker, from(1));
    v("LogDirs", &Self::log_dirs, from(2).ignorable());
    v("PreviousBrokerEpoch", &Self::previous_broker_epoch, from(3).ignorable());
  }
};

struct BrokerRegistrationResponse {
  static constexpr ApiKey kApi = ApiKey::broker_registration;
  static constexpr std::string_view kName = "BrokerRegistrationResponse";
  static constexpr VersionRange kVersions{0, 4};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t broker_epoch = -1;

  using Self = BrokerRegistrationResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
  }
};

}  // namespace weir
