// AddRaftVoter (key 80): an observer becomes a voter of the metadata quorum (KIP-853).
//
// 1 lets the answer come before the new voter set is committed, which a controller that joins by
// itself needs (KIP-1186).
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

struct AddRaftVoterRequest {
  static constexpr ApiKey kApi = ApiKey::add_raft_voter;
  static constexpr std::string_view kName = "AddRaftVoterRequest";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 0;
  using Response = struct AddRaftVoterResponse;

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

  std::optional<std::string> cluster_id = "";
  std::int32_t timeout_ms = 0;
  std::int32_t voter_id = 0;
  Uuid voter_directory_id = {};
  std::vector<Listener> listeners = {};
  bool ack_when_committed = true;

  using Self = AddRaftVoterRequest;
  template <class V>
  static constexpr void fields(V& v) {
    v("ClusterId", &Self::cluster_id, from(0).nullable(0));
    v("TimeoutMs", &Self::timeout_ms, from(0));
    v("VoterId", &Self::voter_id, from(0));
    v("VoterDirectoryId", &Self::voter_directory_id, from(0));
    v("Listeners", &Self::listeners, from(0));
    v("AckWhenCommitted", &Self::ack_when_committed, from(1));
  }
};

struct AddRaftVoterResponse {
  static constexpr ApiKey kApi = ApiKey::add_raft_voter;
  static constexpr std::string_view kName = "AddRaftVoterResponse";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = "";

  using Self = AddRaftVoterResponse;
  template <class V>
  static constexpr void fields(V& v) {
    v("ThrottleTimeMs", &Self::throttle_time_ms, from(0));
    v("ErrorCode", &Self::error_code, from(0));
    v("ErrorMessage", &Self::error_message, from(0).nullable(0).ignorable());
  }
};

}  // namespace weir
