// Record batch v2: the header of 61 bytes, and how a broker writes its part of it.
//
// Layout: baseOffset i64 @0, batchLength i32 @8 (bytes after it), partitionLeaderEpoch i32 @12,
// magic i8 @16, crc u32 @17, attributes i16 @21, lastOffsetDelta i32 @23, baseTimestamp i64 @27,
// maxTimestamp i64 @35, producerId i64 @43, producerEpoch i16 @51, baseSequence i32 @53,
// recordsCount i32 @57, records @61. The CRC-32C covers attributes to end, so a broker assigns
// offset and epoch without touching it (Kafka documentation, "Record Batch").
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/wire/compression.h"

namespace weir {

inline constexpr std::size_t kBatchHeaderBytes = 61;
inline constexpr std::size_t kBatchLengthEnd = 12;  // baseOffset and batchLength: "log overhead"
inline constexpr std::size_t kBatchCrcFrom = 21;    // attributes
inline constexpr std::int8_t kBatchMagic = 2;

struct BatchHeader {
  static constexpr std::int16_t kCompressionMask = 0x07;
  static constexpr std::int16_t kLogAppendTimeBit = 0x08;
  static constexpr std::int16_t kTransactionalBit = 0x10;
  static constexpr std::int16_t kControlBit = 0x20;
  static constexpr std::int16_t kDeleteHorizonBit = 0x40;

  Offset base_offset{0};
  std::int32_t batch_length = 0;
  LeaderEpoch partition_leader_epoch = kNoLeaderEpoch;
  std::int8_t magic = kBatchMagic;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  [[nodiscard]] std::size_t size() const {
    return kBatchLengthEnd + static_cast<std::size_t>(batch_length);
  }
  [[nodiscard]] Offset last_offset() const { return base_offset + last_offset_delta; }
  [[nodiscard]] Offset next_offset() const { return last_offset() + 1; }
  // Wraps from 2147483647 to 0; -1 without sequence.
  [[nodiscard]] std::int32_t last_sequence() const;
  // May be a number that is no codec; decompression refuses it.
  [[nodiscard]] Compression compression() const {
    return static_cast<Compression>(attributes & kCompressionMask);
  }
  [[nodiscard]] bool has(std::int16_t bit) const { return (attributes & bit) != 0; }
  [[nodiscard]] bool is_log_append_time() const { return has(kLogAppendTimeBit); }
  [[nodiscard]] bool is_transactional() const { return has(kTransactionalBit); }
  [[nodiscard]] bool is_control() const { return has(kControlBit); }
  [[nodiscard]] bool has_producer() const { return producer_id >= ProducerId{0}; }

  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

// Reads the 61 bytes; says nothing of what they mean. There are at least kBatchHeaderBytes.
[[nodiscard]] BatchHeader read_batch_header(Bytes);
// Writes them, crc included.
void write_batch_header(const BatchHeader&, std::span<std::byte, kBatchHeaderBytes>);

// One whole batch: a slice that has exactly its length, and its header, read.
struct RecordBatch {
  BatchHeader header;
  Slice bytes;

  [[nodiscard]] std::size_t size() const { return bytes.size(); }
  // The records, compressed where the batch is.
  [[nodiscard]] Slice payload() const { return bytes.subslice(kBatchHeaderBytes); }
};

// The batch at the beginning of the input, which may go on after it. Errors: truncated (not even a
// header, or not all of the batch), malformed (impossible length or count), unsupported (magic 0 or
// 1). The checksum is not looked at.
[[nodiscard]] Result<RecordBatch> parse_batch(const Slice& input);

// Whether the stored CRC-32C is that of the bytes.
[[nodiscard]] bool crc_is_right(const RecordBatch&);

// A batch after the broker wrote its part: a new header, and the rest of the bytes shared with the
// batch it was made from. Write `parts` one after the other.
struct AssignedBatch {
  BatchHeader header;
  std::array<Slice, 2> parts;  // header of 61 bytes, records

  [[nodiscard]] std::size_t size() const { return header.size(); }
};

// Assigns base offset and leader epoch; the CRC stays right without being computed.
[[nodiscard]] AssignedBatch assign(const RecordBatch&, Offset base, LeaderEpoch);
// The same for topics with message.timestamp.type=LogAppendTime: timestamp type and maximum
// timestamp change, so the CRC is computed anew.
[[nodiscard]] AssignedBatch assign_with_append_time(const RecordBatch&, Offset base, LeaderEpoch,
                                                    WallTime now);
// Assigns in place, where the bytes have one owner. `batch` begins with a batch header.
void assign_in_place(std::span<std::byte> batch, Offset base, LeaderEpoch);

// Walks the batches of a slice that may end in the middle of one, as Fetch returns it and as a torn
// write leaves it.
class BatchWalker {
 public:
  explicit BatchWalker(Slice batches) : rest_(std::move(batches)) {}

  // The next whole batch; truncated at a partial one or at the end (see at_end), malformed or
  // unsupported where there is something else than a batch.
  [[nodiscard]] Result<RecordBatch> next();
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // Bytes of the whole batches given out so far.
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  Slice rest_;
  std::size_t position_ = 0;
};

// The whole batches of a slice; a partial one at its end is left out. Errors: malformed,
// unsupported.
[[nodiscard]] Result<std::vector<RecordBatch>> whole_batches(const Slice&);

}  // namespace weir
