// AlterPartition: a leader asks for another ISR (KIP-497, KIP-704, KIP-841, KIP-903).
//
// The checks come in Kafka's order, since their errors tell the leader what to do: epochs ahead of
// ours mean that this is not the active controller any more; older ones that the leader has not
// seen the newest metadata. One addition, so that a retry of what succeeded is no error: whoever
// leads in the current epoch and asks for what is already so is told how it is. Replicas come with
// the broker epoch in which the leader saw them: a replica that was restarted since may have lost
// its disk and must not join by an old judgement.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/controller/decisions.h"
#include "broker/wire/messages/alter_partition.h"

namespace weir::deciding {
namespace {

using AskedIsrChange = AlterPartitionRequest::PartitionData;
using AnsweredIsrChange = AlterPartitionResponse::PartitionData;

constexpr std::int64_t kEpochNotTold = -1;  // by leaders that do not know it

// From version 3 on with the brokers' epochs, before by ids alone.
std::vector<AlterPartitionRequest::BrokerState> wanted_isr(const AskedIsrChange& asked) {
  if (!asked.new_isr_with_epochs.empty()) return asked.new_isr_with_epochs;
  std::vector<AlterPartitionRequest::BrokerState> isr;
  for (const std::int32_t id : asked.new_isr) isr.push_back({id, kEpochNotTold});
  return isr;
}

bool is_legal_isr(const PartitionImage& partition, const std::vector<BrokerId>& isr) {
  std::set<BrokerId> seen;
  for (const BrokerId id : isr) {
    if (!seen.insert(id).second || !contains_broker(partition.replicas, id)) return false;
  }
  return seen.contains(partition.leader);
}

bool is_eligible(const MetadataImage& image, const AlterPartitionRequest::BrokerState& replica) {
  const BrokerImage* broker = image.broker(BrokerId{replica.broker_id});
  if (broker == nullptr || !broker->is_active()) return false;
  return replica.broker_epoch == kEpochNotTold ||
         BrokerEpoch{replica.broker_epoch} == broker->epoch;
}

bool is_already_so(const PartitionImage& partition, const std::vector<BrokerId>& isr,
                   const AskedIsrChange& asked) {
  const std::set<BrokerId> wanted(isr.begin(), isr.end());
  const std::set<BrokerId> present(partition.isr.begin(), partition.isr.end());
  return wanted == present && isr.size() == partition.isr.size() &&
         asked.leader_recovery_state == static_cast<std::int8_t>(partition.recovery);
}

ErrorCode check(const MetadataImage& image, BrokerId sender, const PartitionImage* partition,
                const AskedIsrChange& asked) {
  if (partition == nullptr) return ErrorCode::unknown_topic_or_partition;
  const LeaderEpoch leader_epoch{asked.leader_epoch};
  const PartitionEpoch partition_epoch{asked.partition_epoch};
  if (leader_epoch > partition->leader_epoch || partition_epoch > partition->partition_epoch) {
    return ErrorCode::not_controller;
  }
  if (leader_epoch < partition->leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (sender != partition->leader) return ErrorCode::invalid_request;

  const auto states = wanted_isr(asked);
  std::vector<BrokerId> isr;
  for (const auto& state : states) isr.push_back(BrokerId{state.broker_id});
  if (partition_epoch < partition->partition_epoch && !is_already_so(*partition, isr, asked)) {
    return ErrorCode::invalid_update_version;
  }
  if (!is_legal_isr(*partition, isr)) return ErrorCode::invalid_request;
  if (asked.leader_recovery_state < 0 || asked.leader_recovery_state > 1) {
    return ErrorCode::invalid_request;
  }
  const auto recovery = static_cast<LeaderRecovery>(asked.leader_recovery_state);
  if (recovery == LeaderRecovery::recovering &&
      (isr.size() > 1 || partition->recovery == LeaderRecovery::recovered)) {
    return ErrorCode::invalid_request;
  }
  const bool all_eligible = std::all_of(
      states.begin(), states.end(), [&](const auto& state) { return is_eligible(image, state); });
  return all_eligible ? ErrorCode::none : ErrorCode::ineligible_replica;
}

AnsweredIsrChange alter(Context& in, BrokerId sender, const Uuid& topic_id,
                        const AskedIsrChange& asked) {
  AnsweredIsrChange answer;
  answer.partition_index = asked.partition_index;
  const PartitionImage* partition = in.image().partition(topic_id, asked.partition_index);
  ErrorCode error = check(in.image(), sender, partition, asked);
  answer.error_code = code_of(error);
  if (error != ErrorCode::none) return answer;

  WantedPartition wanted;
  wanted.isr.emplace();
  for (const auto& state : wanted_isr(asked)) wanted.isr->push_back(BrokerId{state.broker_id});
  if (is_already_so(*partition, *wanted.isr, asked)) wanted.isr = partition->isr;
  wanted.recovery = static_cast<LeaderRecovery>(asked.leader_recovery_state);
  wanted.election = automatic_election(in.image(), *in.image().find_topic(topic_id), in.options);
  const LeaderEpoch epoch_before = partition->leader_epoch;
  change_partition_in(in, topic_id, asked.partition_index, wanted, "asked for by its leader");

  const PartitionImage& now = *in.image().partition(topic_id, asked.partition_index);
  if (now.leader != sender && now.leader_epoch != epoch_before) {
    // It completed a reassignment that takes the leader away. The metadata tell the rest.
    answer.error_code = code_of(ErrorCode::new_leader_elected);
    return answer;
  }
  answer.leader_id = now.leader.value();
  answer.leader_epoch = now.leader_epoch.value();
  answer.isr = to_numbers(now.isr);
  answer.leader_recovery_state = static_cast<std::int8_t>(now.recovery);
  answer.partition_epoch = now.partition_epoch.value();
  return answer;
}

}  // namespace

AlterPartitionResponse decide(const AlterPartitionRequest& request, Context& in) {
  AlterPartitionResponse response;
  const ErrorCode error = check_broker_epoch(in.image(), request.broker_id, request.broker_epoch);
  response.error_code = code_of(error);
  if (error != ErrorCode::none) return response;
  std::size_t partitions = 0;
  for (const auto& topic : request.topics) partitions += topic.partitions.size();
  in.draft.expect(partitions);
  for (const auto& topic : request.topics) {
    AlterPartitionResponse::TopicData& answers = response.topics.emplace_back();
    answers.topic_id = topic.topic_id;
    const bool known = in.image().find_topic(topic.topic_id) != nullptr;
    for (const AskedIsrChange& asked : topic.partitions) {
      if (known) {
        answers.partitions.push_back(alter(in, BrokerId{request.broker_id}, topic.topic_id, asked));
        continue;
      }
      AnsweredIsrChange answer;
      answer.partition_index = asked.partition_index;
      answer.error_code = code_of(ErrorCode::unknown_topic_id);
      answers.partitions.push_back(std::move(answer));
    }
  }
  return response;
}

}  // namespace weir::deciding
