// Control records of the metadata quorum's log (KIP-595, KIP-630, KIP-853).
//
// Each begins with its own version, by which it is read; other control records have it outside the
// message. A leader begins its epoch with LeaderChangeMessage, and from kraft.version 1 on the
// first one also writes KRaftVersionRecord and VotersRecord; a snapshot has a header and a footer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/records/record_type.h"
#include "broker/wire/uuid.h"

namespace weir {

// Version 1 adds the voters' directories.
struct LeaderChangeMessage {
  static constexpr ControlRecordType kType = ControlRecordType::leader_change;
  static constexpr std::string_view kName = "LeaderChangeMessage";
  static constexpr VersionRange kVersions{0, 1};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct Voter {
    std::int32_t voter_id = 0;
    Uuid voter_directory_id = {};

    using Self = Voter;
    template <class V>
    static constexpr void fields(V& v) {
      v("VoterId", &Self::voter_id, from(0));
      v("VoterDirectoryId", &Self::voter_directory_id, from(1));
    }
  };

  std::int16_t version = 0;
  std::int32_t leader_id = 0;
  std::vector<Voter> voters = {};
  std::vector<Voter> granting_voters = {};

  using Self = LeaderChangeMessage;
  template <class V>
  static constexpr void fields(V& v) {
    v("Version", &Self::version, from(0));
    v("LeaderId", &Self::leader_id, from(0));
    v("Voters", &Self::voters, from(0));
    v("GrantingVoters", &Self::granting_voters, from(0));
  }
};

// The first record of a snapshot; the timestamp is that of the last record contained.
struct SnapshotHeaderRecord {
  static constexpr ControlRecordType kType = ControlRecordType::snapshot_header;
  static constexpr std::string_view kName = "SnapshotHeaderRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int16_t version = 0;
  std::int64_t last_contained_log_timestamp = 0;

  using Self = SnapshotHeaderRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Version", &Self::version, from(0));
    v("LastContainedLogTimestamp", &Self::last_contained_log_timestamp, from(0));
  }
};

// The last record of a snapshot: without it the snapshot is not whole.
struct SnapshotFooterRecord {
  static constexpr ControlRecordType kType = ControlRecordType::snapshot_footer;
  static constexpr std::string_view kName = "SnapshotFooterRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int16_t version = 0;

  using Self = SnapshotFooterRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Version", &Self::version, from(0));
  }
};

// Finalizes the feature kraft.version.
struct KRaftVersionRecord {
  static constexpr ControlRecordType kType = ControlRecordType::kraft_version;
  static constexpr std::string_view kName = "KRaftVersionRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int16_t version = 0;
  std::int16_t kraft_version = 0;

  using Self = KRaftVersionRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Version", &Self::version, from(0));
    v("KRaftVersion", &Self::kraft_version, from(0));
  }
};

// The voter set from this offset on, committed or not.
struct VotersRecord {
  static constexpr ControlRecordType kType = ControlRecordType::kraft_voters;
  static constexpr std::string_view kName = "VotersRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct Endpoint {
    std::string name = {};
    std::string host = {};
    std::uint16_t port = 0;

    using Self = Endpoint;
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

  struct Voter {
    std::int32_t voter_id = 0;
    Uuid voter_directory_id = {};
    std::vector<Endpoint> endpoints = {};
    KRaftVersionFeature kraft_version_feature = {};

    using Self = Voter;
    template <class V>
    static constexpr void fields(V& v) {
      v("VoterId", &Self::voter_id, from(0));
      v("VoterDirectoryId", &Self::voter_directory_id, from(0));
      v("Endpoints", &Self::endpoints, from(0));
      v("KRaftVersionFeature", &Self::kraft_version_feature, from(0));
    }
  };

  std::int16_t version = 0;
  std::vector<Voter> voters = {};

  using Self = VotersRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Version", &Self::version, from(0));
    v("Voters", &Self::voters, from(0));
  }
};

}  // namespace weir
