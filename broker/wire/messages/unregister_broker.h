// UnregisterBroker (key 64): a broker that will not return is forgotten (KIP-631).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct UnregisterBrokerRequest {
  static constexpr ApiKey kApi = ApiKey::unregister_broker;
  static constexpr std::string_view kName = "UnregisterBrokerRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct UnregisterBrokerResponse;

  std::int32_t broker_id = 0;

  using Self = UnregisterBrokerRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
  }
};

struct UnregisterBrokerResponse {
  static constexpr ApiKey kApi = ApiKey::unregister_broker;
  static constexpr std::string_view kName = "UnregisterBrokerResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";

  using Self = UnregisterBrokerResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0));
  }
};

}  // namespace weir
