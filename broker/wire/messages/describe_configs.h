// DescribeConfigs (key 32): settings of topics and brokers with where they come from (KIP-133,
// KIP-226).
//
// Resource types: 2 topic, 4 broker, 8 broker logger. 3 adds types and documentation (KIP-569).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct DescribeConfigsRequest {
  static constexpr ApiKey kApi = ApiKey::describe_configs;
  static constexpr std::string_view kName = "DescribeConfigsRequest";
  static constexpr VersionRange kVersions{1, 4};
  static constexpr std::int16_t kFlexibleSince = 4;
  using Response = struct DescribeConfigsResponse;

  struct DescribeConfigsResource {
    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};

    using Self = DescribeConfigsResource;
    template <class V>
    static constexpr void fields(V& v) {
      v("ResourceType", &Self::resource_type, from(0));
      v("ResourceName", &Self::resource_name, from(0));
      v("ConfigurationKeys", &Self::configuration_keys, from(0).nullable(0));
    }
  };

  std::vector<DescribeConfigsResource> resources = {};
  bool include_synonyms = false;
  bool include_documentation = false;

  using Self = DescribeConfigsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Resources", &Self::resources, from(0));
    v("IncludeSynonyms", &Self::include_synonyms, from(1));
    v("IncludeDocumentation", &Self::include_documentation, from(3));
  }
};

struct DescribeConfigsResponse {
  static constexpr ApiKey kApi = ApiKey::describe_configs;
  static constexpr std::string_view kName = "DescribeConfigsResponse";
  static constexpr VersionRange kVersions{1, 4};
  static constexpr std::int16_t kFlexibleSince = 4;

  struct DescribeConfigsSynonym {
    std::string name = {};
    std::optional<std::string> value = "";
    std::int8_t source = 0;

    using Self = DescribeConfigsSynonym;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(1));
      v("Value", &Self::value, from(1).nullable(0));
      v("Source", &Self::source, from(1));
    }
  };

  struct DescribeConfigsResourceResult {
    std::string name = {};
    std::optional<std::string> value = "";
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms = {};
    std::int8_t config_type = 0;
    std::optional<std::string> documentation = "";

    using Self = DescribeConfigsResourceResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Value", &Self::value, from(0).nullable(0));
      v("ReadOnly", &Self::read_only, from(0));
      v("ConfigSource", &Self::config_source, from(1).ignorable());
      v("IsSensitive", &Self::is_sensitive, from(0));
      v("Synonyms", &Self::synonyms, from(1).ignorable());
      v("ConfigType", &Self::config_type, from(3).ignorable());
      v("Documentation", &Self::documentation, from(3).nullable(0).ignorable());
    }
  };

  struct DescribeConfigsResult {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::vector<DescribeConfigsResourceResult> configs = {};

    using Self = DescribeConfigsResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(0).nullable(0));
      v("ResourceType", &Self::resource_type, from(0));
      v("ResourceName", &Self::resource_name, from(0));
      v("Configs", &Self::configs, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeConfigsResult> results = {};

  using Self = DescribeConfigsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("Results", &Self::results, from(0));
  }
};

}  // namespace weir
