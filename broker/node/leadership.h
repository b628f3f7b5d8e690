// Who leads a partition, as a request must know before it touches the log: Kafka's checks, in
// Kafka's order (existence, leader epoch, leadership).
#pragma once

#include <memory>
#include <string_view>

#include "broker/node/partition.h"
#include "broker/wire/error_code.h"

namespace weir {

struct Node;

struct Leadership {
  ErrorCode error = ErrorCode::none;     // why this broker does not serve the partition
  std::shared_ptr<Partition> partition;  // with a leader(), where it does
  // Who leads as far as this broker knows; id -1: nobody.
  BrokerId leader{-1};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

// `known` is the epoch that the asker believes in: older is FENCED_LEADER_EPOCH, newer
// UNKNOWN_LEADER_EPOCH; kNoLeaderEpoch is not checked. What this broker acts upon counts, where it
// has a replica; the image may be a moment behind.
[[nodiscard]] Leadership find_leader(const Node& node, std::string_view topic, std::int32_t index,
                                     LeaderEpoch known);

// With these errors the asker is told who leads now (KIP-951).
[[nodiscard]] bool tells_leader(ErrorCode error);

// KIP-951's list of endpoints: each leader that was named, once. NodeEndpoint is that of the
// response.
template <class NodeEndpoint>
void add_endpoint(const Node& node, BrokerId leader, std::vector<NodeEndpoint>& endpoints);

}  // namespace weir
