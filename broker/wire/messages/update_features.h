// UpdateFeatures (key 57): finalized features move up or down (KIP-584, KIP-778).
//
// 1 tells upgrades (1), safe (2) and unsafe (3) downgrades apart; 2 drops results per feature.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"

namespace weir {

struct UpdateFeaturesRequest {
  static constexpr ApiKey kApi = ApiKey::update_features;
  static constexpr std::string_view kName = "UpdateFeaturesRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct UpdateFeaturesResponse;

  struct FeatureUpdateKey {
    std::string feature = {};
    std::int16_t max_version_level = 0;
    bool allow_downgrade = false;
    std::int8_t upgrade_type = 1;

    using Self = FeatureUpdateKey;
    template <class V>
    static constexpr void fields(V& v) {
      v("Feature", &Self::feature, from(0));
      v("MaxVersionLevel", &Self::max_version_level, from(0));
      v("AllowDowngrade", &Self::allow_downgrade, versions(0, 0));
      v("UpgradeType", &Self::upgrade_type, from(1));
    }
  };

  std::int32_t timeout_ms = 60000;
  std::vector<FeatureUpdateKey> feature_updates = {};
  bool validate_only = false;

  using Self = UpdateFeaturesRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("timeoutMs", &Self::timeout_ms, from(0));
    v("FeatureUpdates", &Self::feature_updates, from(0));
    v("ValidateOnly", &Self::validate_only, from(1));
  }
};

struct UpdateFeaturesResponse {
  static constexpr ApiKey kApi = ApiKey::update_features;
  static constexpr std::string_view kName = "UpdateFeaturesResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct UpdatableFeatureResult {
    std::string feature = {};
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";

    using Self = UpdatableFeatureResult;
    template <class V>
    static constexpr void fields(V& v) {
      v("Feature", &Self::feature, from(0));
      v("ErrorCode", &Self::error_code, from(0));
      v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<UpdatableFeatureResult> results = {};

  using Self = UpdateFeaturesResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0));
    v("Results", &Self::results, versions(0, 1).ignorable());
  }
};

}  // namespace weir
