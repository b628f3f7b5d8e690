// LogConfig: what may be set for a partition log, by Kafka's names and with Kafka's defaults.
//
// The names in the comments are those of topic configurations (the broker-wide default of
// "segment.bytes" is called log.segment.bytes, and so on). Limits below Kafka's minimum, such as
// segments of a few hundred bytes, are legal here: small limits make rare moments frequent.
#pragma once

#include <cstdint>
#include <limits>

namespace weir {

enum class TimestampType : std::uint8_t { create_time, log_append_time };

struct CleanupPolicy {
  bool remove = true;    // "delete"
  bool compact = false;  // "compact": records must have keys, and gaps between offsets are legal
};

struct LogConfig {
  static constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

  std::int64_t segment_bytes = std::int64_t{1} << 30;   // segment.bytes
  std::int64_t segment_ms = 7LL * 24 * 3600 * 1000;     // segment.ms
  std::int32_t segment_index_bytes = 10 * 1024 * 1024;  // segment.index.bytes
  std::int32_t index_interval_bytes = 4096;             // index.interval.bytes
  std::int32_t max_message_bytes = 1048588;             // max.message.bytes (message.max.bytes)
  TimestampType timestamp_type = TimestampType::create_time;  // message.timestamp.type
  std::int64_t timestamp_before_max_ms = kForever;            // message.timestamp.before.max.ms
  std::int64_t timestamp_after_max_ms = 3600 * 1000;          // message.timestamp.after.max.ms
  std::int64_t retention_ms = 7LL * 24 * 3600 * 1000;         // retention.ms, -1 = without limit
  std::int64_t retention_bytes = -1;                          // retention.bytes, -1 = without limit
  std::int64_t flush_messages = kForever;                     // flush.messages; 1 = sync before ack
  std::int64_t flush_ms = kForever;                           // flush.ms
  CleanupPolicy cleanup_policy;                               // cleanup.policy
  // min.cleanable.dirty.ratio in millionths, since decisions know no fractions.
  std::int32_t min_cleanable_dirty_ppm = 500'000;
  std::int64_t min_compaction_lag_ms = 0;                  // min.compaction.lag.ms
  std::int64_t max_compaction_lag_ms = kForever;           // max.compaction.lag.ms
  std::int64_t delete_retention_ms = 24LL * 3600 * 1000;   // delete.retention.ms
  std::int64_t file_delete_delay_ms = 60'000;              // file.delete.delay.ms
  std::int64_t dedupe_buffer_bytes = 128LL * 1024 * 1024;  // log.cleaner.dedupe.buffer.size
  // How many offsets a segment may span. The indexes hold them in 31 bits; smaller only for tests.
  std::int64_t segment_offset_span = std::numeric_limits<std::int32_t>::max();
  std::int64_t producer_id_expiration_ms = 24LL * 3600 * 1000;  // producer.id.expiration.ms
  // compression.type is always "producer": a batch is kept in the codec it came in.
};

}  // namespace weir
