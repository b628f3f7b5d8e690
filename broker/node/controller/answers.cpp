// Refusing each API in the places where it answers.
#include "broker/node/controller/answers.h"

#include <optional>
#include <string>

#include "broker/wire/messages/allocate_producer_ids.h"
#include "broker/wire/messages/alter_configs.h"
#include "broker/wire/messages/alter_partition.h"
#include "broker/wire/messages/alter_partition_reassignments.h"
#include "broker/wire/messages/broker_heartbeat.h"
#include "broker/wire/messages/broker_registration.h"
#include "broker/wire/messages/controller_registration.h"
#include "broker/wire/messages/create_partitions.h"
#include "broker/wire/messages/create_topics.h"
#include "broker/wire/messages/delete_topics.h"
#include "broker/wire/messages/describe_quorum.h"
#include "broker/wire/messages/elect_leaders.h"
#include "broker/wire/messages/incremental_alter_configs.h"
#include "broker/wire/messages/list_partition_reassignments.h"
#include "broker/wire/messages/unregister_broker.h"
#include "broker/wire/messages/update_features.h"

namespace weir {
namespace {

std::optional<std::string> message(std::string_view why) {
  if (why.empty()) return std::nullopt;
  return std::string(why);
}

// Of a response, or of one place in it.
template <class Place>
void fail(Place& place, ErrorCode error, std::string_view why) {
  place.error_code = code_of(error);
  if constexpr (requires { place.error_message; }) place.error_message = message(why);
}

template <class Response>
Response whole(ErrorCode error, std::string_view why) {
  Response response;
  fail(response, error, why);
  return response;
}

template <class Response, class Request>
Response by_resource(const Request& request, ErrorCode error, std::string_view why) {
  Response response;
  for (const auto& resource : request.resources) {
    auto& place = response.responses.emplace_back();
    place.resource_type = resource.resource_type;
    place.resource_name = resource.resource_name;
    fail(place, error, why);
  }
  return response;
}

template <class Places>
ErrorCode first_of(const Places& places) {
  return places.empty() ? ErrorCode::none : error_code_of(places.front().error_code);
}

}  // namespace

AllocateProducerIdsResponse refuse(const AllocateProducerIdsRequest&, ErrorCode error,
                                   std::string_view why) {
  return whole<AllocateProducerIdsResponse>(error, why);
}
AlterConfigsResponse refuse(const AlterConfigsRequest& request, ErrorCode error,
                            std::string_view why) {
  return by_resource<AlterConfigsResponse>(request, error, why);
}
AlterPartitionReassignmentsResponse refuse(const AlterPartitionReassignmentsRequest&,
                                           ErrorCode error, std::string_view why) {
  return whole<AlterPartitionReassignmentsResponse>(error, why);
}
AlterPartitionResponse refuse(const AlterPartitionRequest&, ErrorCode error, std::string_view why) {
  return whole<AlterPartitionResponse>(error, why);
}
BrokerHeartbeatResponse refuse(const BrokerHeartbeatRequest&, ErrorCode error,
                               std::string_view why) {
  return whole<BrokerHeartbeatResponse>(error, why);
}
BrokerRegistrationResponse refuse(const BrokerRegistrationRequest&, ErrorCode error,
                                  std::string_view why) {
  return whole<BrokerRegistrationResponse>(error, why);
}
ControllerRegistrationResponse refuse(const ControllerRegistrationRequest&, ErrorCode error,
                                      std::string_view why) {
  return whole<ControllerRegistrationResponse>(error, why);
}
ElectLeadersResponse refuse(const ElectLeadersRequest& request, ErrorCode error,
                            std::string_view why) {
  auto response = whole<ElectLeadersResponse>(error, why);
  if (!request.topic_partitions) return response;
  for (const auto& topic : *request.topic_partitions) {
    auto& result = response.replica_election_results.emplace_back();
    result.topic = topic.topic;
    for (const std::int32_t partition : topic.partitions) {
      auto& place = result.partition_result.emplace_back();
      place.partition_id = partition;
      fail(place, error, why);
    }
  }
  return response;
}
IncrementalAlterConfigsResponse refuse(const IncrementalAlterConfigsRequest& request,
                                       ErrorCode error, std::string_view why) {
  return by_resource<IncrementalAlterConfigsResponse>(request, error, why);
}
ListPartitionReassignmentsResponse refuse(const ListPartitionReassignmentsRequest&, ErrorCode error,
                                          std::string_view why) {
  return whole<ListPartitionReassignmentsResponse>(error, why);
}
UnregisterBrokerResponse refuse(const UnregisterBrokerRequest&, ErrorCode error,
                                std::string_view why) {
  return whole<UnregisterBrokerResponse>(error, why);
}
DescribeQuorumResponse refuse(const DescribeQuorumRequest&, ErrorCode error, std::string_view why) {
  return whole<DescribeQuorumResponse>(error, why);
}

UpdateFeaturesResponse refuse(const UpdateFeaturesRequest& request, ErrorCode error,
                              std::string_view why) {
  auto response = whole<UpdateFeaturesResponse>(error, why);
  for (const auto& update : request.feature_updates) {
    auto& place = response.results.emplace_back();
    place.feature = update.feature;
    fail(place, error, why);
  }
  return response;
}

CreatePartitionsResponse refuse(const CreatePartitionsRequest& request, ErrorCode error,
                                std::string_view why) {
  CreatePartitionsResponse response;
  for (const auto& topic : request.topics) {
    auto& place = response.results.emplace_back();
    place.name = topic.name;
    fail(place, error, why);
  }
  return response;
}

CreateTopicsResponse refuse(const CreateTopicsRequest& request, ErrorCode error,
                            std::string_view why) {
  CreateTopicsResponse response;
  for (const auto& topic : request.topics) {
    auto& place = response.topics.emplace_back();
    place.name = topic.name;
    place.configs = std::nullopt;
    fail(place, error, why);
  }
  return response;
}

DeleteTopicsResponse refuse(const DeleteTopicsRequest& request, ErrorCode error,
                            std::string_view why) {
  DeleteTopicsResponse response;
  for (const auto& topic : request.topics) {
    auto& place = response.responses.emplace_back();
    place.name = topic.name;
    place.topic_id = topic.topic_id;
    fail(place, error, why);
  }
  for (const std::string& name : request.topic_names) {
    auto& place = response.responses.emplace_back();
    place.name = name;
    fail(place, error, why);
  }
  return response;
}

// In version 0 the errors stand with the partitions alone.
void fit(ElectLeadersResponse& response, std::int16_t version) {
  if (version == 0) response.error_code = 0;
}

ErrorCode error_for_all(const AllocateProducerIdsResponse& r) {
  return error_code_of(r.error_code);
}
ErrorCode error_for_all(const AlterConfigsResponse& r) { return first_of(r.responses); }
ErrorCode error_for_all(const AlterPartitionReassignmentsResponse& r) {
  return error_code_of(r.error_code);
}
ErrorCode error_for_all(const AlterPartitionResponse& r) { return error_code_of(r.error_code); }
ErrorCode error_for_all(const BrokerHeartbeatResponse& r) { return error_code_of(r.error_code); }
ErrorCode error_for_all(const BrokerRegistrationResponse& r) { return error_code_of(r.error_code); }
ErrorCode error_for_all(const ControllerRegistrationResponse& r) {
  return error_code_of(r.error_code);
}
ErrorCode error_for_all(const CreatePartitionsResponse& r) { return first_of(r.results); }
ErrorCode error_for_all(const CreateTopicsResponse& r) { return first_of(r.topics); }
ErrorCode error_for_all(const DeleteTopicsResponse& r) { return first_of(r.responses); }
ErrorCode error_for_all(const DescribeQuorumResponse& r) {
  const bool one = r.topics.size() == 1 && r.topics[0].partitions.size() == 1;
  if (r.error_code != 0 || !one) return error_code_of(r.error_code);
  const ErrorCode error = first_of(r.topics[0].partitions);
  // Who does not lead the quorum is not the active controller.
  return error == ErrorCode::not_leader_or_follower ? ErrorCode::not_controller : error;
}
ErrorCode error_for_all(const ElectLeadersResponse& r) {
  if (r.error_code != 0 || r.replica_election_results.empty()) return error_code_of(r.error_code);
  return first_of(r.replica_election_results.front().partition_result);  // version 0
}
ErrorCode error_for_all(const IncrementalAlterConfigsResponse& r) { return first_of(r.responses); }
ErrorCode error_for_all(const ListPartitionReassignmentsResponse& r) {
  return error_code_of(r.error_code);
}
ErrorCode error_for_all(const UnregisterBrokerResponse& r) { return error_code_of(r.error_code); }
ErrorCode error_for_all(const UpdateFeaturesResponse& r) { return error_code_of(r.error_code); }

}  // namespace weir
