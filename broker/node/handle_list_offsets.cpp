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

// The epoch of the first record, as far as the log's epochs tell it.
LeaderEpoch epoch_at_start(const PartitionLog& log) {
  const LeaderEpoch latest = log.latest_epoch();
  if (latest <= LeaderEpoch{0}) return latest;
  const EpochEnd before = log.end_offset_for_epoch(latest - 1);
  return before.end_offset <= log.log_start_offset() ? latest : kNoLeaderEpoch;
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

// The partition has a leader().
Task<TimestampOffset> look_up(Partition& partition, std::int64_t timestamp, bool for_replica,
                              std::int16_t version) {
  const PartitionLog& log = partition.log();
  TimestampOffset found;
  if (timestamp == kEarliest || timestamp == kEarliestLocal) {
    co_return found_at(log.log_start_offset(), epoch_at_start(log));
  }
  if (timestamp == kLatestTiered) co_return found;
  LatestOffset latest = partition.leader()->latest_offset();
  if (for_replica) latest = {ErrorCode::none, partition.leader()->log().log_end};
  if (latest.error != ErrorCode::none) {
    const bool told = version >= kFirstWithOffsetNotAvailable;
    co_return failed_with(told ? latest.error : ErrorCode::leader_not_available);
  }
  if (timestamp == kLatest) co_return found_at(latest.offset, log.latest_epoch());
  if (timestamp == kMaxTimestamp) {
    found = co_await partition.offset_of_max_timestamp(latest.offset);
  } else {
    const WallTime wanted{timestamp};
    found = co_await partition.offset_for_timestamp(wanted, latest.offset);
  }
  co_return found;
}

// Of another replica of this partition.
bool is_replica(const Partition& partition, std::int32_t asker, BrokerId self) {
  return asker >= 0 && BrokerId{asker} != self &&
         contains(partition.state().replicas, BrokerId{asker});
}

Task<AnsweredLookup> answer_partition(Node& node, const std::string& topic, AskedLookup asked,
                                      std::int32_t asker, std::int16_t version) {
  AnsweredLookup answer;
  answer.partition_index = asked.partition_index;
  const Leadership leadership =
      find_leader(node, topic, asked.partition_index, LeaderEpoch{asked.current_leader_epoch});
  ErrorCode error = leadership.error;
  if (error == ErrorCode::none && !is_served(asked.timestamp, version)) {
    error = ErrorCode::unsupported_version;
  }
  if (error == ErrorCode::none) {
    Partition& partition = *leadership.partition;
    const bool for_replica = is_replica(partition, asker, node.config.id);
    const TimestampOffset found =
        co_await look_up(partition, asked.timestamp, for_replica, version);
    error = found.error;
    if (error == ErrorCode::none) {
      answer.offset = found.offset.value();
      answer.timestamp = found.timestamp.ms;
      if (version >= kFirstWithLeaderEpoch) answer.leader_epoch = found.epoch.value();
    } else {
      node.check_log(*leadership.partition);
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
        answer = co_await answer_partition(node, topic.name, asked, request.replica_id,
                                           context.version());
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
