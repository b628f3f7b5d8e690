// The scan, fed with chunks: a batch that a chunk cuts is asked for again as a whole.
#include "broker/storage/segment_scan.h"

#include <algorithm>

namespace weir {
namespace {

// What is wrong with a batch whose header was read, but for its checksum; empty when nothing is.
std::string complaint(const BatchHeader& header, std::uint64_t rest_of_file, Offset next_offset,
                      Offset end) {
  if (header.magic != kBatchMagic) return "magic is " + std::to_string(header.magic) + ", not 2";
  if (header.batch_length < static_cast<std::int32_t>(kBatchHeaderBytes - kBatchLengthEnd)) {
    return "batch length " + std::to_string(header.batch_length) + " is impossible";
  }
  if (header.size() > rest_of_file) {
    return "the batch has " + std::to_string(header.size()) + " bytes, the file only " +
           std::to_string(rest_of_file) + " more";
  }
  if (header.base_offset < next_offset) {
    return "base offset " + std::to_string(header.base_offset.value()) + " is below " +
           std::to_string(next_offset.value());
  }
  if (header.last_offset_delta < 0 || header.record_count < 0) return "a count is negative";
  if (header.last_offset() < header.base_offset) return "offsets overflow";
  if (header.last_offset() >= end) {
    return "last offset " + std::to_string(header.last_offset().value()) + " is not below " +
           std::to_string(end.value());
  }
  return {};
}

}  // namespace

SegmentScan::SegmentScan(std::uint64_t file_size, Start start)
    : file_size_(file_size),
      position_(start.position),
      next_offset_(start.offset),
      end_(start.end) {
  want_more_or_end();
}

Offset SegmentScan::farthest(Offset base) {
  constexpr std::int64_t kSpan = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  return base.value() > kLast - kSpan ? Offset{kLast} : base + kSpan;
}

void SegmentScan::want_more_or_end() {
  const std::uint64_t rest = file_size_ - std::min(position_, file_size_);
  wants_ = static_cast<std::size_t>(std::min<std::uint64_t>(rest, kChunkBytes));
}

void SegmentScan::feed(const Slice& chunk, std::vector<ScannedBatch>& found) {
  const std::uint64_t before = position_;
  if (chunk.size() < wants_) {
    stop_ = "the file is shorter than it said";
    wants_ = 0;
    return;
  }
  const std::size_t asked = wants_;
  want_more_or_end();
  while (wants_ > 0) {
    const Slice rest = chunk.subslice(static_cast<std::size_t>(position_ - before));
    if (!accept(rest, found)) return;
    want_more_or_end();
    if (position_ - before >= asked) return;
  }
}

// Takes one batch, or says why not: wants_ is then what is needed for the next, or 0 at the stop.
bool SegmentScan::accept(const Slice& rest, std::vector<ScannedBatch>& found) {
  const std::uint64_t rest_of_file = file_size_ - position_;
  if (rest_of_file < kBatchHeaderBytes) {
    stop_ = "the last " + std::to_string(rest_of_file) + " bytes are no batch header";
    wants_ = 0;
    return false;
  }
  if (rest.size() < kBatchHeaderBytes) return false;
  const BatchHeader header = read_batch_header(rest);
  stop_ = complaint(header, rest_of_file, next_offset_, end_);
  if (stop_.empty() && rest.size() < header.size()) {
    wants_ = std::max(wants_, header.size());
    return false;
  }
  if (stop_.empty()) {
    RecordBatch batch{header, rest.subslice(0, header.size())};
    if (crc_is_right(batch)) {
      found.push_back({std::move(batch), position_});
      position_ += header.size();
      next_offset_ = header.next_offset();
      return true;
    }
    stop_ = "the checksum does not match";
  }
  wants_ = 0;
  return false;
}

SegmentContent scan_segment(const Slice& segment, Offset base) {
  SegmentContent content;
  SegmentScan scan(segment.size(),
                   {.position = 0, .offset = base, .end = SegmentScan::farthest(base)});
  while (scan.wants() > 0) {
    scan.feed(segment.subslice(static_cast<std::size_t>(scan.position()), scan.wants()),
              content.batches);
  }
  content.valid_bytes = scan.position();
  content.next_offset = scan.next_offset();
  content.stop = scan.stop();
  return content;
}

}  // namespace weir
