// DescribeQuorum (KIP-595, KIP-836): answered by the leader of the quorum; brokers hand it on.
//
// Voters are told with their listeners, from the image (KIP-853). Times of the last fetch are the
// leader's own, turned into wall time.
#include "broker/node/controller/forward.h"
#include "broker/node/handlers.h"
#include "broker/node/quorum/metadata_log.h"

namespace weir {
namespace {

constexpr std::int16_t kFirstWithNodes = 2;

using Replica = raft::QuorumDescription::Replica;
using Answered = DescribeQuorumResponse::PartitionData;

std::int64_t wall_ms(Clock& clock, const std::optional<Instant>& at) {
  if (!at) return -1;
  const Duration ago = clock.now() - *at;
  return clock.wall().ms - std::chrono::duration_cast<std::chrono::milliseconds>(ago).count();
}

std::vector<DescribeQuorumResponse::ReplicaState> tell(Clock& clock,
                                                       const std::vector<Replica>& replicas) {
  std::vector<DescribeQuorumResponse::ReplicaState> states;
  for (const Replica& r : replicas) {
    states.push_back({r.key.id.value(), r.key.directory, r.log_end.value(),
                      wall_ms(clock, r.last_fetch), wall_ms(clock, r.last_caught_up)});
  }
  return states;
}

bool is_the_one_partition(const DescribeQuorumRequest& request) {
  return request.topics.size() == 1 && request.topics[0].topic_name == kMetadataTopic &&
         request.topics[0].partitions.size() == 1 &&
         request.topics[0].partitions[0].partition_index == 0;
}

void tell_nodes(const MetadataImage& image, DescribeQuorumResponse& response) {
  for (const ControllerImage& controller : image.controllers()) {
    auto& node = response.nodes.emplace_back();
    node.node_id = controller.id.value();
    for (const ListenerImage& l : controller.listeners) {
      node.listeners.push_back({l.name, l.host, l.port});
    }
  }
}

DescribeQuorumResponse describe_here(Node& node, const DescribeQuorumRequest& request,
                                     std::int16_t version) {
  DescribeQuorumResponse response;
  response.error_message = std::nullopt;
  if (!is_the_one_partition(request)) {
    return refuse(request, ErrorCode::invalid_request, "only __cluster_metadata-0 has a quorum");
  }
  auto& topic = response.topics.emplace_back();
  topic.topic_name = kMetadataTopic;
  Answered& answer = topic.partitions.emplace_back();
  answer.error_message = std::nullopt;
  const auto quorum = node.metadata_log->describe();
  if (!quorum) {
    answer.error_code = code_of(ErrorCode::not_leader_or_follower);
    answer.leader_id = node.metadata_log->leader().value();
    return response;
  }
  answer.leader_id = quorum->leader.value();
  answer.leader_epoch = quorum->epoch.value();
  answer.high_watermark = quorum->high_watermark.value();
  answer.current_voters = tell(node.machine.clock, quorum->voters);
  answer.observers = tell(node.machine.clock, quorum->observers);
  if (version >= kFirstWithNodes) tell_nodes(*node.image(), response);
  return response;
}

}  // namespace

Task<DescribeQuorumResponse> handle(Node& node, RequestContext& context,
                                    DescribeQuorumRequest request) {
  if (context.listener == ListenerKind::controller) {
    co_return describe_here(node, request, context.version());
  }
  DescribeQuorumResponse response = co_await forward(node, context, std::move(request));
  co_return response;
}

}  // namespace weir
