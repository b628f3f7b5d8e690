// Conversions, field by field.
#include "broker/node/replica/isr_wire.h"

namespace weir {
namespace {

constexpr std::int8_t kRecovering = 1;

}  // namespace

AlterPartitionRequest to_wire(const IsrRequest& isr) {
  AlterPartitionRequest request;
  request.broker_id = isr.broker.value();
  request.broker_epoch = isr.broker_epoch.value();
  for (const IsrProposal& proposal : isr.proposals) {
    const Uuid& id = proposal.partition.topic;
    if (request.topics.empty() || request.topics.back().topic_id != id) {
      request.topics.emplace_back().topic_id = id;
    }
    AlterPartitionRequest::PartitionData data;
    data.partition_index = proposal.partition.index;
    data.leader_epoch = proposal.leader_epoch.value();
    for (const IsrMember& member : proposal.isr) {
      data.new_isr_with_epochs.push_back({member.id.value(), member.epoch.value()});
    }
    if (proposal.recovering) data.leader_recovery_state = kRecovering;
    data.partition_epoch = proposal.partition_epoch.value();
    request.topics.back().partitions.push_back(std::move(data));
  }
  return request;
}

std::vector<IsrOutcome> from_wire(const AlterPartitionResponse& response) {
  std::vector<IsrOutcome> outcomes;
  for (const auto& topic : response.topics) {
    for (const auto& data : topic.partitions) {
      IsrOutcome outcome;
      outcome.partition = {topic.topic_id, data.partition_index};
      outcome.error = error_code_of(data.error_code);
      outcome.leader = BrokerId{data.leader_id};
      outcome.leader_epoch = LeaderEpoch{data.leader_epoch};
      outcome.partition_epoch = PartitionEpoch{data.partition_epoch};
      for (const std::int32_t id : data.isr) outcome.isr.push_back(BrokerId{id});
      outcome.recovering = data.leader_recovery_state == kRecovering;
      outcomes.push_back(std::move(outcome));
    }
  }
  return outcomes;
}

}  // namespace weir
