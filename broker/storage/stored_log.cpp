// The reading back: by name of file, batch by batch, every record as a value.
#include "broker/storage/stored_log.h"

#include <algorithm>

#include "broker/base/record_digest.h"
#include "broker/storage/file_names.h"
#include "broker/storage/segment_scan.h"
#include "broker/wire/records.h"

namespace weir {
namespace {

std::int32_t sequence_of(const BatchHeader& batch, Offset offset) {
  if (batch.base_sequence < 0) return -1;
  const std::int64_t sequence = batch.base_sequence + (offset - batch.base_offset);
  return static_cast<std::int32_t>(sequence & 0x7fffffff);  // 2147483647 is followed by 0
}

StoredRecord describe_record(const BatchHeader& batch, const Record& record) {
  StoredRecord stored;
  stored.offset = record.offset;
  stored.epoch = batch.partition_leader_epoch;
  stored.producer = batch.producer_id;
  stored.producer_epoch = batch.producer_epoch;
  stored.sequence = sequence_of(batch, record.offset);
  stored.timestamp = WallTime{record.timestamp};
  stored.codec = static_cast<std::uint8_t>(batch.compression());
  stored.control = batch.is_control();
  stored.null_key = !record.key.has_value();
  stored.null_value = !record.value.has_value();
  const Bytes key = record.key.value_or(Bytes{});
  const Bytes value = record.value.value_or(Bytes{});
  stored.digest = record_digest(key, value);
  stored.key_bytes = static_cast<std::uint32_t>(key.size());
  stored.value_bytes = static_cast<std::uint32_t>(value.size());
  stored.headers.reserve(record.headers.size());
  for (const RecordHeader& header : record.headers) {
    StoredHeader& copy = stored.headers.emplace_back();
    copy.key = header.key;
    if (header.value) copy.value = as_text(*header.value);
  }
  return stored;
}

// Appends the records of one batch; says what is wrong with them, if anything.
std::string read_records(const RecordBatch& batch, Codecs& codecs,
                         std::vector<StoredRecord>& records) {
  Result<RecordReader> reader = RecordReader::open(batch, codecs);
  if (!reader) return "the records cannot be uncompressed: " + reader.error().message();
  Record record;
  while (true) {
    const Result<bool> more = reader->next(record);
    if (!more) return "a record cannot be read: " + more.error().message();
    if (!*more) return {};
    records.push_back(describe_record(batch.header, record));
  }
}

}  // namespace

std::string_view StoredRecord::header(std::string_view key) const {
  const auto found = std::find_if(headers.rbegin(), headers.rend(),
                                  [key](const StoredHeader& h) { return h.key == key; });
  return found == headers.rend() ? std::string_view{} : std::string_view{found->value};
}

bool tells_of_records(std::string_view name) {
  return name == kLogStartCheckpointName || parse_log_file_name(name).kind == LogFileKind::segment;
}

StoredLog read_stored_log(const std::map<std::string, Slice, std::less<>>& files) {
  StoredLog log;
  Codecs codecs;
  // A cleaned segment counts from its .swap on; it covers all segments that begin before its end.
  std::map<Offset, std::pair<std::string_view, Slice>> segments;
  for (const auto& [name, bytes] : files) {
    const LogFileName parsed = parse_log_file_name(name);
    if (parsed.kind != LogFileKind::segment) continue;
    if (parsed.leftover == Leftover::swap)
      segments.insert_or_assign(parsed.offset, std::pair{name, bytes});
    if (parsed.leftover == Leftover::none) segments.try_emplace(parsed.offset, name, bytes);
  }
  Offset next{0};
  Offset covered_below{0};
  for (const auto& [base, file] : segments) {
    if (base < covered_below) continue;
    const auto& [name, bytes] = file;
    const SegmentContent content = scan_segment(bytes, std::max(base, next));
    const std::string where = std::string(name) + " at byte ";
    for (const ScannedBatch& scanned : content.batches) {
      const std::string wrong = read_records(scanned.batch, codecs, log.records);
      if (wrong.empty()) continue;
      log.damage.push_back(where + std::to_string(scanned.position) + ": " + wrong);
    }
    if (!content.stop.empty()) {
      log.damage.push_back(where + std::to_string(content.valid_bytes) + ": " + content.stop);
    }
    next = content.next_offset;
    if (name.ends_with(kSwapSuffix)) covered_below = next;
  }
  if (const auto checkpoint = files.find(kLogStartCheckpointName); checkpoint != files.end()) {
    log.log_start = decode_offset_checkpoint(checkpoint->second.text()).value_or(Offset{0});
  }
  if (log.log_start == Offset{0}) return log;
  std::erase_if(log.records, [&log](const StoredRecord& r) { return r.offset < log.log_start; });
  return log;
}

}  // namespace weir
