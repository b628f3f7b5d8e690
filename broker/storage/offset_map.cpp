// Taking in batches until the memory is used up.
#include "broker/storage/offset_map.h"

#include <algorithm>

#include "broker/base/hash.h"

namespace weir {

std::size_t OffsetMap::Hash::operator()(std::string_view key) const {
  return static_cast<std::size_t>(hash_text(key));
}

Result<bool> OffsetMap::add(const RecordBatch& batch, bool passed_over, Codecs& codecs) {
  if (full_) return false;
  if (!passed_over) {
    Result<RecordReader> reader = RecordReader::open(batch, codecs);
    if (!reader) return {boost::system::in_place_error, reader.error()};
    Record record;
    while (true) {
      const Result<bool> more = reader->next(record);
      if (!more) return more;
      if (!*more) break;
      if (record.offset < from_ || !record.key) continue;
      const std::string_view key = as_text(*record.key);
      const auto known = latest_.find(key);
      if (known != latest_.end()) {
        known->second = record.offset;
      } else {
        const std::size_t takes = key.size() + kEntryBytes;
        if (takes > room_ && !latest_.empty()) {
          full_ = true;
          end_ = std::max(end_, record.offset);
          return false;
        }
        room_ -= std::min(room_, takes);
        latest_.emplace(key, record.offset);
      }
      end_ = std::max(end_, record.offset + 1);
    }
  }
  end_ = std::max(end_, batch.header.next_offset());
  return true;
}

void OffsetMap::reach(Offset end) {
  if (!full_) end_ = std::max(end_, end);
}

Offset OffsetMap::latest(Bytes key) const {
  const auto found = latest_.find(as_text(key));
  return found == latest_.end() ? Offset{-1} : found->second;
}

}  // namespace weir
