// Reading the partitions of a fetch.
#include "broker/node/fetch_round.h"

#include <algorithm>

#include "broker/node/leadership.h"
#include "broker/node/node.h"

namespace weir {
namespace {

using AskedTopic = FetchRequest::FetchTopic;
using Asked = FetchRequest::FetchPartition;
using Answer = FetchResponse::PartitionData;

constexpr std::int16_t kFirstWithTopicIds = 13;
constexpr std::int16_t kFirstWithLeader = 12;
constexpr std::int16_t kFirstWithEndpoints = 16;
constexpr std::int16_t kFirstWithReplicaState = 15;
constexpr std::int8_t kReadCommitted = 1;
constexpr std::int64_t kUnknown = -1;

bool is_replica(const FetchRequest& request, std::int16_t version) {
  const std::int32_t id =
      version >= kFirstWithReplicaState ? request.replica_state.replica_id : request.replica_id;
  return id >= 0;
}

class Round {
 public:
  Round(Node& node, const FetchRequest& request, std::int16_t version)
      : node_(node), request_(request), version_(version) {
    const std::int64_t asked = std::max(request.max_bytes, 0);
    room_ = static_cast<std::size_t>(std::min(asked, node.settings.fetch_max_bytes));
  }

  Task<> read_topic(const AskedTopic& topic);
  FetchRound take() && { return std::move(round_); }

 private:
  Task<Answer> read_partition(const std::string& topic, const Asked& asked);
  Task<> read_log(const std::shared_ptr<Partition>& partition, const Asked& asked, Answer& answer);
  void refuse(Answer& answer, ErrorCode error, const Leadership& leadership);
  bool diverges(const PartitionLog& log, const Asked& asked, Answer& answer);

  Node& node_;
  const FetchRequest& request_;
  std::int16_t version_;
  std::size_t room_;
  FetchRound round_;
};

Task<> Round::read_topic(const AskedTopic& topic) {
  const bool by_id = version_ >= kFirstWithTopicIds;
  std::string name = topic.topic;
  bool known = true;
  if (by_id) {
    const auto image = node_.topics.image()->topic(topic.topic_id);
    known = image != nullptr;
    if (known) name = image->name;
  }
  std::vector<Answer> answers;
  for (const Asked& asked : topic.partitions) {
    Answer answer;
    if (known) {
      answer = co_await read_partition(name, asked);
    } else {
      refuse(answer, ErrorCode::unknown_topic_id, {});
    }
    answer.partition_index = asked.partition;
    if (request_.isolation_level != kReadCommitted) answer.aborted_transactions = std::nullopt;
    answers.push_back(std::move(answer));
  }
  round_.response.responses.push_back({topic.topic, topic.topic_id, std::move(answers)});
}

void Round::refuse(Answer& answer, ErrorCode error, const Leadership& leadership) {
  round_.answer_now = true;
  answer.error_code = code_of(error);
  answer.high_watermark = kUnknown;
  if (leadership.leader == BrokerId{-1}) return;
  if (version_ >= kFirstWithLeader) {
    answer.current_leader = {leadership.leader.value(), leadership.leader_epoch.value()};
  }
  if (version_ >= kFirstWithEndpoints) {
    add_endpoint(node_, leadership.leader, round_.response.node_endpoints);
  }
}

// Whether the asker's log is of another history: it must truncate before it gets records (KIP-595).
bool Round::diverges(const PartitionLog& log, const Asked& asked, Answer& answer) {
  const EpochEnd end = log.end_offset_for_epoch(LeaderEpoch{asked.last_fetched_epoch});
  if (end.epoch == kNoLeaderEpoch) {
    refuse(answer, ErrorCode::offset_out_of_range, {});
    return true;
  }
  const bool differs =
      end.epoch.value() < asked.last_fetched_epoch || end.end_offset.value() < asked.fetch_offset;
  if (!differs) return false;
  answer.diverging_epoch = {end.epoch.value(), end.end_offset.value()};
  round_.answer_now = true;
  return true;
}

Task<Answer> Round::read_partition(const std::string& topic, const Asked& asked) {
  Answer answer;
  Leadership leadership =
      find_leader(node_, topic, asked.partition, LeaderEpoch{asked.current_leader_epoch});
  if (leadership.error == ErrorCode::none && is_replica(request_, version_)) {
    leadership.error = ErrorCode::not_leader_or_follower;  // no partition has a second replica
  }
  if (leadership.error != ErrorCode::none) {
    refuse(answer, leadership.error, leadership);
    co_return answer;
  }
  const PartitionLog& log = leadership.partition->log();
  const Offset from{asked.fetch_offset};
  if (from < log.log_start_offset() || from > log.log_end_offset()) {
    refuse(answer, ErrorCode::offset_out_of_range, {});
    co_return answer;
  }
  answer.high_watermark = leadership.partition->high_watermark().value();
  answer.last_stable_offset = answer.high_watermark;
  answer.log_start_offset = log.log_start_offset().value();
  if (asked.last_fetched_epoch >= 0 && diverges(log, asked, answer)) co_return answer;
  co_await read_log(leadership.partition, asked, answer);
  co_return answer;
}

Task<> Round::read_log(const std::shared_ptr<Partition>& partition, const Asked& asked,
                       Answer& answer) {
  FetchRound::Read read;
  read.partition = partition;
  read.appended_before = partition->appended_bytes();
  read.bound = Offset{answer.high_watermark};
  const bool first = round_.bytes == 0;
  const auto limit = std::min(static_cast<std::size_t>(std::max(asked.partition_max_bytes, 0)),
                              room_ - std::min(room_, round_.bytes));
  const Offset from{asked.fetch_offset};
  read.first_offset = from;
  read.next_offset = from;
  if (from < read.bound && (first || limit > 0)) {
    ReadOutcome outcome = co_await partition->read(from, limit, read.bound, first);
    if (outcome.error != ErrorCode::none) {
      node_.topics.check_log(*partition);
      refuse(answer, outcome.error, {});
      co_return;
    }
    round_.bytes += outcome.batches.size();
    answer.records = std::move(outcome.batches);
    read.first_offset = outcome.first_offset;
    read.next_offset = outcome.next_offset;
  }
  round_.reads.push_back(std::move(read));
}

}  // namespace

std::uint64_t FetchRound::bytes_by_now() const {
  std::uint64_t sum = bytes;
  for (const Read& read : reads) sum += read.partition->appended_bytes() - read.appended_before;
  return sum;
}

bool FetchRound::is_stale() const {
  return std::any_of(reads.begin(), reads.end(),
                     [](const Read& read) { return read.partition->gone(); });
}

Task<FetchRound> fetch_once(Node& node, const FetchRequest& request, std::int16_t version) {
  Round round(node, request, version);
  for (const AskedTopic& topic : request.topics) {
    co_await round.read_topic(topic);
  }
  co_return std::move(round).take();
}

}  // namespace weir
