// The checks in Kafka's order: shape, magic, checksum, header, then every record.
#include "broker/wire/produce_check.h"

#include <array>
#include <span>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kShapesAtOnce = 64;

CheckedBatch refuse(ErrorCode error, std::string why) { return {error, std::move(why), {}}; }

CheckedBatch refuse_shape(Errc e, std::size_t size) {
  if (e == Errc::unsupported) {
    return refuse(ErrorCode::unsupported_for_message_format,
                  "magic 0 and 1 are not accepted: send record batches of magic 2");
  }
  if (e == Errc::truncated) {
    return refuse(ErrorCode::corrupt_message,
                  "the batch is longer than the " + std::to_string(size) + " bytes sent");
  }
  return refuse(ErrorCode::corrupt_message, "these bytes are no record batch");
}

// Null where the header is fine.
const char* why_bad_header(const BatchHeader& h) {
  if (h.record_count < 1) return "a batch without records";
  if (h.is_control()) return "clients may not write control records";
  if (h.last_offset_delta != h.record_count - 1) return "offsets of the batch are not 0..n-1";
  if (h.has(BatchHeader::kDeleteHorizonBit)) return "clients may not set the delete horizon";
  if (!h.has_producer() && h.is_transactional()) return "transactional, but without producer id";
  if (h.has_producer() && (h.producer_epoch.value() < 0 || h.base_sequence < 0)) {
    return "a producer id, but no epoch or sequence";
  }
  return nullptr;
}

bool timestamp_is_fine(std::int64_t timestamp, const ProduceLimits& limits, WallTime now) {
  if (limits.log_append_time || timestamp == -1) return true;
  std::int64_t age = 0;
  if (__builtin_sub_overflow(now.ms, timestamp, &age)) return false;
  return age <= limits.timestamp_before_max_ms && age >= -limits.timestamp_after_max_ms;
}

std::string numbered(std::int32_t i) { return "record " + std::to_string(i); }

bool is_fine(const RecordShape& record, Offset wanted, const ProduceLimits& limits, WallTime now) {
  return record.offset == wanted && (record.has_key || !limits.keys_required) &&
         timestamp_is_fine(record.timestamp, limits, now);
}

// Why it is not fine.
CheckedBatch refuse_record(const RecordShape& record, std::int32_t i, const BatchHeader& header,
                           const ProduceLimits& limits, WallTime now) {
  if (record.offset != header.base_offset + i) {
    return refuse(ErrorCode::invalid_record,
                  numbered(i) + " does not have offset " + std::to_string(i));
  }
  if (limits.keys_required && !record.has_key) {
    return refuse(ErrorCode::invalid_record,
                  numbered(i) + " has no key, and the topic is compacted");
  }
  return refuse(ErrorCode::invalid_timestamp,
                numbered(i) + " has timestamp " + std::to_string(record.timestamp) +
                    ", too far from the broker's " + std::to_string(now.ms));
}

CheckedBatch check_records(RecordBatch batch, const ProduceLimits& limits, WallTime now,
                           Codecs& codecs) {
  Result<RecordReader> reader = RecordReader::open(batch, codecs, limits.max_uncompressed_bytes);
  if (!reader) {
    const bool large = reader.error() == Errc::too_large;
    return refuse(
        large ? ErrorCode::message_too_large : ErrorCode::corrupt_message,
        large ? "the records are too large uncompressed" : "the records cannot be decompressed");
  }
  std::array<RecordShape, kShapesAtOnce> shapes;
  std::int32_t i = 0;
  for (;;) {
    const Result<std::size_t> found = reader->next_shapes(shapes);
    if (!found) return refuse(ErrorCode::corrupt_message, numbered(i) + " is malformed");
    if (*found == 0) break;
    for (const RecordShape& record : std::span(shapes).first(*found)) {
      const Offset wanted = batch.header.base_offset + i;
      if (!is_fine(record, wanted, limits, now)) {
        return refuse_record(record, i, batch.header, limits, now);
      }
      ++i;
    }
  }
  return {ErrorCode::none, {}, std::move(batch)};
}

}  // namespace

CheckedBatch check_produced(const Slice& records, std::int16_t api_version,
                            const ProduceLimits& limits, WallTime now, Codecs& codecs) {
  constexpr std::int16_t kFirstVersionWithZstd = 7;
  if (records.empty()) return refuse(ErrorCode::invalid_record, "no record batch was sent");
  Result<RecordBatch> batch = parse_batch(records);
  if (!batch) return refuse_shape(static_cast<Errc>(batch.error().value()), records.size());
  if (batch->size() < records.size()) {
    return refuse(ErrorCode::invalid_record, "more than one record batch for a partition");
  }
  if (batch->size() > static_cast<std::size_t>(limits.max_batch_bytes)) {
    return refuse(ErrorCode::message_too_large, "the batch has " + std::to_string(batch->size()) +
                                                    " bytes, the limit is " +
                                                    std::to_string(limits.max_batch_bytes));
  }
  if (!crc_is_right(*batch)) return refuse(ErrorCode::corrupt_message, "the checksum is wrong");
  if (const char* why = why_bad_header(batch->header)) {
    return refuse(ErrorCode::invalid_record, why);
  }
  const Compression codec = batch->header.compression();
  if (codec > Compression::zstd) {
    return refuse(ErrorCode::unsupported_compression_type, "no such compression codec");
  }
  if (codec == Compression::zstd && api_version < kFirstVersionWithZstd) {
    return refuse(ErrorCode::unsupported_compression_type, "zstd needs Produce version 7");
  }
  return check_records(std::move(*batch), limits, now, codecs);
}

}  // namespace weir
