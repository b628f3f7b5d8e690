// Walks the batches of a segment and stops at the first that cannot be believed.
//
// So a log is recovered after a crash: everything before the stop is whole (length, magic, CRC-32C,
// offsets that go on where the last batch ended), everything from there on is cut off. The scan is
// fed with chunks of the file, as large as it asks for, and holds no bytes itself.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/wire/record_batch.h"

namespace weir {

struct ScannedBatch {
  RecordBatch batch;  // shares the chunk that it was found in
  std::uint64_t position = 0;
};

class SegmentScan {
 public:
  // Bytes that are asked for at a time, unless a single batch is larger.
  static constexpr std::size_t kChunkBytes = 1 << 20;

  struct Start {
    std::uint64_t position = 0;
    Offset offset;  // no batch may begin below it
    // No batch may reach beyond it. Offsets are not under the checksum of a batch.
    Offset end{std::numeric_limits<std::int64_t>::max()};
  };
  // Where a segment that begins there must have ended.
  [[nodiscard]] static Offset farthest(Offset base);
  SegmentScan(std::uint64_t file_size, Start start);

  // How many bytes, from position() on, feed() is to be given next; 0 when the scan has ended.
  [[nodiscard]] std::size_t wants() const { return wants_; }
  // Appends the whole batches of the chunk to `found`. A chunk shorter than wanted, which only a
  // file that shrank can yield, ends the scan.
  void feed(const Slice& chunk, std::vector<ScannedBatch>& found);

  // Where the last whole batch ended.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] Offset next_offset() const { return next_offset_; }
  // Why the scan stopped before the end of the file ("checksum does not match"); empty if it did
  // not.
  [[nodiscard]] const std::string& stop() const { return stop_; }

 private:
  bool accept(const Slice& rest, std::vector<ScannedBatch>& found);
  void want_more_or_end();

  std::uint64_t file_size_;
  std::uint64_t position_;
  Offset next_offset_;
  Offset end_;
  std::size_t wants_ = 0;
  std::string stop_;
};

struct SegmentContent {
  std::vector<ScannedBatch> batches;
  std::uint64_t valid_bytes = 0;
  Offset next_offset;
  std::string stop;
};

// The scan of a segment whose bytes are all at hand.
[[nodiscard]] SegmentContent scan_segment(const Slice& segment, Offset base);

}  // namespace weir
