// A control record of the metadata log, whichever it is, and batches of them.
//
// The key is a version (0) and the type, two int16; the value is the message, which begins with its
// own version. The batch has the control bit, no producer and is not transactional. End markers of
// transactions (types 0 and 1) are made in broker/wire/records.h and stand in other logs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/base/result.h"
#include "broker/wire/record_batch.h"
#include "broker/wire/records/control_records.h"
#include "broker/wire/records/metadata_record.h"

namespace weir {

using ControlRecord = std::variant<LeaderChangeMessage, SnapshotHeaderRecord, SnapshotFooterRecord,
                                   KRaftVersionRecord, VotersRecord>;

[[nodiscard]] ControlRecordType type_of(const ControlRecord&);
[[nodiscard]] std::string_view name_of(const ControlRecord&);
// "LeaderChangeMessage{Version: 1, ...}", in the record's own version.
[[nodiscard]] std::string print(const ControlRecord&);
[[nodiscard]] bool same_record(const ControlRecord&, const ControlRecord&);

// The type in a control record's key. Keys of later versions begin alike and are accepted. Errors:
// truncated, unsupported (no such type).
[[nodiscard]] Result<ControlRecordType> read_control_key(Bytes key, std::string* why = nullptr);

// Errors: unsupported (a type that does not stand in the metadata log, a version that is not
// known), malformed (also: bytes after the message), truncated, too_large.
[[nodiscard]] Result<ControlRecord> decode_control_record(Bytes key, const Slice& value,
                                                          std::string* why = nullptr);

// One batch. Not for an empty list. Errors: unsupported (a version that is not known, or a value
// that it cannot carry), too_large beyond the limits of metadata batches.
[[nodiscard]] Result<Slice> build_control_batch(std::span<const ControlRecord>,
                                                const MetadataBatchPlace&,
                                                std::string* why = nullptr);

// The records of a control batch, one for each offset from the base on. Errors: those of
// decode_control_record; malformed for another batch, for gaps and records without key or value.
[[nodiscard]] Result<std::vector<ControlRecord>> read_control_batch(const RecordBatch&, Codecs&,
                                                                    std::string* why = nullptr);

}  // namespace weir
