// ProducerBatch: records of one partition that travel together, and what is known of their fate.
//
// Sizes are those of record batch v2, uncompressed: batch.size bounds them whatever the codec (the
// Java client fills by an estimate of the compressed size; this one never exceeds it).
#pragma once

#include <memory>
#include <vector>

#include "broker/base/id.h"
#include "broker/client/client_types.h"

namespace weir {

struct BufferedRecord {
  std::optional<Slice> key;
  std::optional<Slice> value;
  std::vector<ClientHeader> headers;
  WallTime timestamp;
  std::uint64_t token = 0;  // names the record in completions
};

// At most what the record takes in a batch: lengths, attributes, deltas, key, value, headers.
[[nodiscard]] std::int64_t record_size_bound(const BufferedRecord&);

inline constexpr std::int64_t kBatchOverhead = 61;
inline constexpr std::int32_t kNoSequence = -1;

// Sequences count records, from 0 to 2^31-1, and wrap to 0.
[[nodiscard]] constexpr std::int32_t sequence_after(std::int32_t sequence, std::size_t records) {
  return static_cast<std::int32_t>((static_cast<std::uint64_t>(sequence) + records) & 0x7fffffff);
}

struct ProducerBatch {
  TopicPartition tp;
  std::vector<BufferedRecord> records;
  std::int64_t size = kBatchOverhead;
  std::int64_t reserved = 0;  // of buffer.memory
  Instant created{};
  Instant not_before{};  // of the next attempt
  int failed_attempts = 0;
  std::int32_t leader_epoch = -1;  // known at the last attempt

  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t base_sequence = kNoSequence;

  bool closed = false;          // takes no more records
  bool sequence_reset = false;  // renumbered since it was last sent
  bool maybe_appended = false;  // an attempt ended without a definite answer
  bool done = false;            // its records have their outcome; a late answer changes nothing

  [[nodiscard]] bool has_sequence() const { return base_sequence != kNoSequence; }
  [[nodiscard]] std::int32_t next_sequence() const {
    return sequence_after(base_sequence, records.size());
  }
};
using BatchPtr = std::shared_ptr<ProducerBatch>;

}  // namespace weir
