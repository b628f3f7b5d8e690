// The sparse indexes of one segment: offset -> position, and timestamp -> offset.
//
// Kafka's formats: entries of 8 bytes (offset relative to the base i32, position i32) and of 12
// bytes (timestamp i64, relative offset i32), big-endian. An entry is made when more than
// index.interval.bytes were appended since the last one. Both are derived from the segment and can
// be rebuilt from it at any time; what is read from disk is believed only after its sanity check.
//
// Of the last batches the index knows every one, in memory alone: those are what followers and
// consumers that keep up ask for, and so read nothing before it.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/wire/record_batch.h"

namespace weir {

class SegmentIndex {
 public:
  struct OffsetEntry {
    Offset offset;  // last offset of the batch
    std::uint32_t position;
    friend bool operator==(const OffsetEntry&, const OffsetEntry&) = default;
  };
  struct TimeEntry {
    WallTime timestamp;  // the largest so far, reached first by the batch that ends in `offset`
    Offset offset;
    friend bool operator==(const TimeEntry&, const TimeEntry&) = default;
  };

  SegmentIndex(Offset base, std::int32_t interval_bytes);

  // A batch was appended at this position of the segment; to be told of every one, in order.
  void note(const BatchHeader& header, std::uint64_t position);
  // Before a segment is closed: its largest timestamp gets an entry (Kafka does so at a roll).
  void finish();

  // Where to begin to look for the batch that contains `offset`: at or before it.
  [[nodiscard]] std::uint64_t position_before(Offset offset) const;
  // All batches that end at or below the yielded offset are older than `timestamp`; base - 1 where
  // nothing is known.
  [[nodiscard]] Offset offset_before(WallTime timestamp) const;

  [[nodiscard]] const std::vector<OffsetEntry>& offsets() const { return offsets_; }
  [[nodiscard]] const std::vector<TimeEntry>& times() const { return times_; }
  [[nodiscard]] WallTime max_timestamp() const { return max_timestamp_; }  // -1: no batch
  // Whether one more entry would pass segment.index.bytes.
  [[nodiscard]] bool full(std::int32_t segment_index_bytes) const;

  [[nodiscard]] Slice encode_offsets() const;
  [[nodiscard]] Slice encode_times() const;
  // Fills an empty index from the bytes of both files. Errors: malformed where entries do not
  // ascend, point beyond the segment, or a file is cut; then the index is empty.
  [[nodiscard]] Result<void> decode(Bytes offsets, Bytes times, std::uint64_t segment_size);

 private:
  Result<void> decode_offsets(Bytes bytes, std::uint64_t segment_size);
  Result<void> decode_times(Bytes bytes);

  Offset base_;
  std::int32_t interval_bytes_;
  std::uint64_t bytes_since_entry_ = 0;
  WallTime max_timestamp_{-1};
  Offset offset_of_max_timestamp_{-1};
  std::vector<OffsetEntry> offsets_;
  std::vector<TimeEntry> times_;
  struct RecentBatch {
    Offset last;
    std::uint64_t position;
  };
  static constexpr std::size_t kRecentBatches = 64;
  std::deque<RecentBatch> recent_;
};

}  // namespace weir
