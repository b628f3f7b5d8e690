// FindCoordinator (key 10): who coordinates a group (key type 0), a transactional id (1), or a
// share group (2).
//
// Up to version 3 one key and one answer; from version 4 many of both (KIP-699).
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

struct FindCoordinatorRequest {
  static constexpr ApiKey kApi = ApiKey::find_coordinator;
  static constexpr std::string_view kName = "FindCoordinatorRequest";
  static constexpr VersionRange kVersions{0, 6};
  static constexpr std::int16_t kFlexibleSince = 3;
  using Response = struct FindCoordinatorResponse;

  std::string key = {};
  std::int8_t key_type = 0;
  std::vector<std::string> coordinator_keys = {};

  using Self = FindCoordinatorRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("Key", &Self::key, versions(0, 3));
    v("KeyType", &Self::key_type, from(1));
    v("CoordinatorKeys", &Self::coordinator_keys, from(4));
  }
};

struct FindCoordinatorResponse {
  static constexpr ApiKey kApi = ApiKey::find_coordinator;
  static constexpr std::string_view kName = "FindCoordinatorResponse";
  static constexpr VersionRange kVersions{0, 6};
  static constexpr std::int16_t kFlexibleSince = 3;

  struct Coordinator {
    std::string key = {};
    std::int32_t node_id = 0;
    std::string host = {};
    std::int32_t port = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";

    using Self = Coordinator;
    template <class V>
    static constexpr void fields(V& v) {
      v("Key", &Self::key, from(4));
      v("NodeId", &Self::node_id, from(4));
      v("Host", &Self::host, from(4));
      v("Port", &Self::port, from(4));
      v("ErrorCode", &Self::error_code, from(4));
      v("ErrorMessage", &Self::error_message, from(4).nullable(4).ignorable());
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::int32_t node_id = 0;
  std::string host = {};
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators = {};

  using Self = FindCoordinatorResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(1).ignorable());
    v("ErrorCode", &Self::error_code, versions(0, 3));
    v("ErrorMessage", &Self::error_message, versions(1, 3).nullable(1).ignorable());
    v("NodeId", &Self::node_id, versions(0, 3));
    v("Host", &Self::host, versions(0, 3));
    v("Port", &Self::port, versions(0, 3));
    v("Coordinators", &Self::coordinators, from(4));
  }
};

}  // namespace weir
