// Produce: appends one batch a partition, in the order of the request, and with acks=all waits for
// the replicas.
//
// acks=1 is answered when the leader has the batch (synced first where flush.messages=1), acks=all
// when the high watermark has passed it, or the request's timeout has; one alarm waits for all
// partitions of the request. A duplicate of a batch that is not committed yet waits as well, else a
// retry would be acknowledged too early. With acks=0 nothing is answered, and an error ends the
// connection (KafkaApis.handleProduceRequest). The log validates batches, sequences and epochs.
#include <algorithm>
#include <memory>
#include <vector>

#include "broker/node/connection.h"
#include "broker/node/handlers.h"
#include "broker/node/leadership.h"
#include "broker/node/node.h"
#include "broker/wire/record_batch.h"

namespace weir {
namespace {

using AskedProduce = ProduceRequest::PartitionProduceData;
using AnsweredProduce = ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t kFirstToNameLeader = 10;
constexpr std::int64_t kNoBaseOffset = -1;
constexpr std::int16_t kAllReplicas = -1;

bool are_legal(std::int16_t acks) { return acks >= -1 && acks <= 1; }

// Everything else about a batch is the log's to judge.
bool is_transactional(const Slice& records) {
  if (records.size() < kBatchHeaderBytes) return false;
  const BatchHeader header = read_batch_header(records);
  return header.magic == kBatchMagic && header.is_transactional() && !header.is_control();
}

void refuse(AnsweredProduce& answer, ErrorCode error, std::string_view why) {
  answer.error_code = code_of(error);
  answer.base_offset = kNoBaseOffset;
  if (!why.empty()) answer.error_message = why;
}

void fill_in(AnsweredProduce& answer, const AppendOutcome& outcome) {
  if (outcome.error != ErrorCode::none) {
    refuse(answer, outcome.error, outcome.error_message);
    return;
  }
  answer.base_offset = outcome.base_offset.value();
  answer.log_append_time_ms = outcome.log_append_time.ms;
  answer.log_start_offset = outcome.log_start_offset.value();
}

// A partition of the request whose replicas are waited for.
struct WaitingProduce {
  std::shared_ptr<Partition> partition;
  PendingAppend pending;
  std::size_t topic = 0;  // place in the response
  std::size_t index = 0;
};

class PartitionAppends {
 public:
  PartitionAppends(Node& node, RequestContext& context, ProduceRequest& request,
                   ProduceResponse& response)
      : node_(node), context_(context), request_(request), response_(response) {}

  [[nodiscard]] Task<AnsweredProduce> append(const std::string& topic, AskedProduce asked);
  // Until every partition has its answer, the time is over, or there is nobody to answer.
  [[nodiscard]] Task<> wait(Instant deadline);

 private:
  void tell_leader(AnsweredProduce& answer, BrokerId leader, LeaderEpoch epoch);
  [[nodiscard]] bool settle(const WaitingProduce& waiting);
  [[nodiscard]] Task<> wait_for_replicas(Instant deadline);
  void emit_told(const WaitingProduce& waiting);
  void settle_what_can_be();
  [[nodiscard]] AnsweredProduce& answer_for(const WaitingProduce& waiting) {
    return response_.responses[waiting.topic].partition_responses[waiting.index];
  }

