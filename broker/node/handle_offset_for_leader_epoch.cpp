// OffsetForLeaderEpoch: where an epoch ends in the leader's log, for consumers that check whether
// what they have read still stands (KIP-320), and for replicas of other makes.
#include "broker/node/handlers.h"
#include "broker/node/leadership.h"
#include "broker/node/node.h"

namespace weir {
namespace {

using AskedEpochEnd = OffsetForLeaderEpochRequest::OffsetForLeaderPartition;
using AnsweredEpochEnd = OffsetForLeaderEpochResponse::EpochEndOffset;

AnsweredEpochEnd answer_partition(const Node& node, const std::string& topic,
                                  const AskedEpochEnd& asked) {
  AnsweredEpochEnd answer;
  answer.partition = asked.partition;
  const Leadership leadership =
      find_leader(node, topic, asked.partition, LeaderEpoch{asked.current_leader_epoch});
  answer.error_code = code_of(leadership.error);
  if (leadership.error != ErrorCode::none) return answer;
  const Partition& partition = *leadership.partition;
  const EpochEnd end = partition.log().epoch_cache().end_of(LeaderEpoch{asked.leader_epoch},
                                                            partition.leader()->log().log_end);
  if (end.epoch == kNoLeaderEpoch) return answer;
  answer.leader_epoch = end.epoch.value();
  answer.end_offset = end.end_offset.value();
  return answer;
}

}  // namespace

Task<OffsetForLeaderEpochResponse> handle(Node& node, RequestContext&,
                                          OffsetForLeaderEpochRequest request) {
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.topic = topic.topic;
    for (const AskedEpochEnd& asked : topic.partitions) {
      answered.partitions.push_back(answer_partition(node, topic.topic, asked));
    }
  }
  co_return response;
}

}  // namespace weir
