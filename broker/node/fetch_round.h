// One round of a fetch: every partition that is asked for is read once, within the limits.
//
// Consumers read up to the high watermark; replicas up to the log end, and what they ask for tells
// the leader what they hold. The limits are Kafka's (KIP-74): max_bytes for the response and
// partition_max_bytes for each partition, but the first batch of the first partition that has any
// comes whole, however large, so that a consumer always gets on.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "broker/node/dispatch.h"
#include "broker/node/partition.h"
#include "broker/wire/messages/fetch.h"

namespace weir {

struct FetchRound {
  // A partition that was read, and how it was then.
  struct Read {
    std::shared_ptr<Partition> partition;
    std::uint64_t office = 0;
    std::uint64_t bytes_before = 0;
    Offset first_offset{0};
    Offset next_offset{0};
    Offset bound{0};
    bool for_replica = false;
    // What the replica knows, and must be told when it moves (KIP-1166, DeleteRecords).
    Offset known_high_watermark{std::numeric_limits<std::int64_t>::max()};
    Offset known_log_start{std::numeric_limits<std::int64_t>::max()};

    [[nodiscard]] std::uint64_t bytes_since() const;
    [[nodiscard]] bool has_news() const;
    // The office has changed: what was found there must be judged anew.
    [[nodiscard]] bool is_stale() const;
  };

  FetchResponse response;
  std::vector<Read> reads;
  std::size_t bytes = 0;
  bool answer_now = false;  // an error or a divergence was met: waiting would not help

  // The bytes that a further round would probably find.
  [[nodiscard]] std::uint64_t bytes_by_now() const;
  [[nodiscard]] bool has_news() const;
  [[nodiscard]] bool is_stale() const;
};

// `counts`: the positions of a replica are told to the leader; once a request.
[[nodiscard]] Task<FetchRound> fetch_once(Node& node, const FetchRequest& request,
                                          std::int16_t version, bool counts);

}  // namespace weir
