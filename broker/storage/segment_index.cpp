// Building, searching and storing the two indexes of a segment.
#include "broker/storage/segment_index.h"

#include <algorithm>
#include <limits>

#include "broker/wire/reader.h"
#include "broker/wire/writer.h"

namespace weir {
namespace {

constexpr std::size_t kOffsetEntryBytes = 8;
constexpr std::size_t kTimeEntryBytes = 12;

}  // namespace

SegmentIndex::SegmentIndex(Offset base, std::int32_t interval_bytes)
    : base_(base), interval_bytes_(interval_bytes) {}

void SegmentIndex::note(const BatchHeader& header, std::uint64_t position) {
  const WallTime timestamp{header.max_timestamp};
  if (timestamp > max_timestamp_) {
    max_timestamp_ = timestamp;
    offset_of_max_timestamp_ = header.last_offset();
  }
  if (bytes_since_entry_ > static_cast<std::uint64_t>(interval_bytes_) &&
      position <= std::numeric_limits<std::int32_t>::max()) {
    offsets_.push_back({header.last_offset(), static_cast<std::uint32_t>(position)});
    finish();
    bytes_since_entry_ = 0;
  }
  bytes_since_entry_ += header.size();
  recent_.push_back({header.last_offset(), position});
  if (recent_.size() > kRecentBatches) recent_.pop_front();
}

void SegmentIndex::finish() {
  if (max_timestamp_.ms < 0) return;
  if (times_.empty() || times_.back().timestamp < max_timestamp_) {
    times_.push_back({max_timestamp_, offset_of_max_timestamp_});
  }
}

std::uint64_t SegmentIndex::position_before(Offset offset) const {
  // What lies before the first of the recent ones may reach up to it.
  const auto batch = std::ranges::lower_bound(recent_, offset, {}, &RecentBatch::last);
  if (batch != recent_.begin() && batch != recent_.end()) return batch->position;
  const auto after = std::ranges::upper_bound(offsets_, offset, {}, &OffsetEntry::offset);
  return after == offsets_.begin() ? 0 : std::prev(after)->position;
}

Offset SegmentIndex::offset_before(WallTime timestamp) const {
  const auto not_older = std::ranges::lower_bound(times_, timestamp, {}, &TimeEntry::timestamp);
  return not_older == times_.begin() ? base_ - 1 : std::prev(not_older)->offset;
}

bool SegmentIndex::full(std::int32_t segment_index_bytes) const {
  const auto room = static_cast<std::size_t>(std::max(segment_index_bytes, 0));
  return (offsets_.size() + 1) * kOffsetEntryBytes > room ||
         (times_.size() + 1) * kTimeEntryBytes > room;
}

Slice SegmentIndex::encode_offsets() const {
  Buffer buffer(offsets_.size() * kOffsetEntryBytes);
  for (const OffsetEntry& entry : offsets_) {
    store_be32(buffer.extend(4), static_cast<std::uint32_t>(entry.offset - base_));
    store_be32(buffer.extend(4), entry.position);
  }
  return std::move(buffer).share();
}

Slice SegmentIndex::encode_times() const {
  Buffer buffer(times_.size() * kTimeEntryBytes);
  for (const TimeEntry& entry : times_) {
    store_be64(buffer.extend(8), static_cast<std::uint64_t>(entry.timestamp.ms));
    store_be32(buffer.extend(4), static_cast<std::uint32_t>(entry.offset - base_));
  }
  return std::move(buffer).share();
}

Result<void> SegmentIndex::decode(Bytes offsets, Bytes times, std::uint64_t segment_size) {
  Result<void> done = decode_offsets(offsets, segment_size);
  if (done) done = decode_times(times);
  if (!done) *this = SegmentIndex(base_, interval_bytes_);
  return done;
}

Result<void> SegmentIndex::decode_offsets(Bytes bytes, std::uint64_t segment_size) {
  if (bytes.size() % kOffsetEntryBytes != 0) return Errc::malformed;
  Reader reader(Slice::borrowed(bytes));
  while (reader.remaining() > 0) {
    const std::int32_t relative = reader.int32();
    const std::int32_t position = reader.int32();
    if (relative < 0 || position <= 0) return Errc::malformed;
    const OffsetEntry entry{base_ + relative, static_cast<std::uint32_t>(position)};
    const bool ascends = offsets_.empty() || (offsets_.back().offset < entry.offset &&
                                              offsets_.back().position < entry.position);
    if (!ascends || entry.position >= segment_size) return Errc::malformed;
    offsets_.push_back(entry);
  }
  return {};
}

Result<void> SegmentIndex::decode_times(Bytes bytes) {
  if (bytes.size() % kTimeEntryBytes != 0) return Errc::malformed;
  Reader reader(Slice::borrowed(bytes));
  while (reader.remaining() > 0) {
    const TimeEntry entry{WallTime{reader.int64()}, base_ + reader.int32()};
    if (entry.timestamp.ms < 0 || entry.offset < base_) return Errc::malformed;
    const bool ascends = times_.empty() || (times_.back().timestamp < entry.timestamp &&
                                            times_.back().offset < entry.offset);
    if (!ascends) return Errc::malformed;
    times_.push_back(entry);
  }
  if (!times_.empty()) {
    max_timestamp_ = times_.back().timestamp;
    offset_of_max_timestamp_ = times_.back().offset;
  }
  return {};
}

}  // namespace weir
