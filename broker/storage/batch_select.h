// Chooses the whole batches of a chunk that a read may hand out.
//
// A chunk begins at a batch, somewhere at or before the one that is asked for, and may end in the
// middle of one. Only headers are looked at. A batch is handed out whole or not at all, and none
// that reaches to the bound or beyond it (KAFKA-9835).
#pragma once

#include <cstddef>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/result.h"

namespace weir {

struct ReadLimits {
  Offset from;   // the batch that contains it comes first
  Offset bound;  // exclusive
  std::size_t max_bytes = 0;
  bool at_least_one = false;  // the first batch comes even if it is larger than max_bytes
};

struct Selection {
  std::size_t begin = 0;  // what was chosen is [begin, end) of the chunk
  std::size_t end = 0;
  Offset first_offset{-1};
  Offset next_offset{-1};
  // Nothing was chosen, and nothing speaks against what follows: read on from `resume`, counted
  // from the beginning of the chunk, at least `resume_bytes`.
  bool more = false;
  std::size_t resume = 0;
  std::size_t resume_bytes = 0;
};

// Errors: malformed, where a batch should begin and none does.
[[nodiscard]] Result<Selection> select_batches(Bytes chunk, const ReadLimits& limits);

}  // namespace weir
