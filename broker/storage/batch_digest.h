// The digest of a stored batch, over what its checksum covers: attributes to end.
//
// Offset and leader epoch are left out, so that a leader's append, a follower's copy and the same
// batch read back have one digest.
#pragma once

#include "broker/base/hash.h"
#include "broker/wire/record_batch.h"

namespace weir {

// `header`: the first 61 bytes of the batch, `records`: all bytes after them.
[[nodiscard]] inline std::uint64_t batch_digest(Bytes header, Bytes records) {
  return hash_bytes(records, hash_bytes(header.subspan(kBatchCrcFrom)));
}

}  // namespace weir
