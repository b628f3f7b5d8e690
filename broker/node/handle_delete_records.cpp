// DeleteRecords: the log start of a partition moves forward, on its leader and then, as they learn
// of it, on its followers (KIP-107).
//
// Never beyond the high watermark; -1 means all below it. Answered when every replica on a live
// broker begins there, with the least log start of them, or when the time is over.
#include <algorithm>
#include <memory>
#include <vector>

#include "broker/node/connection.h"
#include "broker/node/handlers.h"
#include "broker/node/leadership.h"
#include "broker/node/node.h"
#include "broker/node/replica/replicas.h"

namespace weir {
namespace {

using AskedCut = DeleteRecordsRequest::DeleteRecordsPartition;
using AnsweredCut = DeleteRecordsResponse::DeleteRecordsPartitionResult;

constexpr std::int64_t kHighWatermark = -1;
constexpr std::int64_t kNoOffset = -1;

struct WaitingCut {
  std::shared_ptr<Partition> partition;
  Offset wanted;
  std::size_t topic = 0;  // place in the response
  std::size_t index = 0;
};

class Deletions {
 public:
  Deletions(Node& node, RequestContext& context, DeleteRecordsResponse& response)
      : node_(node), context_(context), response_(response) {}

  [[nodiscard]] Task<AnsweredCut> remove(const std::string& topic, AskedCut asked);
  [[nodiscard]] Task<> wait(Instant deadline);

 private:
  [[nodiscard]] std::vector<BrokerId> counted(const Partition& partition) const;
  [[nodiscard]] Offset low_watermark(const Partition& partition) const;
  void emit_told(const WaitingCut& waiting, Offset low) const;
  [[nodiscard]] bool settle(const WaitingCut& waiting);
  void settle_what_can_be();
  [[nodiscard]] AnsweredCut& answer_for(const WaitingCut& waiting) {
    return response_.topics[waiting.topic].partitions[waiting.index];
  }

  Node& node_;
  RequestContext& context_;
  DeleteRecordsResponse& response_;
  std::vector<WaitingCut> waiting_;
};

AnsweredCut refused(std::int32_t index, ErrorCode error) {
  return {index, kNoOffset, code_of(error)};
}

// What may be asked for; the log start where nothing is to be done.
ErrorCode judge(const Partition& partition, std::int64_t offset, Offset& wanted) {
  const CleanupPolicy policy = partition.log().config().cleanup_policy;
  if (!policy.remove) return ErrorCode::policy_violation;  // compacted, and nothing else
  wanted = offset == kHighWatermark ? partition.high_watermark() : Offset{offset};
  const bool fits = wanted >= Offset{0} && wanted <= partition.high_watermark();
  return fits ? ErrorCode::none : ErrorCode::offset_out_of_range;
}

Task<AnsweredCut> Deletions::remove(const std::string& topic, AskedCut asked) {
  const std::int32_t index = asked.partition_index;
  const Leadership leadership = find_leader(node_, topic, index, kNoLeaderEpoch);
  if (leadership.error != ErrorCode::none) co_return refused(index, leadership.error);
  const std::shared_ptr<Partition>& partition = leadership.partition;
  Offset wanted;
  ErrorCode error = judge(*partition, asked.offset, wanted);
  if (error != ErrorCode::none) co_return refused(index, error);
  error = co_await partition->delete_records(wanted);
  if (error != ErrorCode::none) {
    node_.check_log(*partition);
    co_return refused(index, error);
  }
  waiting_.push_back(
      {partition, wanted, response_.topics.size() - 1, response_.topics.back().partitions.size()});
  co_return AnsweredCut{index, kNoOffset, code_of(ErrorCode::none)};
}

// The other replicas on live brokers.
std::vector<BrokerId> Deletions::counted(const Partition& partition) const {
  std::vector<BrokerId> ids;
  if (node_.replicas == nullptr) return ids;
  for (const BrokerId id : partition.state().replicas) {
    if (id != node_.config.id && node_.replicas->is_alive(id)) ids.push_back(id);
  }
  return ids;
}

Offset Deletions::low_watermark(const Partition& partition) const {
  Offset low = partition.log().log_start_offset();
  for (const BrokerId id : counted(partition)) {
    const FollowerProgress* follower = partition.leader()->follower(id);
    if (follower != nullptr) low = std::min(low, follower->log_start);
  }
  return low;
}

void Deletions::emit_told(const WaitingCut& waiting, Offset low) const {
  const Partition& partition = *waiting.partition;
  std::string members = "replicas=";
  for (const BrokerId id : counted(partition)) {
    if (members.back() != '=') members += ',';
    members += std::to_string(id.value());
  }
  node_.machine.facts.emit({.kind = FactKind::answer_told,
                            .api = context_.header.api_key,
                            .partition = partition.index(),
                            .epoch = partition.leader_epoch().value(),
                            .topic = partition.topic(),
                            .old = waiting.wanted.value(),
                            .value = low.value(),
                            .operation = context_.header.correlation_id,
                            .record = members,
                            .peer = context_.peer});
}

bool Deletions::settle(const WaitingCut& waiting) {
  AnsweredCut& answer = answer_for(waiting);
  if (waiting.partition->leader() == nullptr) {
    answer = refused(answer.partition_index, ErrorCode::not_leader_or_follower);
    return true;
  }
  const Offset low = low_watermark(*waiting.partition);
  answer.low_watermark = low.value();
  if (low < waiting.wanted) return false;
  emit_told(waiting, low);
  return true;
}

void Deletions::settle_what_can_be() {
  std::erase_if(waiting_, [this](const WaitingCut& waiting) { return settle(waiting); });
}

Task<> Deletions::wait(Instant deadline) {
  settle_what_can_be();
  if (waiting_.empty()) co_return;
  const std::vector<WaitingCut> all = waiting_;
  for (const WaitingCut& waiting : all) waiting.partition->add_waiter(context_.connection.alarm());
  context_.connection.watch();
  while (!waiting_.empty() && !context_.connection.wait_is_over() &&
         node_.machine.clock.now() < deadline) {
    co_await context_.connection.alarm().wait_until(deadline);
    settle_what_can_be();
  }
  for (const WaitingCut& waiting : all)
    waiting.partition->remove_waiter(context_.connection.alarm());
  for (const WaitingCut& waiting : waiting_) {
    answer_for(waiting).error_code = code_of(ErrorCode::request_timed_out);
  }
}

}  // namespace

Task<DeleteRecordsResponse> handle(Node& node, RequestContext& context,
                                   DeleteRecordsRequest request) {
  DeleteRecordsResponse response;
  const Instant deadline = node.machine.clock.now() + std::chrono::milliseconds(request.timeout_ms);
  Deletions deletions(node, context, response);
  for (const auto& topic : request.topics) {
    response.topics.emplace_back().name = topic.name;
    for (const AskedCut& asked : topic.partitions) {
      AnsweredCut answer = co_await deletions.remove(topic.name, asked);
      response.topics.back().partitions.push_back(answer);
    }
  }
  co_await deletions.wait(deadline);
  co_return response;
}

}  // namespace weir
