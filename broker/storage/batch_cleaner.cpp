// The judgement of batches and records, in Kafka's order of rules, and the rewriting of what loses
// some of its records.
#include "broker/storage/batch_cleaner.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "broker/base/crc32c.h"

namespace weir {
namespace {

std::optional<WallTime> delete_horizon(const BatchHeader& header) {
  if (!header.has(BatchHeader::kDeleteHorizonBit)) return std::nullopt;
  return WallTime{header.base_timestamp};
}

WallTime horizon_from(WallTime now, std::int64_t delete_retention_ms) {
  std::int64_t ms = 0;
  if (__builtin_add_overflow(now.ms, delete_retention_ms, &ms)) ms = INT64_MAX;
  return WallTime{ms};
}

// The batch without its records: who sent it, up to which sequence and offset, and when.
Slice emptied(BatchHeader header) {
  constexpr auto kKept = static_cast<std::int16_t>(
      BatchHeader::kLogAppendTimeBit | BatchHeader::kTransactionalBit | BatchHeader::kControlBit);
  header.attributes = static_cast<std::int16_t>(header.attributes & kKept);
  header.batch_length = static_cast<std::int32_t>(kBatchHeaderBytes - kBatchLengthEnd);
  header.base_timestamp = header.max_timestamp;
  header.record_count = 0;
  Buffer bytes;
  std::byte* const begin = bytes.extend(kBatchHeaderBytes);
  const std::span<std::byte, kBatchHeaderBytes> head(begin, kBatchHeaderBytes);
  write_batch_header(header, head);
  header.crc = crc32c(bytes.bytes().subspan(kBatchCrcFrom));
  write_batch_header(header, head);
  return std::move(bytes).share();
}

BatchOptions options_of(const BatchHeader& header) {
  BatchOptions options;
  options.compression = header.compression();
  options.base_offset = header.base_offset;
  options.partition_leader_epoch = header.partition_leader_epoch;
  options.producer_id = header.producer_id;
  options.producer_epoch = header.producer_epoch;
  options.base_sequence = header.base_sequence;
  options.transactional = header.is_transactional();
  options.control = header.is_control();
  options.last_offset_delta = header.last_offset_delta;
  if (header.is_log_append_time()) options.log_append_time = header.max_timestamp;
  return options;
}

Slice with_records(const BatchHeader& header, const std::vector<Record>& records,
                   std::optional<WallTime> horizon, Codecs& codecs) {
  RecordBatchBuilder builder;
  if (horizon) builder.set_delete_horizon(*horizon);
  for (const Record& record : records) {
    const std::int64_t delta = record.offset - header.base_offset;
    builder.append({.timestamp = record.timestamp,
                    .key = record.key,
                    .value = record.value,
                    .headers = record.headers,
                    .offset_delta = static_cast<std::int32_t>(delta)});
  }
  return builder.build(options_of(header), codecs);
}

}  // namespace

LastOfProducers last_of_producers(const ProducerStates& states) {
  LastOfProducers last;
  for (const auto& [producer, entry] : states.entries()) {
    LastOfProducer& of = last[producer];
    of.epoch = entry.epoch;
    if (!entry.batches.empty()) of.last_data_offset = entry.batches.back().last_offset;
  }
  return last;
}

bool BatchCleaner::is_last_of_producer(const BatchHeader& header) const {
  if (!header.has_producer()) return false;
  const auto found = pass_.producers.find(header.producer_id);
  if (found == pass_.producers.end()) return false;
  const LastOfProducer& last = found->second;
  if (last.last_data_offset >= Offset{0}) return header.last_offset() == last.last_data_offset;
  return header.is_control() && header.producer_epoch == last.epoch;
}

BatchCleaner::Verdict BatchCleaner::judge_marker(const RecordBatch& batch, Codecs& codecs) {
  const std::optional<ControlType> type = control_type(batch, codecs);
  if (!type || *type == ControlType::other) return {};
  const bool had_data = with_data_.erase(batch.header.producer_id) > 0;
  if (had_data) return {};
  const std::optional<WallTime> horizon = delete_horizon(batch.header);
  return {.discard_records = horizon && *horizon <= pass_.now, .marks_nothing = true};
}

BatchCleaner::Verdict BatchCleaner::judge_data(const BatchHeader& header) {
  if (!header.is_transactional()) return {};
  with_data_.insert(header.producer_id);
  return {.discard_records = pass_.transactions.aborted(header)};
}

bool BatchCleaner::stays(const BatchHeader& header, const Record& record) const {
  if (record.offset >= pass_.latest.end()) return true;
  if (!record.key) return false;
  if (pass_.latest.latest(*record.key) > record.offset) return false;
  if (record.value) return true;
  const std::optional<WallTime> horizon = delete_horizon(header);
  return !horizon || pass_.now < *horizon;
}

Result<CleanedBatch> BatchCleaner::clean(const RecordBatch& batch, bool last_of_segment,
                                         Codecs& codecs) {
  const BatchHeader& header = batch.header;
  if (header.base_offset >= pass_.latest.end()) return CleanedBatch{.bytes = batch.bytes};
  const Verdict verdict = header.is_control() ? judge_marker(batch, codecs) : judge_data(header);
  const bool keep_empty = last_of_segment || is_last_of_producer(header);
  if (header.record_count == 0) {
    if (keep_empty) return CleanedBatch{.bytes = batch.bytes};
    return CleanedBatch{.bytes = {}, .changed = true};
  }
  return rebuild(batch, verdict, keep_empty, codecs);
}

Result<CleanedBatch> BatchCleaner::rebuild(const RecordBatch& batch, const Verdict& verdict,
                                           bool keep_empty, Codecs& codecs) const {
  const BatchHeader& header = batch.header;
  Result<RecordReader> reader = RecordReader::open(batch, codecs);
  if (!reader) return reader.error();
  std::vector<Record> kept;
  bool tombstones = false;
  Record record;
  Offset next = header.base_offset;
  while (!verdict.discard_records) {
    const Result<bool> more = reader->next(record);
    if (!more) return more.error();
    if (!*more) break;
    if (record.offset < next || record.offset > header.last_offset()) return Errc::malformed;
    next = record.offset + 1;
    if (!header.is_control() && !stays(header, record)) continue;
    tombstones = tombstones || (!header.is_control() && !record.value);
    kept.push_back(std::exchange(record, {}));
  }
  CleanedBatch cleaned;
  cleaned.removed = header.record_count - static_cast<std::int64_t>(kept.size());
  std::optional<WallTime> horizon = delete_horizon(header);
  // Not for a batch that is judged in part only: it would date tombstones whose older values are
  // still there.
  const bool judged = header.next_offset() <= pass_.latest.end();
  const bool dates = !horizon && judged && (tombstones || verdict.marks_nothing);
  if (kept.empty()) {
    cleaned.changed = true;
    if (keep_empty) cleaned.bytes = emptied(header);
  } else if (cleaned.removed == 0 && !dates) {
    cleaned.bytes = batch.bytes;
  } else {
    if (dates) horizon = horizon_from(pass_.now, pass_.delete_retention_ms);
    cleaned.changed = true;
    cleaned.bytes = with_records(header, kept, horizon, codecs);
  }
  return cleaned;
}

}  // namespace weir
