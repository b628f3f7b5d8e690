// AlterConfigs (key 33): all settings of a resource are replaced (KIP-133); those left out return
// to defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct AlterConfigsRequest {
  static constexpr ApiKey kApi = ApiKey::alter_configs;
  static constexpr std::string_view kName = "AlterConfigsRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 2;
  using Response = struct AlterConfigsResponse;

  struct AlterableConfig {
    std::string name = {};
    std::optional<std::string> value = "";

    using Self = AlterableConfig;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Value", &Self::value, from(0).nullable(0));
    }
  };

  struct AlterConfigsResource {
    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::vector<AlterableConfig> configs = {};

    using Self = AlterConfigsResource;
    template <class V>
    static constexpr void fields(V& v) {
      v("ResourceType", &Self::resource_type, from(0));
      v("ResourceName", &Self::resource_name, from(0));
      v("Configs", &Self::configs, from(0));
    }
  };

  std::vector<AlterConfigsResource> resources = {};
  bool validate_only = false;

  using Self = AlterConfigsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Resources", &Self::resources, from(0));
    v("ValidateOnly", &Self::validate_only, from(0));
  }
};

struct AlterConfigsResponse {
  static constexpr ApiKey kApi = ApiKey::alter_configs;
  static constexpr std::string_view kName = "AlterConfigsResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 2;

  struct AlterConfigsResourceResponse {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::int8_t resource_type = 0;
    std::string resource_name = {};

    using Self = AlterConfigsResourceResponse;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(0).nullable(0));
      v("ResourceType", &Self::resource_type, from(0));
      v("ResourceName", &Self::resource_name, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<AlterConfigsResourceResponse> responses = {};

  using Self = AlterConfigsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("Responses", &Self::responses, from(0));
  }
};

}  // namespace weir
