// Following the transactions of a log from batch to batch.
#include "broker/storage/transaction_scan.h"

#include <algorithm>

#include "broker/wire/reader.h"

namespace weir {

std::optional<ControlType> control_type(const RecordBatch& batch, Codecs& codecs) {
  if (!batch.header.is_control()) return std::nullopt;
  Result<RecordReader> reader = RecordReader::open(batch, codecs);
  if (!reader) return std::nullopt;
  Record record;
  const Result<bool> more = reader->next(record);
  if (!more || !*more || !record.key) return std::nullopt;
  Reader key(reader->share(*record.key));
  key.int16();  // version
  const std::int16_t type = key.int16();
  if (!key.ok()) return std::nullopt;
  if (type == static_cast<std::int16_t>(ControlType::abort)) return ControlType::abort;
  if (type == static_cast<std::int16_t>(ControlType::commit)) return ControlType::commit;
  return ControlType::other;
}

bool TransactionScan::add(const RecordBatch& batch, Codecs& codecs) {
  const BatchHeader& header = batch.header;
  if (!header.is_transactional()) return true;
  if (!header.is_control()) {
    open_.try_emplace(header.producer_id, header.base_offset);
    return true;
  }
  const auto open = open_.find(header.producer_id);
  const std::optional<ControlType> type = control_type(batch, codecs);
  if (open == open_.end() || !type || *type == ControlType::other) return true;
  if (*type == ControlType::abort) {
    if (aborted_.size() >= kMostAborted) return false;
    aborted_.emplace(std::pair{header.producer_id, header.base_offset}, open->second);
  }
  open_.erase(open);
  return true;
}

std::optional<Offset> TransactionScan::first_undecided() const {
  std::optional<Offset> first;
  for (const auto& [producer, offset] : open_) first = std::min(first.value_or(offset), offset);
  return first;
}

bool TransactionScan::aborted(const BatchHeader& header) const {
  if (!header.is_transactional() || header.is_control()) return false;
  const auto next = aborted_.lower_bound({header.producer_id, header.base_offset});
  if (next == aborted_.end() || next->first.first != header.producer_id) return false;
  return next->second <= header.base_offset;
}

}  // namespace weir
