// A record of the metadata log, whichever it is: its bytes, and batches of them (KIP-631).
//
// A record's value is framed: frame version (1), API key and version as unsigned varints, then the
// message, to the very end. Its key is null. What Weir does not know it refuses, since a metadata
// log read in part would be another cluster's state: records of ACLs, quotas, delegation tokens and
// SCRAM credentials are among them. Which version to write follows from the finalized
// metadata.version and is the controller's business.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/base/result.h"
#include "broker/wire/record_batch.h"
#include "broker/wire/records/broker_records.h"
#include "broker/wire/records/setting_records.h"
#include "broker/wire/records/topic_records.h"

namespace weir {

// In the order of their keys.
using MetadataRecord =
    std::variant<RegisterBrokerRecord, UnregisterBrokerRecord, TopicRecord, PartitionRecord,
                 ConfigRecord, PartitionChangeRecord, FenceBrokerRecord, UnfenceBrokerRecord,
                 RemoveTopicRecord, FeatureLevelRecord, ProducerIdsRecord,
                 BrokerRegistrationChangeRecord, NoOpRecord, BeginTransactionRecord,
                 EndTransactionRecord, AbortTransactionRecord, RegisterControllerRecord,
                 ClearElrRecord, UnregisterControllerRecord>;

// A record and the version in which it is written.
struct VersionedRecord {
  MetadataRecord record;
  std::int16_t version = 0;
};

// What one batch of the metadata log may take, as in Kafka's raft client and controller.
inline constexpr std::size_t kMaxMetadataBatchBytes = 8 * 1024 * 1024;
inline constexpr std::int32_t kMaxMetadataBatchRecords = 10'000;

[[nodiscard]] MetadataRecordType type_of(const MetadataRecord&);
// Kafka's: "PartitionChangeRecord".
[[nodiscard]] std::string_view name_of(const MetadataRecord&);
// The highest that is known.
[[nodiscard]] std::int16_t highest_version(const MetadataRecord&);
// "PartitionChangeRecord{PartitionId: 0, ...}": one line for people and goldens, in the highest
// version.
[[nodiscard]] std::string print(const MetadataRecord&);
// Whether all fields of both are equal.
[[nodiscard]] bool same_record(const MetadataRecord&, const MetadataRecord&);

// Errors: unsupported (an unknown version, or a value that this version cannot carry), malformed,
// too_large.
[[nodiscard]] Result<Slice> encode_metadata_record(const MetadataRecord&, std::int16_t version,
                                                   std::string* why = nullptr);

// Reads one value to its end. Errors: unsupported (another frame version, an unknown API key, an
// unknown version of a known record), malformed (also: bytes after the record), truncated,
// too_large. `why` tells them apart: "metadata record type 99 is unknown",
// "PartitionRecord v7: only versions 0 to 2 are known", "TopicRecord v0 with 2 bytes after ..".
[[nodiscard]] Result<MetadataRecord> decode_metadata_record(const Slice& value,
                                                            std::string* why = nullptr);

// Where and when the batches below are written; the checksum covers neither offset nor epoch.
struct MetadataBatchPlace {
  Offset base_offset{0};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  WallTime append_time{};
};

// One uncompressed batch without producer, in the order given. Not for an empty list. Errors: those
// of encode_metadata_record, and too_large beyond the limits above.
[[nodiscard]] Result<Slice> build_metadata_batch(std::span<const VersionedRecord>,
                                                 const MetadataBatchPlace&,
                                                 std::string* why = nullptr);

// The records of a batch that is no control batch, one for each offset from the base on. Errors:
// those of decode_metadata_record; malformed for a control batch, for keys, gaps and nulls.
[[nodiscard]] Result<std::vector<MetadataRecord>> read_metadata_batch(const RecordBatch&, Codecs&,
                                                                      std::string* why = nullptr);

}  // namespace weir
