// The records inside a batch: reading them as views, and building batches.
//
// Record: length varint; attributes i8 (0); timestamp delta varlong; offset delta varint; key and
// value, each a varint length (-1 null) and bytes; header count varint; headers of key and value,
// framed alike. All varints are zigzag. Compression covers the records together, not the header.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "broker/wire/record_batch.h"

namespace weir {

struct RecordHeader {
  std::string_view key;
  std::optional<Bytes> value;
};

// A view: lives as long as the reader it came from.
struct Record {
  Offset offset{0};
  std::int64_t timestamp = -1;  // the batch's maximum where the broker stamped it on append
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<RecordHeader> headers;
};

// What a broker asks about a client's record: it need not see the parts of every one.
struct RecordShape {
  Offset offset{0};
  std::int64_t timestamp = -1;
  bool has_key = false;
};

class RecordReader {
 public:
  // Decompresses the batch where needed. Errors as of Codecs::decompress.
  [[nodiscard]] static Result<RecordReader> open(const RecordBatch&, Codecs&,
                                                 std::size_t limit = kDefaultMaxUncompressedBytes);

  // Fills in the next record, reusing its memory; false after the last of them. Errors: truncated,
  // malformed (also: an offset that no log can have, bytes left after the last record).
  [[nodiscard]] Result<bool> next(Record&);
  // The same of the shapes alone: fills in those of the next records, one at least, and says of how
  // many; 0 after the last. Several times faster.
  [[nodiscard]] Result<std::size_t> next_shapes(std::span<RecordShape>);

  // A view that this reader gave out, as a slice that outlives it.
  [[nodiscard]] Slice share(Bytes) const;

 private:
  RecordReader(const BatchHeader& header, Slice records)
      : header_(header), records_(std::move(records)) {}

  [[nodiscard]] std::size_t plain_shapes(std::span<RecordShape>);
  [[nodiscard]] bool next_plain(Record&);
  [[nodiscard]] std::int64_t timestamp_of(std::int64_t delta) const;

  BatchHeader header_;
  Slice records_;
  std::size_t position_ = 0;
  std::int32_t read_ = 0;
  Record other_;  // of next_shapes(): one whose shape is not plain
};

// A record to be put into a batch.
struct NewRecord {
  std::int64_t timestamp = -1;
  std::optional<Bytes> key = {};
  std::optional<Bytes> value = {};
  std::span<const RecordHeader> headers = {};
  // The next one where absent; a cleaner that keeps some records of a batch gives it.
  std::optional<std::int32_t> offset_delta = {};
};

struct BatchOptions {
  Compression compression = Compression::none;
  Offset base_offset{0};
  LeaderEpoch partition_leader_epoch = kNoLeaderEpoch;
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::int32_t base_sequence = -1;
  bool transactional = false;
  bool control = false;
  // For a cleaner: the delta of the batch that it rewrites, which stays when its last records go.
  std::optional<std::int32_t> last_offset_delta = {};
  // For a cleaner: the time at which the broker stamped the batch; it stays, too.
  std::optional<std::int64_t> log_append_time = {};
};

// Gathers records; without compression the bytes appended are the bytes built.
class RecordBatchBuilder {
 public:
  RecordBatchBuilder() = default;
  // Of a batch that will have about so many bytes.
  explicit RecordBatchBuilder(std::size_t expected) { buffer_.reserve(expected); }

  // For a cleaner, before the first append: the batch carries the time from which its tombstones
  // may go in place of its base timestamp (KIP-534).
  void set_delete_horizon(WallTime horizon);

  // Keys, values and headers are together below 2^31 bytes (the caller's limits are far below).
  void append(const NewRecord&);

  [[nodiscard]] std::int32_t count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Of the whole batch, uncompressed: exact without compression.
  [[nodiscard]] std::size_t size() const { return std::max(buffer_.size(), kBatchHeaderBytes); }
  // What size() would be after append of this record.
  [[nodiscard]] std::size_t size_with(const NewRecord&) const;

  // The finished batch, checksum included; the builder is empty afterwards. Producer id, epoch and
  // sequence are told only now, since a producer learns them late.
  [[nodiscard]] Slice build(const BatchOptions&, Codecs&);

 private:
  [[nodiscard]] std::size_t body_size(const NewRecord&) const;
  void make_room_for_header();

  Buffer buffer_;  // empty, or it begins with room for the header
  std::int32_t count_ = 0;
  std::int32_t last_offset_delta_ = -1;
  std::int64_t base_timestamp_ = -1;
  std::int64_t max_timestamp_ = -1;
  bool has_delete_horizon_ = false;
};

// The value of a control record that ends a transaction, and the batch that carries it.
enum class TransactionEnd : std::int16_t { abort = 0, commit = 1 };
[[nodiscard]] Slice build_end_marker(TransactionEnd, ProducerId, ProducerEpoch,
                                     std::int32_t coordinator_epoch, WallTime now, Codecs&);

}  // namespace weir
