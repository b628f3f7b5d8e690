// RemoveRaftVoter (key 81): a voter leaves the metadata quorum (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/uuid.h"

namespace weir {

struct RemoveRaftVoterRequest {
  static constexpr ApiKey kApi = ApiKey::remove_raft_voter;
  static constexpr std::string_view kName = "RemoveRaftVoterRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct RemoveRaftVoterResponse;

  std::optional<std::string> cluster_id = "";
  std::int32_t voter_id = 0;
  Uuid voter_directory_id = {};

  using Self = RemoveRaftVoterRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(0).nullable(0));
    v("VoterId", &Self::voter_id, from(0));
    v("VoterDirectoryId", &Self::voter_directory_id, from(0));
  }
};

struct RemoveRaftVoterResponse {
  static constexpr ApiKey kApi = ApiKey::remove_raft_voter;
  static constexpr std::string_view kName = "RemoveRaftVoterResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";

  using Self = RemoveRaftVoterResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0).ignorable());
  }
};

}  // namespace weir
