// Reading the partitions of a fetch.
#include "broker/node/fetch_round.h"

#include <algorithm>

#include "broker/node/leadership.h"
#include "broker/node/node.h"

namespace weir {
namespace {

using AskedTopic = FetchRequest::FetchTopic;
using AskedFetch = FetchRequest::FetchPartition;
using AnsweredFetch = FetchResponse::PartitionData;

constexpr std::int16_t kFirstWithTopicIds = 13;
constexpr std::int16_t kFirstWithLeader = 12;
constexpr std::int16_t kFirstWithEndpoints = 16;
constexpr std::int16_t kFirstWithReplicaState = 15;
constexpr std::int8_t kReadCommitted = 1;
constexpr std::int64_t kUnknown = -1;

// Who asks: a replica, or a consumer (-1).
FetchRequest::ReplicaState asker_of(const FetchRequest& request, std::int16_t version) {
  if (version >= kFirstWithReplicaState) return request.replica_state;
  return {request.replica_id, -1};
}

class Round {
 public:
  Round(Node& node, const FetchRequest& request, std::int16_t version, bool counts)
      : node_(node),
        request_(request),
        version_(version),
        counts_(counts),
        asker_(asker_of(request, version)) {
    const std::int64_t asked = std::max(request.max_bytes, 0);
    room_ = static_cast<std::size_t>(std::min(asked, node.settings.fetch_max_bytes));
  }

  // A partition whose leader may be asked.
  struct Admitted {
    Leadership leadership;
    FollowerFetch fetch;
    FetchVerdict verdict;
    FetchRound::Read read;
  };

  // The topic's name, or null where its id is unknown.
  [[nodiscard]] const std::string* name_of(const AskedTopic& topic);
  // Nothing: it was answered, with an error or a divergence.
  [[nodiscard]] std::optional<Admitted> admit(const std::string& topic, const AskedFetch& asked,
                                              AnsweredFetch& answer);
  void refuse(AnsweredFetch& answer, ErrorCode error, const Leadership& leadership);
  // The bytes that this partition may add to the answer; nothing: it is not worth a read.
  [[nodiscard]] std::optional<std::size_t> wanted_bytes(const Admitted& admitted,
                                                        const AskedFetch& asked) const;
  [[nodiscard]] bool is_first() const { return round_.bytes == 0; }
  // False: the log could not be read.
  [[nodiscard]] bool take_outcome(Admitted& admitted, ReadOutcome outcome, AnsweredFetch& answer);
  void count(Admitted admitted, AnsweredFetch& answer);
  void expect(std::size_t partitions) { round_.reads.reserve(round_.reads.size() + partitions); }
  void add_topic(const AskedTopic& topic, std::vector<AnsweredFetch> answers);
  FetchRound take() && { return std::move(round_); }

 private:
  [[nodiscard]] bool for_replica() const { return asker_.replica_id >= 0; }
  [[nodiscard]] FollowerFetch position_of(const AskedFetch& asked) const;
  [[nodiscard]] FetchRound::Read begin_read(const std::shared_ptr<Partition>& partition,
                                            const AskedFetch& asked) const;

  Node& node_;
  const FetchRequest& request_;
  std::int16_t version_;
  bool counts_;
  FetchRequest::ReplicaState asker_;
  std::size_t room_;
  std::shared_ptr<const TopicImage> topic_;  // that name_of() found by its id
  FetchRound round_;
};

FollowerFetch Round::position_of(const AskedFetch& asked) const {
  return {.replica = BrokerId{asker_.replica_id},
          .broker_epoch = BrokerEpoch{asker_.replica_epoch},
          .leader_epoch = LeaderEpoch{asked.current_leader_epoch},
          .fetch_offset = Offset{asked.fetch_offset},
          .last_fetched_epoch = LeaderEpoch{asked.last_fetched_epoch},
          .log_start = Offset{asked.log_start_offset}};
}

const std::string* Round::name_of(const AskedTopic& topic) {
  if (version_ < kFirstWithTopicIds) return &topic.topic;
  topic_ = node_.image()->topic(topic.topic_id);
  return topic_ == nullptr ? nullptr : &topic_->name;
}

void Round::add_topic(const AskedTopic& topic, std::vector<AnsweredFetch> answers) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    answers[i].partition_index = topic.partitions[i].partition;
    if (request_.isolation_level != kReadCommitted) answers[i].aborted_transactions = std::nullopt;
  }
  round_.response.responses.push_back({topic.topic, topic.topic_id, std::move(answers)});
}

void Round::refuse(AnsweredFetch& answer, ErrorCode error, const Leadership& leadership) {
  round_.answer_now = true;
  answer.error_code = code_of(error);
  answer.high_watermark = kUnknown;
  if (!tells_leader(error) || leadership.leader == BrokerId{-1}) return;
  if (version_ >= kFirstWithLeader) {
    answer.current_leader = {leadership.leader.value(), leadership.leader_epoch.value()};
  }
  if (version_ >= kFirstWithEndpoints) {
    add_endpoint(node_, leadership.leader, round_.response.node_endpoints);
  }
}

