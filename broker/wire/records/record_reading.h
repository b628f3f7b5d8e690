// What metadata and control records have in common; private to this folder's .cpp files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/base/result.h"
#include "broker/wire/message.h"
#include "broker/wire/records.h"
#include "broker/wire/records/metadata_record.h"

namespace weir::detail {

inline Errc refuse(Errc error, std::string* why, const std::string& text) {
  if (why != nullptr) *why = text;
  return error;
}

// One message of a version that may be any number.
template <class Message>
Result<Message> decode_known(const Reader& body, std::int64_t version, std::string* why) {
  constexpr VersionRange kKnown = Message::kVersions;
  if (version < kKnown.min || version > kKnown.max) {
    return refuse(Errc::unsupported, why,
                  std::string(Message::kName) + " v" + std::to_string(version) +
                      ": only versions " + std::to_string(kKnown.min) + " to " +
                      std::to_string(kKnown.max) + " are known");
  }
  return decode<Message>(body, static_cast<std::int16_t>(version), why);
}

inline bool append_within_limits(RecordBatchBuilder& builder, const NewRecord& record) {
  if (builder.count() == kMaxMetadataBatchRecords) return false;
  if (builder.size_with(record) > kMaxMetadataBatchBytes) return false;
  builder.append(record);
  return true;
}

// The records of a batch whose offsets have no gaps, each by decode_one(record, value slice).
template <class Decoded, class DecodeOne>
Result<std::vector<Decoded>> read_each(const RecordBatch& batch, Codecs& codecs, std::string* why,
                                       DecodeOne decode_one) {
  if (batch.header.record_count > kMaxMetadataBatchRecords) {
    return refuse(Errc::too_large, why, "a batch of too many records");
  }
  Result<RecordReader> reader = RecordReader::open(batch, codecs, kMaxMetadataBatchBytes);
  if (!reader) {
    return refuse(static_cast<Errc>(reader.error().value()), why,
                  "the batch cannot be decompressed");
  }
  std::vector<Decoded> all;
  Record record;
  Result<bool> more = reader->next(record);
  for (; more && *more; more = reader->next(record)) {
    const Offset expected = batch.header.base_offset + static_cast<std::int64_t>(all.size());
    if (record.offset != expected || !record.value.has_value()) {
      return refuse(Errc::malformed, why,
                    "a gap before offset " + std::to_string(expected.value()) +
                        ", or a record without value");
    }
    Result<Decoded> decoded = decode_one(record, reader->share(*record.value));
    if (!decoded) {
      if (why != nullptr) *why = "offset " + std::to_string(expected.value()) + ": " + *why;
      return decoded.error();
    }
    all.push_back(std::move(*decoded));
  }
  if (!more) {
    return refuse(static_cast<Errc>(more.error().value()), why,
                  "the batch's records are malformed");
  }
  if (batch.header.base_offset + static_cast<std::int64_t>(all.size()) !=
      batch.header.next_offset()) {
    return refuse(Errc::malformed, why, "the batch's offsets are more than its records");
  }
  return all;
}

}  // namespace weir::detail
