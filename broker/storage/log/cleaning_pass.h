// What one pass of a cleaning knows and counts; private to compact.cpp and clean_group.cpp.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "broker/storage/batch_cleaner.h"
#include "broker/storage/log/log_segment.h"

namespace weir {

struct CleaningPass {
  static constexpr Offset kNowhere{std::numeric_limits<std::int64_t>::max()};

  CleaningPass(Offset first_dirty, Offset limit, std::size_t memory_bytes)
      : from(first_dirty), decided(limit), keys(first_dirty, memory_bytes) {}

  Offset from;
  Offset decided;  // the transactions of all batches below it are decided
  std::vector<std::shared_ptr<LogSegment>> segments;  // those that begin below it
  TransactionScan transactions;
  OffsetMap keys;
  std::optional<BatchCleaner> cleaner = {};
  bool changed = false;  // of the group at hand
  std::int64_t removed = 0;
};

}  // namespace weir
