// CRC-32C (Castagnoli), the checksum of record batch v2: the machine's instruction where it has
// one.
#pragma once

#include <cstdint>

#include "broker/base/bytes.h"

namespace weir {

// The checksum of `bytes`; pass a former result as `crc` to continue it over further bytes.
[[nodiscard]] std::uint32_t crc32c(Bytes bytes, std::uint32_t crc = 0);

// The same by table, whatever the machine; for tests and as the fallback.
[[nodiscard]] std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t crc = 0);

}  // namespace weir
