// Produce: appends one batch a partition, in the order of the request.
//
// acks 1 and all mean the same with one replica: in the log, and synced first where
// flush.messages=1. min.insync.replicas is then always met, since what counts is the smaller of it
// and the number of replicas. With acks=0 nothing is answered, and an error ends the connection
// (KafkaApis.handleProduceRequest). The log validates batches, sequences and epochs.
#include "broker/node/handlers.h"
#include "broker/node/leadership.h"
#include "broker/node/node.h"
#include "broker/wire/record_batch.h"

namespace weir {
namespace {

using Asked = ProduceRequest::PartitionProduceData;
using Answer = ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t kFirstWithLeader = 10;
constexpr std::int64_t kNoOffset = -1;

bool are_legal(std::int16_t acks) { return acks >= -1 && acks <= 1; }

// Everything else about a batch is the log's to judge.
bool is_transactional(const Slice& records) {
  if (records.size() < kBatchHeaderBytes) return false;
  const BatchHeader header = read_batch_header(records);
  return header.magic == kBatchMagic && header.is_transactional() && !header.is_control();
}

void refuse(Answer& answer, ErrorCode error, std::string_view why) {
  answer.error_code = code_of(error);
  answer.base_offset = kNoOffset;
  if (!why.empty()) answer.error_message = why;
}

void fill_in(Answer& answer, const AppendOutcome& outcome) {
  if (outcome.error != ErrorCode::none) {
    refuse(answer, outcome.error, outcome.error_message);
    return;
  }
  answer.base_offset = outcome.base_offset.value();
  answer.log_append_time_ms = outcome.log_append_time.ms;
  answer.log_start_offset = outcome.log_start_offset.value();
}

Task<Answer> append(Node& node, const std::string& topic, Asked asked, std::int16_t version,
                    ProduceResponse& response) {
  Answer answer;
  answer.index = asked.index;
  const Leadership leadership = find_leader(node, topic, asked.index, kNoLeaderEpoch);
  if (leadership.error != ErrorCode::none) {
    refuse(answer, leadership.error, {});
    if (version >= kFirstWithLeader && leadership.leader != BrokerId{-1}) {
      answer.current_leader = {leadership.leader.value(), leadership.leader_epoch.value()};
      add_endpoint(node, leadership.leader, response.node_endpoints);
    }
    co_return answer;
  }
  if (is_transactional(asked.records)) {
    refuse(answer, ErrorCode::invalid_txn_state, "there are no transactions yet");
    co_return answer;
  }
  AppendOutcome outcome = co_await leadership.partition->append(std::move(asked.records), version);
  fill_in(answer, outcome);
  if (outcome.error != ErrorCode::none) node.topics.check_log(*leadership.partition);
  co_return answer;
}

Answer refuse_acks(const Asked& asked) {
  Answer answer;
  answer.index = asked.index;
  refuse(answer, ErrorCode::invalid_required_acks, "acks must be -1, 0 or 1");
  return answer;
}

}  // namespace

Task<ProduceResponse> handle(Node& node, RequestContext& context, ProduceRequest request) {
  ProduceResponse response;
  const bool legal = are_legal(request.acks);
  std::int16_t first_error = 0;
  for (auto& topic : request.topic_data) {
    response.responses.emplace_back().name = topic.name;
    for (Asked& asked : topic.partition_data) {
      Answer answer;
      if (legal) {
        answer = co_await append(node, topic.name, std::move(asked), context.version(), response);
      } else {
        answer = refuse_acks(asked);
      }
      if (first_error == 0) first_error = answer.error_code;
      response.responses.back().partition_responses.push_back(std::move(answer));
    }
  }
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
    for (const Answer& partition : topic.partition_responses) {
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