  Node& node_;
  RequestContext& context_;
  ProduceRequest& request_;
  ProduceResponse& response_;
  std::vector<WaitingProduce> waiting_;
};

void PartitionAppends::tell_leader(AnsweredProduce& answer, BrokerId leader, LeaderEpoch epoch) {
  if (context_.version() < kFirstToNameLeader || leader == BrokerId{-1}) return;
  answer.current_leader = {leader.value(), epoch.value()};
  add_endpoint(node_, leader, response_.node_endpoints);
}

Task<AnsweredProduce> PartitionAppends::append(const std::string& topic, AskedProduce asked) {
  AnsweredProduce answer;
  answer.index = asked.index;
  const Leadership leadership = find_leader(node_, topic, asked.index, kNoLeaderEpoch);
  if (leadership.error != ErrorCode::none) {
    refuse(answer, leadership.error, {});
    if (tells_leader(leadership.error)) {
      tell_leader(answer, leadership.leader, leadership.leader_epoch);
    }
    co_return answer;
  }
  if (is_transactional(asked.records)) {
    refuse(answer, ErrorCode::invalid_txn_state, "there are no transactions yet");
    co_return answer;
  }
  const std::shared_ptr<Partition>& partition = leadership.partition;
  const ErrorCode admitted = partition->leader()->admit_append(request_.acks);
  if (admitted != ErrorCode::none) {
    refuse(answer, admitted, {});
    co_return answer;
  }
  Partition::Appended appended =
      co_await partition->append(std::move(asked.records), context_.version());
  fill_in(answer, appended.outcome);
  if (appended.outcome.error != ErrorCode::none) {
    node_.check_log(*partition);
  } else if (request_.acks == kAllReplicas) {
    const std::size_t at = response_.responses.size() - 1;
    waiting_.push_back(
        {partition, appended.pending, at, response_.responses.back().partition_responses.size()});
  }
  co_return answer;
}

// Whether it has its answer now.
bool PartitionAppends::settle(const WaitingProduce& waiting) {
  const std::optional<ErrorCode> error = waiting.partition->answer_of(waiting.pending);
  if (!error) return false;
  AnsweredProduce& answer = answer_for(waiting);
  answer.error_code = code_of(*error);
  if (tells_leader(*error)) {
    tell_leader(answer, waiting.partition->state().leader, waiting.partition->leader_epoch());
  }
  return true;
}

void PartitionAppends::settle_what_can_be() {
  std::erase_if(waiting_, [this](const WaitingProduce& waiting) { return settle(waiting); });
}

void PartitionAppends::emit_told(const WaitingProduce& waiting) {
  const AnsweredProduce& answer = answer_for(waiting);
  if (answer.error_code != 0) return;
  node_.machine.facts.emit({.kind = FactKind::answer_told,
                            .api = context_.header.api_key,
                            .partition = waiting.partition->index(),
                            .epoch = waiting.pending.epoch.value(),
                            .topic = waiting.partition->topic(),
                            .old = answer.base_offset,
                            .value = waiting.pending.end.value() - 1,
                            .operation = context_.header.correlation_id,
                            .peer = context_.peer});
}

Task<> PartitionAppends::wait(Instant deadline) {
  const std::vector<WaitingProduce> all = waiting_;
  settle_what_can_be();
  if (!waiting_.empty()) co_await wait_for_replicas(deadline);
  for (const WaitingProduce& waiting : all) emit_told(waiting);
}

Task<> PartitionAppends::wait_for_replicas(Instant deadline) {
  Connection& connection = context_.connection;
  const std::vector<WaitingProduce> all = waiting_;
  for (const WaitingProduce& waiting : all) waiting.partition->add_waiter(connection.alarm());
  connection.watch();
  while (!waiting_.empty() && !connection.wait_is_over() && node_.machine.clock.now() < deadline) {
    co_await connection.alarm().wait_until(deadline);
    settle_what_can_be();
  }
  for (const WaitingProduce& waiting : all) waiting.partition->remove_waiter(connection.alarm());
  for (const WaitingProduce& waiting : waiting_) {
    answer_for(waiting).error_code = code_of(ErrorCode::request_timed_out);
  }
}

AnsweredProduce refuse_acks(const AskedProduce& asked) {
  AnsweredProduce answer;
  answer.index = asked.index;
  refuse(answer, ErrorCode::invalid_required_acks, "acks must be -1, 0 or 1");
  return answer;
}

}  // namespace

Task<ProduceResponse> handle(Node& node, RequestContext& context, ProduceRequest request) {
  ProduceResponse response;
  const Instant deadline = node.machine.clock.now() + std::chrono::milliseconds(request.timeout_ms);
  const bool legal = are_legal(request.acks);
  PartitionAppends appends(node, context, request, response);
  std::int16_t first_error = 0;
  for (auto& topic : request.topic_data) {
    response.responses.emplace_back().name = topic.name;
    for (AskedProduce& asked : topic.partition_data) {
      AnsweredProduce answer;
      if (legal) {
        answer = co_await appends.append(topic.name, std::move(asked));
      } else {
        answer = refuse_acks(asked);
      }
      if (first_error == 0) first_error = answer.error_code;
      response.responses.back().partition_responses.push_back(std::move(answer));
    }
  }
  co_await appends.wait(deadline);
  if (request.acks == 0) {
    context.silent = true;
    if (first_error != 0) {
      context.close_because = "Produce with acks=0 failed: ";
      context.close_because += name_of(error_code_of(first_error));
    }
  }
  co_return response;
}

void describe(const ProduceResponse& response, Phrase& phrase) {
  for (const auto& topic : response.responses) {
    for (const AnsweredProduce& partition : topic.partition_responses) {
      if (phrase.full()) return;
      phrase << " " << topic.name << "-" << partition.index << " ";
      if (partition.error_code != 0) {
        phrase << name_of(error_code_of(partition.error_code));
      } else {
        phrase << "offset " << partition.base_offset;
      }
    }
  }
}

}  // namespace weir
