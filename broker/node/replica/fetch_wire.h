// Rounds of the fetch plan as Kafka's Fetch, and its answers back; likewise the question where a
// leader's log starts and ends (ListOffsets as a replica).
//
// Topics go by their ids (Fetch v13). The watermark that the follower knows is not told: as in
// Kafka that is for the metadata log alone (KIP-1166), and a follower learns of an advance with the
// next records or when its fetch has waited long enough. An answer for a partition that was not
// asked for is passed over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/node/partition.h"
#include "broker/replica/fetch_plan.h"
#include "broker/wire/messages/fetch.h"
#include "broker/wire/messages/list_offsets.h"

namespace weir {

// What a round does not say of itself.
struct ReplicaFetchContext {
  BrokerId self;
  BrokerEpoch epoch = kUnknownBrokerEpoch;
  std::vector<std::string> topics;  // names: one for each row of parts of one topic
};

[[nodiscard]] FetchRequest to_wire(const ReplicaFetchRound& round, const ReplicaFetchLimits& limits,
                                   const ReplicaFetchContext& context);

// What was answered of each part of the round; what was not is not in it.
using FetchedParts = std::vector<std::optional<FetchedPart>>;
[[nodiscard]] FetchedParts from_wire(FetchResponse response, const ReplicaFetchRound& round);

inline constexpr std::int64_t kEarliestTimestamp = -2;
inline constexpr std::int64_t kLatestTimestamp = -1;
[[nodiscard]] ListOffsetsRequest ends_request(BrokerId self, const std::string& topic,
                                              std::int32_t index, LeaderEpoch epoch,
                                              std::int64_t timestamp);
struct EndAnswer {
  ErrorCode error = ErrorCode::none;
  Offset offset = kUnknownOffset;
};
[[nodiscard]] EndAnswer from_wire(const ListOffsetsResponse& response, std::int32_t index);

}  // namespace weir
