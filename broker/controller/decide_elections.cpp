// Elections that are asked for (ElectLeaders, KIP-460), and those that are due by themselves:
// preferred leaders (auto.leader.rebalance.enable), and partitions without a leader.
#include <utility>

#include "broker/controller/decisions.h"
#include "broker/wire/messages/elect_leaders.h"

namespace weir::deciding {
namespace {

constexpr std::int8_t kPreferred = 0;
constexpr std::int8_t kUncleanElection = 1;

using Result = ElectLeadersResponse::PartitionResult;

ErrorCode elect(Context& in, const std::string& topic_name, std::int32_t index, ElectionKind kind) {
  const TopicImage* topic = in.image().find_topic(topic_name);
  const PartitionImage* partition = topic == nullptr ? nullptr : topic->partition(index);
  if (partition == nullptr) return ErrorCode::unknown_topic_or_partition;
  const bool preferred = kind == ElectionKind::preferred;
  if (preferred ? partition->leader == partition->preferred_leader()
                : partition->leader != kNoBroker) {
    return ErrorCode::election_not_needed;
  }
  WantedPartition wanted;
  wanted.election = kind;
  const Uuid id = topic->id;
  const LeaderEpoch before = partition->leader_epoch;
  change_partition_in(in, id, index, wanted, "asked for");
  if (in.image().partition(id, index)->leader_epoch != before) return ErrorCode::none;
  return preferred ? ErrorCode::preferred_leader_not_available
                   : ErrorCode::eligible_leaders_not_available;
}

std::string_view explain(ErrorCode error) {
  if (error == ErrorCode::unknown_topic_or_partition) return "there is no such partition";
  if (error == ErrorCode::election_not_needed) return "the partition has its leader";
  if (error == ErrorCode::preferred_leader_not_available) {
    return "the first replica is not in sync, or not active";
  }
  return "no replica is active";
}

Result told(std::int32_t index, ErrorCode error) {
  Result result;
  result.partition_id = index;
  result.error_code = code_of(error);
  result.error_message = std::nullopt;
  if (error != ErrorCode::none) result.error_message = std::string(explain(error));
  return result;
}

}  // namespace

ElectLeadersResponse decide(const ElectLeadersRequest& request, Context& in) {
  ElectLeadersResponse response;
  if (request.election_type != kPreferred && request.election_type != kUncleanElection) {
    response.error_code = code_of(ErrorCode::invalid_request);
    return response;
  }
  const ElectionKind kind =
      request.election_type == kPreferred ? ElectionKind::preferred : ElectionKind::unclean;
  in.draft.expect_any_partition();
  if (request.topic_partitions) {
    for (const auto& topic : *request.topic_partitions) {
      auto& results = response.replica_election_results.emplace_back();
      results.topic = topic.topic;
      for (const std::int32_t index : topic.partitions) {
        results.partition_result.push_back(told(index, elect(in, topic.topic, index, kind)));
      }
    }
    return response;
  }
  // All partitions: those that need no election are not told.
  std::vector<std::pair<std::string, std::int32_t>> all;
  for (const auto& [name, topic] : in.image().topics()) {
    all.emplace_back(name, static_cast<std::int32_t>(topic->partitions.size()));
  }
  for (const auto& [name, count] : all) {
    ElectLeadersResponse::ReplicaElectionResult results;
    results.topic = name;
    for (std::int32_t index = 0; index < count; ++index) {
      const ErrorCode error = elect(in, name, index, kind);
      if (error == ErrorCode::election_not_needed) continue;
      results.partition_result.push_back(told(index, error));
    }
    if (!results.partition_result.empty()) {
      response.replica_election_results.push_back(std::move(results));
    }
  }
  return response;
}

bool elect_preferred_leaders(Context& in) {
  const auto places = partitions_where(in.image(), [&](const PartitionImage& p) {
    const BrokerImage* preferred = in.image().broker(p.preferred_leader());
    return p.leader != p.preferred_leader() && preferred != nullptr && preferred->is_active() &&
           contains_broker(p.isr, p.preferred_leader());
  });
  std::size_t elections = 0;
  for (const PartitionPlace& place : places) {
    if (elections == kMaxElectionsPerCheck) return true;
    WantedPartition wanted;
    wanted.election = ElectionKind::preferred;
    if (change_partition_in(in, place.topic, place.index, wanted, "preferred leader")) ++elections;
  }
  return false;
}

void elect_where_leaderless(Context& in, std::string_view cause) {
  const auto places =
      partitions_where(in.image(), [](const PartitionImage& p) { return p.leader == kNoBroker; });
  for (const PartitionPlace& place : places) {
    WantedPartition wanted;
    wanted.election =
        automatic_election(in.image(), *in.image().find_topic(place.topic), in.options);
    change_partition_in(in, place.topic, place.index, wanted, cause);
  }
}

}  // namespace weir::deciding
