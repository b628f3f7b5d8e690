// ControllerRegistration (key 70): a controller reports its endpoints and features to the active
// one (KIP-919).
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

struct ControllerRegistrationRequest {
  static constexpr ApiKey kApi = ApiKey::controller_registration;
  static constexpr std::string_view kName = "ControllerRegistrationRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct ControllerRegistrationResponse;

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

  std::int32_t controller_id = 0;
  Uuid incarnation_id = {};
  bool zk_migration_ready = false;
  std::vector<Listener> listeners = {};
  std::vector<Feature> features = {};

  using Self = ControllerRegistrationRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ControllerId", &Self::controller_id, from(0));
    v("IncarnationId", &Self::incarnation_id, from(0));
    v("ZkMigrationReady", &Self::zk_migration_ready, from(0));
    v("Listeners", &Self::listeners, from(0));
    v("Features", &Self::features, from(0));
  }
};

struct ControllerRegistrationResponse {
  static constexpr ApiKey kApi = ApiKey::controller_registration;
  static constexpr std::string_view kName = "ControllerRegistrationResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";

  using Self = ControllerRegistrationResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0));
  }
};

}  // namespace weir
