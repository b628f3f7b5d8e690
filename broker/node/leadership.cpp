// The checks before a partition is served.
#include "broker/node/leadership.h"

#include <algorithm>

#include "broker/node/node.h"
#include "broker/wire/messages/fetch.h"
#include "broker/wire/messages/produce.h"

namespace weir {
namespace {

ErrorCode judge_epoch(LeaderEpoch known, LeaderEpoch current) {
  if (known == kNoLeaderEpoch || known == current) return ErrorCode::none;
  return known < current ? ErrorCode::fenced_leader_epoch : ErrorCode::unknown_leader_epoch;
}

}  // namespace

Leadership find_leader(const Node& node, std::string_view topic, std::int32_t index,
                       LeaderEpoch known) {
  Leadership found;
  const auto image = node.topics.image()->topic(topic);
  const PartitionImage* partition = image == nullptr ? nullptr : image->partition(index);
  if (partition == nullptr) {
    found.error = ErrorCode::unknown_topic_or_partition;
    return found;
  }
  found.error = judge_epoch(known, partition->leader_epoch);
  if (found.error == ErrorCode::none) {
    found.partition = node.topics.partition(topic, index);
    const bool served = found.partition != nullptr && !found.partition->gone();
    if (!served) found.error = ErrorCode::not_leader_or_follower;
  }
  if (found.error == ErrorCode::not_leader_or_follower ||
      found.error == ErrorCode::fenced_leader_epoch) {
    found.leader = partition->leader;
    found.leader_epoch = partition->leader_epoch;
  }
  return found;
}

template <class NodeEndpoint>
void add_endpoint(const Node& node, BrokerId leader, std::vector<NodeEndpoint>& endpoints) {
  const BrokerImage* broker = node.topics.image()->broker(leader);
  if (broker == nullptr) return;
  const bool named = std::any_of(endpoints.begin(), endpoints.end(), [&](const NodeEndpoint& e) {
    return e.node_id == leader.value();
  });
  if (!named) endpoints.push_back({broker->id.value(), broker->host, broker->port, broker->rack});
}

template void add_endpoint(const Node&, BrokerId, std::vector<ProduceResponse::NodeEndpoint>&);
template void add_endpoint(const Node&, BrokerId, std::vector<FetchResponse::NodeEndpoint>&);

}  // namespace weir
