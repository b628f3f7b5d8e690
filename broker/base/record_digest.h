// The digest by which a record is recognised in facts, histories and logs read back from disk.
//
// One function for everybody who writes or checks it: the client that sends, the client that polls
// and the reader of logs must agree, and a record that is equal in key and value has one digest.
// Timestamps and headers are left out: a broker or a serializer may rewrite them.
#pragma once

#include <cstdint>
#include <string_view>

#include "broker/base/bytes.h"
#include "broker/base/hash.h"

namespace weir {

// The record header that carries the identity ("P1:17") of a recorded client's record.
inline constexpr std::string_view kIdentityHeader = "weir-id";

// Null and empty are alike here.
[[nodiscard]] inline std::uint64_t record_digest(Bytes key, Bytes value) {
  return hash_bytes(value, hash_bytes(key));
}

// Of a key that there is: by it records of a compacted topic take each other's place. Never 0.
[[nodiscard]] inline std::uint64_t key_digest(Bytes key) {
  const std::uint64_t digest = hash_bytes(key);
  return digest == 0 ? 1 : digest;
}

}  // namespace weir
