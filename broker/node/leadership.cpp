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

bool tells_leader(ErrorCode error) {
  return error == ErrorCode::not_leader_or_follower || error == ErrorCode::fenced_leader_epoch;
}

Leadership find_leader(const Node& node, std::string_view topic, std::int32_t index,
                       LeaderEpoch known) {
  Leadership found;
  const auto image = node.image()->topic(topic);
  const PartitionImage* told = image == nullptr ? nullptr : image->partition(index);
  if (told == nullptr) {
    found.error = ErrorCode::unknown_topic_or_partition;
    return found;
  }
  found.leader = told->leader;
  found.leader_epoch = told->leader_epoch;
  found.partition = node.partition(topic, index);
  const bool acts = found.partition != nullptr && !found.partition->gone();
  if (acts && found.partition->leader_epoch() >= found.leader_epoch) {
    found.leader = found.partition->state().leader;
    found.leader_epoch = found.partition->leader_epoch();
  }
  if (acts && found.partition->log().failed()) {
    found.error = ErrorCode::kafka_storage_error;
    return found;
  }
  found.error = judge_epoch(known, found.leader_epoch);
  const bool serves = acts && found.partition->leader() != nullptr;
  if (found.error == ErrorCode::none && !serves) found.error = ErrorCode::not_leader_or_follower;
  return found;
}

template <class NodeEndpoint>
void add_endpoint(const Node& node, BrokerId leader, std::vector<NodeEndpoint>& endpoints) {
  const BrokerImage* broker = node.image()->broker(leader);
  if (broker == nullptr) return;
  const bool named = std::any_of(endpoints.begin(), endpoints.end(), [&](const NodeEndpoint& e) {
    return e.node_id == leader.value();
  });
  if (!named) endpoints.push_back({broker->id.value(), broker->host, broker->port, broker->rack});
}

template void add_endpoint(const Node&, BrokerId, std::vector<ProduceResponse::NodeEndpoint>&);
template void add_endpoint(const Node&, BrokerId, std::vector<FetchResponse::NodeEndpoint>&);

}  // namespace weir
