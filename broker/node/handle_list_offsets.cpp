// ListOffsets: the beginning, the end, or the first record at or after a moment.
//
// Negative timestamps ask for special places, each from its own version on: -1 latest, -2 earliest,
// -3 the record with the largest timestamp (KIP-734), -4 earliest local and -5 latest tiered
// (KIP-405, KIP-1005; nothing is tiered here). Nobody sees beyond the high watermark but a replica,
// which asks where the log ends. OFFSET_NOT_AVAILABLE while a new leader does not know yet how far
// the one before it may have shown the log (KIP-207).
#include <set>

#include "broker/node/handlers.h"
#include "broker/node/leadership.h"
#include "broker/node/node.h"

namespace weir {
namespace {

using AskedLookup = ListOffsetsRequest::ListOffsetsPartition;
using AnsweredLookup = ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;
constexpr std::int64_t kLatestTiered = -5;

constexpr std::int16_t kFirstWithLeaderEpoch = 4;
constexpr std::int16_t kFirstWithOffsetNotAvailable = 5;
constexpr std::int16_t kFirstWithMaxTimestamp = 7;
constexpr std::int16_t kFirstWithEarliestLocal = 8;
constexpr std::int16_t kFirstWithLatestTiered = 9;

bool is_served(std::int64_t timestamp, std::int16_t version) {
  if (timestamp >= kEarliest) return true;
  if (timestamp == kMaxTimestamp) return version >= kFirstWithMaxTimestamp;
  if (timestamp == kEarliestLocal) return version >= kFirstWithEarliestLocal;
  if (timestamp == kLatestTiered) return version >= kFirstWithLatestTiered;
  return false;
}

TimestampOffset found_at(Offset offset, LeaderEpoch epoch) {
  TimestampOffset found;
  found.offset = offset;
  found.epoch = epoch;
  return found;
}

TimestampOffset failed_with(ErrorCode error) {
  TimestampOffset found;
  found.error = error;
  return found;
}

struct Question {
  std::int64_t timestamp = 0;
  bool for_replica = false;
  std::int16_t version = 0;
};

struct Found {
  TimestampOffset at;
  Offset bound{0};  // below which records were searched; 0: none were
};

// The partition has a leader().
Task<Found> look_up(Partition& partition, Question question) {
  const PartitionLog& log = partition.log();
  Found found;
  if (question.timestamp == kEarliest || question.timestamp == kEarliestLocal) {
    const Offset start = log.log_start_offset();
    found.at = found_at(start, log.epoch_cache().epoch_at(start));
    co_return found;
  }
  if (question.timestamp == kLatestTiered) co_return found;
  LatestOffset latest = partition.leader()->latest_offset();
  if (question.for_replica) latest = {ErrorCode::none, partition.leader()->log().log_end};
  if (latest.error != ErrorCode::none) {
    const bool told = question.version >= kFirstWithOffsetNotAvailable;
    found.at = failed_with(told ? latest.error : ErrorCode::leader_not_available);
    co_return found;
  }
  if (question.timestamp == kLatest) {
    found.at = found_at(latest.offset, log.latest_epoch());
    co_return found;
  }
  found.bound = latest.offset;
  if (question.timestamp == kMaxTimestamp) {
    found.at = co_await partition.offset_of_max_timestamp(latest.offset);
  } else {
    const WallTime wanted{question.timestamp};
    found.at = co_await partition.offset_for_timestamp(wanted, latest.offset);
  }
  co_return found;
}

// Of another replica of this partition.
bool is_replica(const Partition& partition, std::int32_t asker, BrokerId self) {
  return asker >= 0 && BrokerId{asker} != self &&
         contains(partition.state().replicas, BrokerId{asker});
}

void emit_told(Node& node, const RequestContext& context, const Partition& partition,
               const Question& question, const Found& found, const AnsweredLookup& answer) {
  const bool searched = found.bound > Offset{0};
  const std::string timestamp = searched ? std::to_string(answer.timestamp) : std::string();
  node.machine.facts.emit({.kind = FactKind::answer_told,
                           .api = context.header.api_key,
                           .partition = partition.index(),
                           .epoch = found.at.epoch.value(),
                           .topic = partition.topic(),
                           .old = question.timestamp,
                           .value = answer.offset,
                           .operation = context.header.correlation_id,
                           .digest = static_cast<std::uint64_t>(found.bound.value()),
                           .record = timestamp,
                           .peer = context.peer,
                           .why = question.for_replica ? "replica" : ""});
}

Task<AnsweredLookup> answer_partition(Node& node, const RequestContext& context,
                                      const std::string& topic, AskedLookup asked,
                                      std::int32_t asker) {
  AnsweredLookup answer;
  answer.partition_index = asked.partition_index;
  const std::int16_t version = context.version();
  const Leadership leadership =
      find_leader(node, topic, asked.partition_index, LeaderEpoch{asked.current_leader_epoch});
  ErrorCode error = leadership.error;
  if (error == ErrorCode::none && !is_served(asked.timestamp, version)) {
    error = ErrorCode::unsupported_version;
  }
  if (error == ErrorCode::none) {
    Partition& partition = *leadership.partition;
    Question question;
    question.timestamp = asked.timestamp;
    question.for_replica = is_replica(partition, asker, node.config.id);
    question.version = version;
    const Found found = co_await look_up(partition, question);
    error = found.at.error;
    if (error == ErrorCode::none) {
      answer.offset = found.at.offset.value();
      answer.timestamp = found.at.timestamp.ms;
      if (version >= kFirstWithLeaderEpoch) answer.leader_epoch = found.at.epoch.value();
      emit_told(node, context, partition, question, found, answer);
    } else {
      node.check_log(partition);
    }
  }
  answer.error_code = code_of(error);
  co_return answer;
}

}  // namespace

Task<ListOffsetsResponse> handle(Node& node, RequestContext& context, ListOffsetsRequest request) {
  ListOffsetsResponse response;
  std::set<std::pair<std::string_view, std::int32_t>> seen;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const AskedLookup& asked : topic.partitions) {
      AnsweredLookup answer;
      if (seen.insert({topic.name, asked.partition_index}).second) {
        answer = co_await answer_partition(node, context, topic.name, asked, request.replica_id);
      } else {
        answer.partition_index = asked.partition_index;
        answer.error_code = code_of(ErrorCode::invalid_request);
      }
      response.topics.back().partitions.push_back(answer);
    }
  }
  co_return response;
}

void describe(const ListOffsetsResponse& response, Phrase& phrase) {
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (phrase.full()) return;
      phrase << " " << topic.name << "-" << partition.partition_index << " ";
      if (partition.error_code != 0) {
        phrase << name_of(error_code_of(partition.error_code));
      } else {
        phrase << "offset " << partition.offset;
      }
    }
  }
}

}  // namespace weir
