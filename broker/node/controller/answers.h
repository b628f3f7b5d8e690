// Answers of the controller's APIs as a whole: the answer that refuses everything that a request
// asks for, and the error that an answer carries for all of it.
//
// Kafka's AbstractRequest.getErrorResponse: where an API answers in places (topics, partitions,
// resources), every place gets the error.
#pragma once

#include <string_view>

#include "broker/wire/error_code.h"

namespace weir {

struct AllocateProducerIdsRequest;
struct AllocateProducerIdsResponse;
struct AlterConfigsRequest;
struct AlterConfigsResponse;
struct AlterPartitionReassignmentsRequest;
struct AlterPartitionReassignmentsResponse;
struct AlterPartitionRequest;
struct AlterPartitionResponse;
struct BrokerHeartbeatRequest;
struct BrokerHeartbeatResponse;
struct BrokerRegistrationRequest;
struct BrokerRegistrationResponse;
struct ControllerRegistrationRequest;
struct ControllerRegistrationResponse;
struct CreatePartitionsRequest;
struct CreatePartitionsResponse;
struct CreateTopicsRequest;
struct CreateTopicsResponse;
struct DeleteTopicsRequest;
struct DeleteTopicsResponse;
struct DescribeQuorumRequest;
struct DescribeQuorumResponse;
struct ElectLeadersRequest;
struct ElectLeadersResponse;
struct IncrementalAlterConfigsRequest;
struct IncrementalAlterConfigsResponse;
struct ListPartitionReassignmentsRequest;
struct ListPartitionReassignmentsResponse;
struct UnregisterBrokerRequest;
struct UnregisterBrokerResponse;
struct UpdateFeaturesRequest;
struct UpdateFeaturesResponse;

// `why` may be empty; then no message is told.
[[nodiscard]] AllocateProducerIdsResponse refuse(const AllocateProducerIdsRequest&, ErrorCode,
                                                 std::string_view why);
[[nodiscard]] AlterConfigsResponse refuse(const AlterConfigsRequest&, ErrorCode,
                                          std::string_view why);
[[nodiscard]] AlterPartitionReassignmentsResponse refuse(const AlterPartitionReassignmentsRequest&,
                                                         ErrorCode, std::string_view why);
[[nodiscard]] AlterPartitionResponse refuse(const AlterPartitionRequest&, ErrorCode,
                                            std::string_view why);
[[nodiscard]] BrokerHeartbeatResponse refuse(const BrokerHeartbeatRequest&, ErrorCode,
                                             std::string_view why);
[[nodiscard]] BrokerRegistrationResponse refuse(const BrokerRegistrationRequest&, ErrorCode,
                                                std::string_view why);
[[nodiscard]] ControllerRegistrationResponse refuse(const ControllerRegistrationRequest&, ErrorCode,
                                                    std::string_view why);
[[nodiscard]] CreatePartitionsResponse refuse(const CreatePartitionsRequest&, ErrorCode,
                                              std::string_view why);
[[nodiscard]] CreateTopicsResponse refuse(const CreateTopicsRequest&, ErrorCode,
                                          std::string_view why);
[[nodiscard]] DeleteTopicsResponse refuse(const DeleteTopicsRequest&, ErrorCode,
                                          std::string_view why);
[[nodiscard]] DescribeQuorumResponse refuse(const DescribeQuorumRequest&, ErrorCode,
                                            std::string_view why);
[[nodiscard]] ElectLeadersResponse refuse(const ElectLeadersRequest&, ErrorCode,
                                          std::string_view why);
[[nodiscard]] IncrementalAlterConfigsResponse refuse(const IncrementalAlterConfigsRequest&,
                                                     ErrorCode, std::string_view why);
[[nodiscard]] ListPartitionReassignmentsResponse refuse(const ListPartitionReassignmentsRequest&,
                                                        ErrorCode, std::string_view why);
[[nodiscard]] UnregisterBrokerResponse refuse(const UnregisterBrokerRequest&, ErrorCode,
                                              std::string_view why);
[[nodiscard]] UpdateFeaturesResponse refuse(const UpdateFeaturesRequest&, ErrorCode,
                                            std::string_view why);

// What a version cannot say is left out.
template <class Response>
void fit(Response&, std::int16_t /*version*/) {}
void fit(ElectLeadersResponse&, std::int16_t version);

// The error of the whole answer; of an API that answers in places, the first place's. A request
// that names no place has nothing that could be refused.
[[nodiscard]] ErrorCode error_for_all(const AllocateProducerIdsResponse&);
[[nodiscard]] ErrorCode error_for_all(const AlterConfigsResponse&);
[[nodiscard]] ErrorCode error_for_all(const AlterPartitionReassignmentsResponse&);
[[nodiscard]] ErrorCode error_for_all(const AlterPartitionResponse&);
[[nodiscard]] ErrorCode error_for_all(const BrokerHeartbeatResponse&);
[[nodiscard]] ErrorCode error_for_all(const BrokerRegistrationResponse&);
[[nodiscard]] ErrorCode error_for_all(const ControllerRegistrationResponse&);
[[nodiscard]] ErrorCode error_for_all(const CreatePartitionsResponse&);
[[nodiscard]] ErrorCode error_for_all(const CreateTopicsResponse&);
[[nodiscard]] ErrorCode error_for_all(const DeleteTopicsResponse&);
[[nodiscard]] ErrorCode error_for_all(const DescribeQuorumResponse&);
[[nodiscard]] ErrorCode error_for_all(const ElectLeadersResponse&);
[[nodiscard]] ErrorCode error_for_all(const IncrementalAlterConfigsResponse&);
[[nodiscard]] ErrorCode error_for_all(const ListPartitionReassignmentsResponse&);
[[nodiscard]] ErrorCode error_for_all(const UnregisterBrokerResponse&);
[[nodiscard]] ErrorCode error_for_all(const UpdateFeaturesResponse&);

}  // namespace weir
