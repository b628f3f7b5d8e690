// UpdateRaftVoter (key 82): a voter tells the leader its endpoints and the range of kraft.version
// it knows (KIP-853).
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

struct UpdateRaftVoterRequest {
  static constexpr ApiKey kApi = ApiKey::update_raft_voter;
  static constexpr std::string_view kName = "UpdateRaftVoterRequest";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct UpdateRaftVoterResponse;

  struct Listener {
    std::string name = {};
    std::string host = {};
    std::uint16_t port = 0;

    using Self = Listener;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Host", &Self::host, from(0));
      v("Port", &Self::port, from(0));
    }
  };

  struct KRaftVersionFeature {
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    using Self = KRaftVersionFeature;
    template <class V>
    static constexpr void fields(V& v) {
      v("MinSupportedVersion", &Self::min_supported_version, from(0));
      v("MaxSupportedVersion", &Self::max_supported_version, from(0));
    }
  };

  std::optional<std::string> cluster_id = "";
  std::int32_t current_leader_epoch = 0;
  std::int32_t voter_id = 0;
  Uuid voter_directory_id = {};
  std::vector<Listener> listeners = {};
  KRaftVersionFeature kraft_version_feature = {};

  using Self = UpdateRaftVoterRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(0).nullable(0));
    v("CurrentLeaderEpoch", &Self::current_leader_epoch, from(0));
    v("VoterId", &Self::voter_id, from(0));
    v("VoterDirectoryId", &Self::voter_directory_id, from(0));
    v("Listeners", &Self::listeners, from(0));
    v("KRaftVersionFeature", &Self::kraft_version_feature, from(0));
  }
};

struct UpdateRaftVoterResponse {
  static constexpr ApiKey kApi = ApiKey::update_raft_voter;
  static constexpr std::string_view kName = "UpdateRaftVoterResponse";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct CurrentLeader {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    std::string host = {};
    std::int32_t port = 0;

    using Self = CurrentLeader;
    template <class V>
    static constexpr void fields(V& v) {
      v("LeaderId", &Self::leader_id, from(0));
      v("LeaderEpoch", &Self::leader_epoch, from(0));
      v("Host", &Self::host, from(0));
      v("Port", &Self::port, from(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  CurrentLeader current_leader = {};

  using Self = UpdateRaftVoterResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("CurrentLeader", &Self::current_leader, from(0).tag(0));
  }
};

}  // namespace weir
