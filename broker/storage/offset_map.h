// OffsetMap: the latest offset of each key in the dirty part of a log, in bounded memory.
//
// Whole keys are kept, not their hashes, so that no collision ever deletes a record. When the
// memory is used up the map simply ends earlier: what is behind end() is left to another pass.
// Control batches and batches of aborted transactions are passed over (KAFKA-14055), but move the
// end (KAFKA-6854).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/wire/records.h"

namespace weir {

class OffsetMap {
 public:
  // What one key takes beside its own bytes, about.
  static constexpr std::size_t kEntryBytes = 64;

  // Knows nothing yet, up to `from`. One key fits, however small the memory.
  OffsetMap(Offset from, std::size_t memory_bytes) : from_(from), end_(from), room_(memory_bytes) {}

  // Takes in the next batch in the order of offsets. `passed_over`: a control batch, or one of an
  // aborted transaction. Yields false, from then on, when the map is full; its end may then lie
  // inside the batch. Errors: as of RecordReader.
  [[nodiscard]] Result<bool> add(const RecordBatch& batch, bool passed_over, Codecs& codecs);
  // All below is known though no batch says so: the offsets up to there are gaps.
  void reach(Offset end);

  // Exclusive: the records below it are judged by this map.
  [[nodiscard]] Offset end() const { return end_; }
  [[nodiscard]] bool full() const { return full_; }
  // The latest offset of that key in the dirty part; -1 where there is none.
  [[nodiscard]] Offset latest(Bytes key) const;
  [[nodiscard]] std::size_t keys() const { return latest_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const;
  };

  Offset from_;
  Offset end_;
  std::size_t room_;
  bool full_ = false;
  // Looked up only, never walked through: its order does not matter.
  std::unordered_map<std::string, Offset, Hash, std::equal_to<>> latest_;
};

}  // namespace weir
