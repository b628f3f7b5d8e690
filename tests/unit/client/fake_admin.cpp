// What the scripted brokers answer to administrators: a controller that says whether it is one,
// leaders that delete records, and canned descriptions.
#include <algorithm>

#include "broker/wire/described.h"
#include "fake_cluster.h"

namespace weir::test {
namespace {

std::int16_t code_if(bool fine, ErrorCode otherwise) {
  return code_of(fine ? ErrorCode::none : otherwise);
}

}  // namespace

std::vector<Slice> FakeBroker::administer(const ReceivedRequest& request) {
  const bool controls =
      cluster_.controller == id_ || cluster_.controller == FakeCluster::kAnyBroker;
  const std::int16_t code = code_if(controls, ErrorCode::not_controller);
  const RequestHeader& h = request.header;
  if (h.is(ApiKey::create_topics)) {
    CreateTopicsResponse response;
    for (const auto& topic : read<CreateTopicsRequest>(request).topics) {
      CreateTopicsResponse::CreatableTopicResult result;
      result.name = topic.name;
      result.error_code = code;
      response.topics.push_back(std::move(result));
    }
    return write(request, response);
  }
  if (h.is(ApiKey::create_partitions)) {
    CreatePartitionsResponse response;
    for (const auto& topic : read<CreatePartitionsRequest>(request).topics) {
      const bool fine = code != 0 || topic.count < 100;
      response.results.push_back(
          {topic.name, fine ? code : code_of(ErrorCode::invalid_partitions), "as scripted"});
    }
    return write(request, response);
  }
  if (h.is(ApiKey::elect_leaders)) {
    ElectLeadersResponse response;
    response.error_code = code;
    if (code == 0) {
      response.replica_election_results.push_back(
          {"t", {{0, 0, {}}, {1, code_of(ErrorCode::election_not_needed), {}}}});
    }
    return write(request, response);
  }
  if (h.is(ApiKey::alter_partition_reassignments)) {
    AlterPartitionReassignmentsResponse response;
    response.error_code = code;
    if (code == 0) response.responses.push_back({"t", {{0, 0, {}}}});
    return write(request, response);
  }
  if (h.is(ApiKey::list_partition_reassignments)) {
    ListPartitionReassignmentsResponse response;
    response.error_code = code;
    if (code == 0) response.topics.push_back({"t", {{0, {1, 2, 3}, {3}, {1}}}});
    return write(request, response);
  }
  if (h.is(ApiKey::describe_cluster)) {
    DescribeClusterResponse response;
    response.cluster_id = "fake";
    response.controller_id = cluster_.controller;
    response.brokers = {{2, "b2", 9092, "r2", true}, {1, "b1", 9092, {}, false}};
    return write(request, response);
  }
  if (h.is(ApiKey::describe_quorum)) {
    DescribeQuorumResponse response;
    DescribeQuorumResponse::PartitionData p;
    p.leader_id = 3;
    p.leader_epoch = 9;
    p.high_watermark = 1234;
    p.current_voters = {{3, {}, 1240, -1, -1}, {1, {}, 1234, 50, 40}};
    response.topics.push_back({"__cluster_metadata", {p}});
    return write(request, response);
  }
  if (h.is(ApiKey::describe_configs)) {
    DescribeConfigsResponse response;
    for (const auto& r : read<DescribeConfigsRequest>(request).resources) {
      DescribeConfigsResponse::DescribeConfigsResult result;
      result.resource_type = r.resource_type;
      result.resource_name = r.resource_name;
      result.configs = {{"retention.ms", std::to_string(id_), false, 1, false, {}, 5, {}}};
      response.results.push_back(std::move(result));
    }
    return write(request, response);
  }
  if (h.is(ApiKey::incremental_alter_configs)) {
    IncrementalAlterConfigsResponse response;
    for (const auto& r : read<IncrementalAlterConfigsRequest>(request).resources) {
      response.responses.push_back({0, {}, r.resource_type, r.resource_name});
    }
    return write(request, response);
  }
  DeleteRecordsResponse response;
  for (const auto& topic : read<DeleteRecordsRequest>(request).topics) {
    response.topics.push_back({topic.name, {}});
    for (const auto& asked : topic.partitions) {
      const ErrorCode leads = check(cluster_.partitions[asked.partition_index], -1);
      response.topics.back().partitions.push_back(
          {asked.partition_index, asked.offset, code_of(leads)});
    }
  }
  return write(request, response);
}

}  // namespace weir::test
