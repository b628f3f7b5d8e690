// Reassignments of replicas (KIP-455): begun, changed, cancelled, listed; change_partition()
// completes them when the adding replicas are in sync.
//
// While it lasts the replicas are the target's, in its order, and behind them those to be removed.
// What is cancelled goes back to the replicas from before; where the ISR consists of adding
// replicas only, that needs an unclean election, which the topic must allow.
#include <algorithm>
#include <map>
#include <utility>

#include "broker/controller/decisions.h"
#include "broker/wire/messages/alter_partition_reassignments.h"
#include "broker/wire/messages/list_partition_reassignments.h"

namespace weir::deciding {
namespace {

using AskedTopic = AlterPartitionReassignmentsRequest::ReassignableTopic;
using AskedReassignment = AlterPartitionReassignmentsRequest::ReassignablePartition;
using AnsweredReassignment = AlterPartitionReassignmentsResponse::ReassignablePartitionResponse;
using Ongoing = ListPartitionReassignmentsResponse::OngoingPartitionReassignment;
using OngoingTopic = ListPartitionReassignmentsResponse::OngoingTopicReassignment;
using Brokers = std::vector<BrokerId>;

Brokers all_but(const Brokers& list, const Brokers& others) {
  Brokers rest;
  for (const BrokerId id : list) {
    if (!contains_broker(others, id)) rest.push_back(id);
  }
  return rest;
}

// Whether somebody among these replicas may lead one day without a loss of data that is still
// held: an eligible one, or, where nobody is in sync anyway, the last known leader.
bool has_clean_leader(const PartitionImage& partition, const Brokers& replicas) {
  const auto stays = [&](BrokerId id) { return contains_broker(replicas, id); };
  if (std::any_of(partition.elr.begin(), partition.elr.end(), stays)) return true;
  return partition.isr.empty() &&
         std::any_of(partition.last_known_elr.begin(), partition.last_known_elr.end(), stays);
}

bool has_active(const MetadataImage& image, const Brokers& replicas) {
  return std::any_of(replicas.begin(), replicas.end(), [&](BrokerId id) {
    const BrokerImage* broker = image.broker(id);
    return broker != nullptr && broker->is_active();
  });
}

Refusal cancel(Context& in, const TopicImage& topic, std::int32_t index,
               const PartitionImage& partition) {
  if (!partition.is_reassigned()) {
    return {ErrorCode::no_reassignment_in_progress, "no reassignment is in progress"};
  }
  WantedPartition wanted;
  wanted.replicas = all_but(partition.replicas, partition.adding);
  wanted.adding = Brokers{};
  wanted.removing = Brokers{};
  wanted.isr = all_but(partition.isr, partition.adding);
  if (wanted.isr->empty() && !has_clean_leader(partition, *wanted.replicas)) {
    const bool allowed = unclean_election_allowed(in.image(), topic, in.options);
    if (!allowed || !has_active(in.image(), *wanted.replicas)) {
      return {ErrorCode::invalid_replica_assignment,
              "to cancel it would need an unclean leader election"};
    }
  }
  wanted.election = automatic_election(in.image(), topic, in.options);
  change_partition_in(in, topic.id, index, wanted, "reassignment cancelled");
  return {};
}

Refusal reassign(Context& in, const TopicImage& topic, const AskedReassignment& asked,
                 const PartitionImage& partition, bool may_change_factor) {
  Refusal refusal = check_assignment(in.image(), *asked.replicas);
  if (refusal.refused()) return refusal;
  const Brokers target = to_brokers(*asked.replicas);
  const Brokers before = all_but(partition.replicas, partition.adding);
  if (!may_change_factor && target.size() != before.size()) {
    return {ErrorCode::invalid_replication_factor,
            "the partition has " + std::to_string(before.size()) +
                " replicas, and the request forbids to change that"};
  }
  WantedPartition wanted;
  wanted.adding = all_but(target, before);
  // Also those that a reassignment before this one was about to add.
  wanted.removing = all_but(partition.replicas, target);
  wanted.replicas = target;
  wanted.replicas->insert(wanted.replicas->end(), wanted.removing->begin(), wanted.removing->end());
  wanted.election = automatic_election(in.image(), topic, in.options);
  change_partition_in(in, topic.id, asked.partition_index, wanted, "reassigned");
  return {};
}

Refusal alter(Context& in, const std::string& name, const AskedReassignment& asked,
              bool may_change_factor) {
  const TopicImage* topic = in.image().find_topic(name);
  const PartitionImage* found =
      topic == nullptr ? nullptr : topic->partition(asked.partition_index);
  if (found == nullptr) {
    return {ErrorCode::unknown_topic_or_partition, "there is no such partition"};
  }
  const PartitionImage partition = *found;
  return asked.replicas ? reassign(in, *topic, asked, partition, may_change_factor)
                        : cancel(in, *topic, asked.partition_index, partition);
}

void add_if_ongoing(const TopicImage& topic, std::int32_t index, OngoingTopic& told) {
  const PartitionImage* partition = topic.partition(index);
  if (partition == nullptr || !partition->is_reassigned()) return;
  Ongoing& ongoing = told.partitions.emplace_back();
  ongoing.partition_index = index;
  ongoing.replicas = to_numbers(partition->replicas);
  ongoing.adding_replicas = to_numbers(partition->adding);
  ongoing.removing_replicas = to_numbers(partition->removing);
}

}  // namespace

AlterPartitionReassignmentsResponse decide(const AlterPartitionReassignmentsRequest& request,
                                           Context& in) {
  AlterPartitionReassignmentsResponse response;
  response.allow_replication_factor_change = request.allow_replication_factor_change;
  response.error_message = std::nullopt;
  std::size_t partitions = 0;
  for (const AskedTopic& topic : request.topics) partitions += topic.partitions.size();
  in.draft.expect(partitions);
  for (const AskedTopic& topic : request.topics) {
    auto& answers = response.responses.emplace_back();
    answers.name = topic.name;
    for (const AskedReassignment& asked : topic.partitions) {
      Refusal refusal = alter(in, topic.name, asked, request.allow_replication_factor_change);
      AnsweredReassignment& answer = answers.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      answer.error_code = code_of(refusal.error);
      answer.error_message = std::nullopt;
      if (refusal.refused()) answer.error_message = std::move(refusal.why);
    }
  }
  return response;
}

ListPartitionReassignmentsResponse decide(const ListPartitionReassignmentsRequest& request,
                                          Context& in) {
  ListPartitionReassignmentsResponse response;
  response.error_message = std::nullopt;
  const auto tell = [&](OngoingTopic& told) {
    if (!told.partitions.empty()) response.topics.push_back(std::move(told));
  };
  if (request.topics) {
    for (const auto& asked : *request.topics) {
      const TopicImage* topic = in.image().find_topic(asked.name);
      if (topic == nullptr) continue;
      OngoingTopic told;
      told.name = asked.name;
      for (const std::int32_t index : asked.partition_indexes) add_if_ongoing(*topic, index, told);
      tell(told);
    }
    return response;
  }
  for (const auto& [name, topic] : in.image().topics()) {
    OngoingTopic told;
    told.name = name;
    for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
      add_if_ongoing(*topic, static_cast<std::int32_t>(p), told);
    }
    tell(told);
  }
  return response;
}

}  // namespace weir::deciding
