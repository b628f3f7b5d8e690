// Between Fetcher and the wire: its effects as requests, the responses as its inputs.
#pragma once

#include <vector>

#include "broker/client/fetcher.h"
#include "broker/wire/messages/fetch.h"
#include "broker/wire/messages/list_offsets.h"
#include "broker/wire/messages/offset_for_leader_epoch.h"

namespace weir {

// From this version on Fetch names topics by id alone.
inline constexpr std::int16_t kFetchByIdFrom = 13;

struct FetchMessage {
  FetchRequest request;
  std::int16_t max_version = 0;  // lower where an id is not known
};
// Without a fetch session: every request is complete in itself.
[[nodiscard]] FetchMessage make_fetch_request(const FetcherEffects::Fetch& fetch,
                                              const ConsumerOptions& options,
                                              const MetadataCache& metadata);

// The answers for the targets asked; topics come back by name or by id. An error of the whole
// request is told for each.
[[nodiscard]] std::vector<FetchAnswer> answers_of(const FetchResponse& response,
                                                  const FetchRequest& request);
void learn_leaders(const FetchResponse& response, const FetchRequest& request,
                   MetadataCache& metadata);

[[nodiscard]] ListOffsetsRequest make_list_offsets_request(
    const std::vector<FetcherEffects::Query>& queries, IsolationLevel isolation);
[[nodiscard]] std::vector<OffsetAnswer> answers_of(const ListOffsetsResponse& response);

[[nodiscard]] OffsetForLeaderEpochRequest make_validation_request(
    const std::vector<FetcherEffects::Position>& positions);
[[nodiscard]] std::vector<EpochAnswer> answers_of(const OffsetForLeaderEpochResponse& response);

}  // namespace weir
