// What the log remembers of each idempotent producer: its epoch and its last five batches.
//
// From it a leader knows a retry of what is stored already (answered with the offsets of then), a
// gap in the sequence, and a producer that was fenced by a newer epoch (KIP-98, KIP-360). check()
// only decides, apply() only records: the second follows when the batch is written (KAFKA-6683).
// Batches that come by replication or replay are never judged (KAFKA-6003). The state outlives the
// records it came from (KAFKA-7190): deletion of records does not touch it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/wire/error_code.h"
#include "broker/wire/record_batch.h"

namespace weir {

struct ProducerVerdict {
  enum class Kind : std::uint8_t { accept, duplicate, refuse };
  Kind kind = Kind::accept;
  ErrorCode error = ErrorCode::none;  // of refuse
  std::string why = {};               // of refuse, one sentence
  Offset base_offset{-1};             // these three of duplicate: what was stored
  Offset last_offset{-1};
  WallTime timestamp{-1};
};

class ProducerStates {
 public:
  // A retry of one of so many last batches is recognised (the client's max.in.flight limit).
  static constexpr std::size_t kBatchesKept = 5;

  struct StoredBatch {
    std::int32_t first_sequence = 0;
    std::int32_t last_sequence = 0;
    Offset last_offset;
    std::int32_t offset_delta = 0;
    WallTime timestamp;
    [[nodiscard]] Offset base_offset() const { return last_offset - offset_delta; }
    friend bool operator==(const StoredBatch&, const StoredBatch&) = default;
  };
  struct Entry {
    ProducerEpoch epoch = kNoProducerEpoch;
    // When the producer was last seen appending, by this node's wall clock. Kafka takes the
    // records' own timestamps, so that a producer of old events expires at once and its retries
    // are stored twice.
    WallTime last_seen;
    std::optional<Offset> transaction_first_offset;
    std::vector<StoredBatch> batches;  // oldest first, at most kBatchesKept
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // For a batch of client origin. Batches without producer id are accepted.
  [[nodiscard]] ProducerVerdict check(const BatchHeader& batch) const;

  // The batch lies in the log, whatever its origin.
  void apply(const BatchHeader& batch, WallTime seen);

  // Forgets producers not seen for so long that have no open transaction.
  void expire(WallTime now, std::int64_t expiration_ms);

  void clear() { entries_.clear(); }
  [[nodiscard]] const std::map<ProducerId, Entry>& entries() const { return entries_; }

  // Snapshot file: version i16 = 1, CRC-32C u32 of the rest, number of producers i32; each: id i64,
  // epoch i16, last seen i64, first offset of the open transaction i64 or -1, number of batches
  // i32; each: first sequence i32, last sequence i32, last offset i64, offset delta i32, timestamp
  // i64. Big-endian.
  [[nodiscard]] Slice encode() const;
  // Errors: truncated, malformed, unsupported (version), corrupt.
  [[nodiscard]] static Result<ProducerStates> decode(const Slice& snapshot);

  friend bool operator==(const ProducerStates&, const ProducerStates&) = default;

 private:
  std::map<ProducerId, Entry> entries_;
};

}  // namespace weir
