// Metadata records about settings, features, producer ids, and those that hold others together.
//
// Records between BeginTransaction and EndTransaction take effect together, or with
// AbortTransaction not at all (KIP-868).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/wire/field.h"
#include "broker/wire/message.h"
#include "broker/wire/records/record_type.h"

namespace weir {

// Resource types: 2 topic, 4 broker. A null value removes the setting.
struct ConfigRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::config;
  static constexpr std::string_view kName = "ConfigRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int8_t resource_type = 0;
  std::string resource_name = {};
  std::string name = {};
  std::optional<std::string> value = "";

  using Self = ConfigRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("ResourceType", &Self::resource_type, from(0));
    v("ResourceName", &Self::resource_name, from(0));
    v("Name", &Self::name, from(0));
    v("Value", &Self::value, from(0).nullable(0));
  }
};

// A finalized feature, such as metadata.version; level 0 removes it.
struct FeatureLevelRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::feature_level;
  static constexpr std::string_view kName = "FeatureLevelRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::string name = {};
  std::int16_t feature_level = 0;

  using Self = FeatureLevelRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Name", &Self::name, from(0));
    v("FeatureLevel", &Self::feature_level, from(0));
  }
};

// Who took the last block of producer ids, and the first id after it (KIP-730).
struct ProducerIdsRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::producer_ids;
  static constexpr std::string_view kName = "ProducerIdsRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t next_producer_id = 0;

  using Self = ProducerIdsRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("BrokerId", &Self::broker_id, from(0));
    v("BrokerEpoch", &Self::broker_epoch, from(0));
    v("NextProducerId", &Self::next_producer_id, from(0));
  }
};

// Written by an idle controller, so that the log's end shows time passing.
struct NoOpRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::no_op;
  static constexpr std::string_view kName = "NoOpRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  using Self = NoOpRecord;
  template <class V>
  static constexpr void fields(V&) {}
};

struct BeginTransactionRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::begin_transaction;
  static constexpr std::string_view kName = "BeginTransactionRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::optional<std::string> name = {};

  using Self = BeginTransactionRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Name", &Self::name, from(0).nullable(0).tag(0));
  }
};

struct EndTransactionRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::end_transaction;
  static constexpr std::string_view kName = "EndTransactionRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  using Self = EndTransactionRecord;
  template <class V>
  static constexpr void fields(V&) {}
};

struct AbortTransactionRecord {
  static constexpr MetadataRecordType kType = MetadataRecordType::abort_transaction;
  static constexpr std::string_view kName = "AbortTransactionRecord";
  static constexpr VersionRange kVersions{0, 0};
  static constexpr std::int16_t kFlexibleSince = 0;

  std::optional<std::string> reason = {};

  using Self = AbortTransactionRecord;
  template <class V>
  static constexpr void fields(V& v) {
    v("Reason", &Self::reason, from(0).nullable(0).tag(0));
  }
};

}  // namespace weir
