// One round of a fetch: every partition that is asked for is read once, within the limits.
//
// The limits are Kafka's (KIP-74): max_bytes for the response and partition_max_bytes for each
// partition, but the first batch of the first partition that has any comes whole, however large, so
// that a consumer always gets on.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "broker/node/dispatch.h"
#include "broker/node/partition.h"
#include "broker/wire/messages/fetch.h"

namespace weir {

struct FetchRound {
  // A partition that was read, and how far its appends had come before.
  struct Read {
    std::shared_ptr<Partition> partition;
    std::uint64_t appended_before = 0;
    Offset first_offset{0};
    Offset next_offset{0};
    Offset bound{0};
  };

  FetchResponse response;
  std::vector<Read> reads;
  std::size_t bytes = 0;
  bool answer_now = false;  // an error or a divergence was met: waiting would not help

  // The bytes that a further round would probably find.
  [[nodiscard]] std::uint64_t bytes_by_now() const;
  // A partition went away since.
  [[nodiscard]] bool is_stale() const;
};

[[nodiscard]] Task<FetchRound> fetch_once(Node& node, const FetchRequest& request,
                                          std::int16_t version);

}  // namespace weir
