// One phrase for people about a request: "Produce v12 orders-0 1 batch 10 records".
//
// For facts, logs and the stories that a run tells; short, never the contents.
#pragma once

#include <string>

#include "broker/wire/request_header.h"
#include "broker/wire/served.h"

namespace weir {

// At most so many topics or partitions are named; the rest is counted.
inline constexpr std::size_t kMaxNamedInPhrase = 3;

struct AllocateProducerIdsRequest;
struct AlterPartitionRequest;
struct BeginQuorumEpochRequest;
struct BrokerHeartbeatRequest;
struct BrokerRegistrationRequest;
struct CreatePartitionsRequest;
struct DeleteRecordsRequest;
struct ElectLeadersRequest;
struct EndQuorumEpochRequest;
struct FetchSnapshotRequest;
struct OffsetForLeaderEpochRequest;
struct VoteRequest;

[[nodiscard]] std::string describe_request(const ApiVersionsRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const CreateTopicsRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const DeleteTopicsRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const FetchRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const FindCoordinatorRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const InitProducerIdRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const ListOffsetsRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const MetadataRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const ProduceRequest&, std::int16_t version);

// Between the nodes of a cluster, and of administrators.
[[nodiscard]] std::string describe_request(const AllocateProducerIdsRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const AlterPartitionRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const BeginQuorumEpochRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const BrokerHeartbeatRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const BrokerRegistrationRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const CreatePartitionsRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const DeleteRecordsRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const ElectLeadersRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const EndQuorumEpochRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const FetchSnapshotRequest&, std::int16_t version);
[[nodiscard]] std::string describe_request(const OffsetForLeaderEpochRequest&,
                                           std::int16_t version);
[[nodiscard]] std::string describe_request(const VoteRequest&, std::int16_t version);

// All others: API and version.
template <class Request>
[[nodiscard]] std::string describe_request(const Request&, std::int16_t version) {
  return std::string(name_of(Request::kApi)) + " v" + std::to_string(version);
}

// The same for a request that was not decoded yet; for one that cannot be decoded, API, version and
// size.
[[nodiscard]] std::string describe_request(const ReceivedRequest&);

}  // namespace weir
