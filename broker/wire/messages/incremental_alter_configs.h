// IncrementalAlterConfigs (key 44): settings change one by one: 0 set, 1 delete, 2 append, 3
// subtract (KIP-339).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct IncrementalAlterConfigsRequest {
  static constexpr ApiKey kApi = ApiKey::incremental_alter_configs;
  static constexpr std::string_view kName = "IncrementalAlterConfigsRequest";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 1;
  using Response = struct IncrementalAlterConfigsResponse;

  struct AlterableConfig {
    std::string name = {};
    std::int8_t config_operation = 0;
    std::optional<std::string> value = "";

    using Self = AlterableConfig;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("ConfigOperation", &Self::config_operation, from(0));
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

  using Self = IncrementalAlterConfigsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Resources", &Self::resources, from(0));
    v("ValidateOnly", &Self::validate_only, from(0));
  }
};

struct IncrementalAlterConfigsResponse {
  static constexpr ApiKey kApi = ApiKey::incremental_alter_configs;
  static constexpr std::string_view kName = "IncrementalAlterConfigsResponse";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 1;

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

  using Self = IncrementalAlterConfigsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("Responses", &Self::responses, from(0));
  }
};

}  // namespace weir
