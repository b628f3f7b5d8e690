// What reading metadata and control records has in common; private to this folder's .cpp files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/base/result.h"
#include "broker/wire/message.h"
#include "broker/wire/records.h"

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

// The records of a batch whose offsets have no gaps, each by decode_one(record, value slice).
template <class Decoded, class DecodeOne>
Result<std::vector<Decoded>> read_each(const RecordBatch& batch, Codecs& codecs, std::size_t limit,
                                       std::string* why, DecodeOne decode_one) {
  Result<RecordReader> reader = RecordReader::open(batch, codecs, limit);
  if (!reader) {
    return refuse(static_cast<Errc>(reader.error().value()), why,
                  "the batch cannot be decompressed");
  }
  std::vector<Decoded> all;
  Record record;
  Result<bool> more = reader->next(record);
  for (; more && *more; more = reader->next(record)) {
    const Offset expected = batch.header.base_offset + static_cast<std::int64_t>(all.size());
    const std::string place = "offset " + std::to_string(expected.value()) + ": ";
    if (record.offset != expected || !record.value.has_value()) {
      return refuse(Errc::malformed, why, place + "a gap, or a record without value");
    }
    Result<Decoded> decoded = decode_one(record, reader->share(*record.value));
    if (!decoded) {
      if (why != nullptr) *why = place + *why;
      return decoded.error();
    }
    all.push_back(std::move(*decoded));
  }
  if (!more) {
    return refuse(static_cast<Errc>(more.error().value()), why,
                  "the batch's records are malformed");
  }
  return all;
}

}  // namespace weir::detail
