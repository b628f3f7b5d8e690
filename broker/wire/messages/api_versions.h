// ApiVersions (key 18): what the broker serves, asked first of all (KIP-35, KIP-511, KIP-584).
//
// The answer always has response header v0, although its body is flexible from version 3. A request
// of an unknown version is answered in version 0 with error 35 and the range of this API. Features
// with a minimum of 0 are left out of SupportedFeatures below version 4 (KAFKA-17011); that, and
// the answer for unknown versions, is the handler's part.
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

struct ApiVersionsRequest {
  static constexpr ApiKey kApi = ApiKey::api_versions;
  static constexpr std::string_view kName = "ApiVersionsRequest";
  static constexpr VersionRange kVersions{0, 4};
  static constexpr std::int16_t kFlexibleSince = 3;
  using Response = struct ApiVersionsResponse;

  std::string client_software_name = {};
  std::string client_software_version = {};

  using Self = ApiVersionsRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClientSoftwareName", &Self::client_software_name, from(3).ignorable());
    v("ClientSoftwareVersion", &Self::client_software_version, from(3).ignorable());
  }
};

struct ApiVersionsResponse {
  static constexpr ApiKey kApi = ApiKey::api_versions;
  static constexpr std::string_view kName = "ApiVersionsResponse";
  static constexpr VersionRange kVersions{0, 4};
  static constexpr std::int16_t kFlexibleSince = 3;

  struct ApiVersion {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    using Self = ApiVersion;
    template <class V>
    static constexpr void fields(V& v) {
      v("ApiKey", &Self::api_key, from(0));
      v("MinVersion", &Self::min_version, from(0));
      v("MaxVersion", &Self::max_version, from(0));
    }
  };

  struct SupportedFeatureKey {
    std::string name = {};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    using Self = SupportedFeatureKey;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(3));
      v("MinVersion", &Self::min_version, from(3));
      v("MaxVersion", &Self::max_version, from(3));
    }
  };

  struct FinalizedFeatureKey {
    std::string name = {};
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;

    using Self = FinalizedFeatureKey;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(3));
      v("MaxVersionLevel", &Self::max_version_level, from(3));
      v("MinVersionLevel", &Self::min_version_level, from(3));
    }
  };

  std::int16_t error_code = 0;
  std::vector<ApiVersion> api_keys = {};
  std::int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features = {};
  std::int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeatureKey> finalized_features = {};
  bool zk_migration_ready = false;

  using Self = ApiVersionsResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ErrorCode", &Self::error_code, from(0));
    v("ApiKeys", &Self::api_keys, from(0));
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(1).ignorable());
    v("SupportedFeatures", &Self::supported_features, from(3).tag(0).ignorable());
    v("FinalizedFeaturesEpoch", &Self::finalized_features_epoch, from(3).tag(1).ignorable());
    v("FinalizedFeatures", &Self::finalized_features, from(3).tag(2).ignorable());
    v("ZkMigrationReady", &Self::zk_migration_ready, from(3).tag(3).ignorable());
  }
};

}  // namespace weir
