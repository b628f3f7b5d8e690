// Metadata records about brokers and controllers: registration, fencing, farewell (KIP-631,
// KIP-919).
//
// A broker's epoch is the offset of its RegisterBrokerRecord. A registration replaces the broker's
// former one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/records/record_type.h"
#include "broker/wire/uuid.h"

namespace weir {

// 1 adds the controlled shutdown, 2 a flag of the past, 3 log directories (KIP-858), 4 cordoned
// ones.
struct RegisterBrokerRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::register_broker;
  static constexpr std::string_view kName = "RegisterBrokerRecord";
  static constexpr VersionRange kVersions{0, 4};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct BrokerEndpoint {
    std::string name = {};
    std::string host = {};
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    using Self = BrokerEndpoint;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Host", &Self::host, from(0));
      v("Port", &Self::port, from(0));
      v("SecurityProtocol", &Self::security_protocol, from(0));
    }
  };

  struct BrokerFeature {
    std::string name = {};
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    using Self = BrokerFeature;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("MinSupportedVersion", &Self::min_supported_version, from(0));
      v("MaxSupportedVersion", &Self::max_supported_version, from(0));
    }
  };

  std::int32_t broker_id = 0;
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id = {};
  std::int64_t broker_epoch = 0;
  std::vector<BrokerEndpoint> end_points = {};
  std::vector<BrokerFeature> features = {};
  std::optional<std::string> rack = "";
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs = {};
  std::optional<std::vector<Uuid>> cordoned_log_dirs = {};

  using Self = RegisterBrokerRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("IsMigratingZkBroker", &Self::is_migrating_zk_broker, from(2));
    v("IncarnationId", &Self::incarnation_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
    v("EndPoints", &Self::end_points, from(0));
    v("Features", &Self::features, from(0));
    v("Rack", &Self::rack, from(0).nullable(0));
    v("Fenced", &Self::fenced, from(0));
    v("InControlledShutdown", &Self::in_controlled_shutdown, from(1));
    v("LogDirs", &Self::log_dirs, from(3).tag(0));
    v("CordonedLogDirs", &Self::cordoned_log_dirs, from(4).nullable(4).tag(1));
  }
};

// The broker is forgotten.
struct UnregisterBrokerRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::unregister_broker;
  static constexpr std::string_view kName = "UnregisterBrokerRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = 0;

  using Self = UnregisterBrokerRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
  }
};

// Older form of BrokerRegistrationChangeRecord with Fenced 1; still to be read.
struct FenceBrokerRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::fence_broker;
  static constexpr std::string_view kName = "FenceBrokerRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t id = 0;
  std::int64_t epoch = 0;

  using Self = FenceBrokerRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Id", &Self::id, from(0));
    v("Epoch", &Self::epoch, from(0));
  }
};

// The same with Fenced -1.
struct UnfenceBrokerRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::unfence_broker;
  static constexpr std::string_view kName = "UnfenceBrokerRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t id = 0;
  std::int64_t epoch = 0;

  using Self = UnfenceBrokerRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Id", &Self::id, from(0));
    v("Epoch", &Self::epoch, from(0));
  }
};

// Fenced: -1 unfence, 0 no change, 1 fence. InControlledShutdown: 0 no change, 1 it began. No log
// directories: no change; null cordoned ones: no change.
struct BrokerRegistrationChangeRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::broker_registration_change;
  static constexpr std::string_view kName = "BrokerRegistrationChangeRecord";
  static constexpr VersionRange kVersions{0, 3};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = 0;
  std::int8_t fenced = 0;
  std::int8_t in_controlled_shutdown = 0;
  std::vector<Uuid> log_dirs = {};
  std::optional<std::vector<Uuid>> cordoned_log_dirs = {};

  using Self = BrokerRegistrationChangeRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
    v("Fenced", &Self::fenced, from(0).tag(0));
    v("InControlledShutdown", &Self::in_controlled_shutdown, from(1).tag(1));
    v("LogDirs", &Self::log_dirs, from(2).tag(2));
    v("CordonedLogDirs", &Self::cordoned_log_dirs, from(3).nullable(3).tag(3));
  }
};

struct RegisterControllerRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::register_controller;
  static constexpr std::string_view kName = "RegisterControllerRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  struct ControllerEndpoint {
    std::string name = {};
    std::string host = {};
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    using Self = ControllerEndpoint;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("Host", &Self::host, from(0));
      v("Port", &Self::port, from(0));
      v("SecurityProtocol", &Self::security_protocol, from(0));
    }
  };

  struct ControllerFeature {
    std::string name = {};
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    using Self = ControllerFeature;
    template <class V>
    static constexpr void fields(V& v) {
      v("Name", &Self::name, from(0));
      v("MinSupportedVersion", &Self::min_supported_version, from(0));
      v("MaxSupportedVersion", &Self::max_supported_version, from(0));
    }
  };

  std::int32_t controller_id = 0;
  Uuid incarnation_id = {};
  bool zk_migration_ready = false;
  std::vector<ControllerEndpoint> end_points = {};
  std::vector<ControllerFeature> features = {};

  using Self = RegisterControllerRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("ControllerId", &Self::controller_id, from(0));
    v("IncarnationId", &Self::incarnation_id, from(0));
    v("ZkMigrationReady", &Self::zk_migration_ready, from(0));
    v("EndPoints", &Self::end_points, from(0));
    v("Features", &Self::features, from(0));
  }
};

struct UnregisterControllerRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::unregister_controller;
  static constexpr std::string_view kName = "UnregisterControllerRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t controller_id = 0;

  using Self = UnregisterControllerRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("ControllerId", &Self::controller_id, from(0));
  }
};

}  // namespace weir
