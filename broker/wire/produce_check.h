// What a broker demands of records that a client wants to append (Kafka's LogValidator).
//
// Exactly one batch of magic 2, with the right checksum, offsets 0..n-1, within the limits, no
// control records, a codec that the request's version may use (zstd from 7).
#pragma once

#include <cstdint>
#include <string>

#include "broker/wire/error_code.h"
#include "broker/wire/records.h"

namespace weir {

struct ProduceLimits {
  std::int32_t max_batch_bytes = 1'048'588;  // message.max.bytes
  std::size_t max_uncompressed_bytes = kDefaultMaxUncompressedBytes;
  // Timestamps outside [now - before, now + after] are INVALID_TIMESTAMP; of no matter for
  // LogAppendTime. Kafka's defaults: any age, one hour ahead.
  std::int64_t timestamp_before_max_ms = INT64_MAX;
  std::int64_t timestamp_after_max_ms = 3'600'000;
  bool log_append_time = false;
  bool keys_required = false;  // compacted topics
};

struct CheckedBatch {
  ErrorCode error = ErrorCode::none;
  std::string why = {};    // one sentence, where there is an error
  RecordBatch batch = {};  // where there is none
};

[[nodiscard]] CheckedBatch check_produced(const Slice& records, std::int16_t api_version,
                                          const ProduceLimits&, WallTime now, Codecs&);

}  // namespace weir
