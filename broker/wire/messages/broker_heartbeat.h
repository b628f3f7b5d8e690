// BrokerHeartbeat (key 63): a broker keeps its registration alive, and asks to be fenced or let go
// (KIP-631).
//
// Unfenced is who has caught up with the metadata log. 1 adds failed log directories (KIP-858), 2
// cordoned ones; nothing said there is null, none is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct BrokerHeartbeatRequest {
  static constexpr ApiKey kApi = ApiKey::broker_heartbeat;
  static constexpr std::string_view kName = "BrokerHeartbeatRequest";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct BrokerHeartbeatResponse;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs = {};
  std::optional<std::vector<Uuid>> cordoned_log_dirs = {};

  using Self = BrokerHeartbeatRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
    v("CurrentMetadataOffset", &Self::current_metadata_offset, from(0));
    v("WantFence", &Self::want_fence, from(0));
    v("WantShutDown", &Self::want_shut_down, from(0));
    v("OfflineLogDirs", &Self::offline_log_dirs, from(1).tag(0));
    v("CordonedLogDirs", &Self::cordoned_log_dirs, from(2).nullable(2).tag(1));
  }
};

struct BrokerHeartbeatResponse {
  static constexpr ApiKey kApi = ApiKey::broker_heartbeat;
  static constexpr std::string_view kName = "BrokerHeartbeatResponse";
  static constexpr VersionRange kVersions{0, 2};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;

  using Self = BrokerHeartbeatResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("IsCaughtUp", &Self::is_caught_up, from(0));
    v("IsFenced", &Self::is_fenced, from(0));
    v("ShouldShutDown", &Self::should_shut_down, from(0));
  }
};

}  // namespace weir