std::optional<Round::Admitted> Round::admit(const std::string& topic, const AskedFetch& asked,
                                            AnsweredFetch& answer) {
  const LeaderEpoch known{asked.current_leader_epoch};
  Leadership leadership = find_leader(node_, topic, asked.partition, known);
  const bool stands_alone = node_.publisher == nullptr;  // then there are no other replicas
  if (leadership.error == ErrorCode::none && for_replica() && stands_alone) {
    leadership.error = ErrorCode::not_leader_or_follower;
  }
  if (leadership.error != ErrorCode::none) {
    refuse(answer, leadership.error, leadership);
    return std::nullopt;
  }
  const std::shared_ptr<Partition>& partition = leadership.partition;
  const FollowerFetch fetch = position_of(asked);
  const EpochCache& epochs = partition->log().epoch_cache();
  const FetchVerdict verdict =
      for_replica() ? partition->leader()->judge_fetch(fetch, epochs)
                    : partition->leader()->judge_read(known, fetch.fetch_offset,
                                                      fetch.last_fetched_epoch, epochs);
  if (verdict.error != ErrorCode::none) {
    refuse(answer, verdict.error, leadership);
    return std::nullopt;
  }
  answer.high_watermark = partition->high_watermark().value();
  answer.last_stable_offset = answer.high_watermark;
  answer.log_start_offset = partition->log().log_start_offset().value();
  if (verdict.diverging) {
    answer.diverging_epoch = {verdict.diverging->epoch.value(),
                              verdict.diverging->end_offset.value()};
    round_.answer_now = true;
    return std::nullopt;
  }
  FetchRound::Read read = begin_read(partition, asked);
  return Admitted{std::move(leadership), fetch, verdict, std::move(read)};
}

std::optional<std::size_t> Round::wanted_bytes(const Admitted& admitted,
                                               const AskedFetch& asked) const {
  const auto limit = std::min(static_cast<std::size_t>(std::max(asked.partition_max_bytes, 0)),
                              room_ - std::min(room_, round_.bytes));
  if (admitted.read.first_offset >= admitted.read.bound) return std::nullopt;
  if (!is_first() && limit == 0) return std::nullopt;
  return limit;
}

bool Round::take_outcome(Admitted& admitted, ReadOutcome outcome, AnsweredFetch& answer) {
  if (outcome.error != ErrorCode::none) {
    node_.check_log(*admitted.leadership.partition);
    refuse(answer, outcome.error, admitted.leadership);
    return false;
  }
  round_.bytes += outcome.batches.size();
  answer.records = std::move(outcome.batches);
  admitted.read.first_offset = outcome.first_offset;
  admitted.read.next_offset = outcome.next_offset;
  return true;
}

void Round::count(Admitted admitted, AnsweredFetch& answer) {
  round_.reads.push_back(std::move(admitted.read));
  if (!for_replica() || !counts_) return;
  // What it moved is told in the same answer.
  Partition& partition = *admitted.leadership.partition;
  partition.count_fetch(admitted.fetch, admitted.verdict);
  if (!round_.reads.back().is_stale()) {
    answer.high_watermark = partition.high_watermark().value();
    answer.last_stable_offset = answer.high_watermark;
  }
}

FetchRound::Read Round::begin_read(const std::shared_ptr<Partition>& partition,
                                   const AskedFetch& asked) const {
  FetchRound::Read read;
  read.partition = partition;
  read.office = partition->office();
  read.for_replica = for_replica();
  read.bytes_before = read.for_replica ? partition->appended_bytes() : partition->committed_bytes();
  read.bound = read.for_replica ? partition->leader()->log().log_end : partition->high_watermark();
  if (read.for_replica) {
    read.known_high_watermark = Offset{asked.high_watermark};
    read.known_log_start = Offset{asked.log_start_offset};
  }
  read.first_offset = Offset{asked.fetch_offset};
  read.next_offset = read.first_offset;
  return read;
}

}  // namespace

std::uint64_t FetchRound::Read::bytes_since() const {
  return (for_replica ? partition->appended_bytes() : partition->committed_bytes()) - bytes_before;
}

bool FetchRound::Read::has_news() const {
  return partition->high_watermark() > known_high_watermark ||
         partition->log().log_start_offset() > known_log_start;
}

bool FetchRound::Read::is_stale() const { return partition->office() != office; }

std::uint64_t FetchRound::bytes_by_now() const {
  std::uint64_t sum = bytes;
  for (const Read& read : reads) sum += read.bytes_since();
  return sum;
}

bool FetchRound::has_news() const { return std::ranges::any_of(reads, &Read::has_news); }
bool FetchRound::is_stale() const { return std::ranges::any_of(reads, &Read::is_stale); }

Task<FetchRound> fetch_once(Node& node, const FetchRequest& request, std::int16_t version,
                            bool counts) {
  Round round(node, request, version, counts);
  for (const AskedTopic& topic : request.topics) {
    const std::string* const name = round.name_of(topic);
    round.expect(topic.partitions.size());
    std::vector<AnsweredFetch> answers(topic.partitions.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (name == nullptr) {
        round.refuse(answers[i], ErrorCode::unknown_topic_id, {});
        continue;
      }
      std::optional<Round::Admitted> admitted = round.admit(*name, topic.partitions[i], answers[i]);
      if (!admitted) continue;
      const std::optional<std::size_t> limit = round.wanted_bytes(*admitted, topic.partitions[i]);
      if (limit) {
        const FetchRound::Read& read = admitted->read;
        ReadOutcome outcome =
            co_await read.partition->read(read.first_offset, *limit, read.bound, round.is_first());
        if (!round.take_outcome(*admitted, std::move(outcome), answers[i])) continue;
      }
      round.count(std::move(*admitted), answers[i]);
    }
    round.add_topic(topic, std::move(answers));
  }
  co_return std::move(round).take();
}

}  // namespace weir
