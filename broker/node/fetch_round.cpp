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

  // Answers of the topic that follow are its, one for each partition that is asked for. Yields its
  // name, or null where its id is unknown.
  [[nodiscard]] const std::string* begin_topic(const AskedTopic& topic);
  [[nodiscard]] AnsweredFetch& answer(std::size_t partition) {
    return round_.response.responses.back().partitions[partition];
  }
  // False: it was answered, with an error or a divergence.
  [[nodiscard]] bool admit(const std::string& topic, const AskedFetch& asked, AnsweredFetch& answer,
                           Admitted& admitted);
  void refuse(AnsweredFetch& answer, ErrorCode error, const Leadership& leadership);
  // The bytes that this partition may add to the answer; nothing: it is not worth a read.
  [[nodiscard]] std::optional<std::size_t> wanted_bytes(const Admitted& admitted,
                                                        const AskedFetch& asked) const;
  [[nodiscard]] bool is_first() const { return round_.bytes == 0; }
  // False: the log could not be read.
  [[nodiscard]] bool take_outcome(Admitted& admitted, ReadOutcome outcome, AnsweredFetch& answer);
  void count(Admitted& admitted, AnsweredFetch& answer);
  FetchRound take() && { return std::move(round_); }

 private:
  [[nodiscard]] bool for_replica() const { return asker_.replica_id >= 0; }
  [[nodiscard]] FollowerFetch position_of(const AskedFetch& asked) const;
  void begin_read(const std::shared_ptr<Partition>& partition, const AskedFetch& asked,
                  FetchRound::Read& read) const;
  [[nodiscard]] const TopicImage* newest(const std::string& topic);

  Node& node_;
  const FetchRequest& request_;
  std::int16_t version_;
  bool counts_;
  FetchRequest::ReplicaState asker_;
  std::size_t room_;
  std::shared_ptr<const TopicImage> named_;  // that begin_topic() found by its id
  // The topic in the image that was looked at last.
  std::shared_ptr<const MetadataImage> image_;
  std::shared_ptr<const TopicImage> topic_;
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

const std::string* Round::begin_topic(const AskedTopic& topic) {
  const std::size_t partitions = topic.partitions.size();
  round_.reads.reserve(round_.reads.size() + partitions);
  round_.response.responses.reserve(request_.topics.size());
  FetchResponse::FetchableTopicResponse& answered = round_.response.responses.emplace_back();
  answered.topic = topic.topic;
  answered.topic_id = topic.topic_id;
  answered.partitions.resize(partitions);
  for (std::size_t i = 0; i < partitions; ++i) {
    AnsweredFetch& answer = answered.partitions[i];
    answer.partition_index = topic.partitions[i].partition;
    if (request_.isolation_level != kReadCommitted) answer.aborted_transactions = std::nullopt;
  }
  image_ = node_.image();
  if (version_ < kFirstWithTopicIds) {
    topic_ = image_->topic(topic.topic);
    return &topic.topic;
  }
  topic_ = named_ = image_->topic(topic.topic_id);
  return named_ == nullptr ? nullptr : &named_->name;
}

// The image may change while a partition is read.
const TopicImage* Round::newest(const std::string& topic) {
  if (image_ != node_.image()) {
    image_ = node_.image();
    topic_ = image_->topic(topic);
  }
  return topic_.get();
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

bool Round::admit(const std::string& topic, const AskedFetch& asked, AnsweredFetch& answer,
                  Admitted& admitted) {
  const LeaderEpoch known{asked.current_leader_epoch};
  Leadership& leadership = admitted.leadership;
  leadership = find_leader(node_, newest(topic), topic, asked.partition, known);
  const bool stands_alone = node_.publisher == nullptr;  // then there are no other replicas
  if (leadership.error == ErrorCode::none && for_replica() && stands_alone) {
    leadership.error = ErrorCode::not_leader_or_follower;
  }
  if (leadership.error != ErrorCode::none) {
    refuse(answer, leadership.error, leadership);
    return false;
  }
  const std::shared_ptr<Partition>& partition = leadership.partition;
  const FollowerFetch& fetch = admitted.fetch = position_of(asked);
  const EpochCache& epochs = partition->log().epoch_cache();
  const FetchVerdict& verdict = admitted.verdict =
      for_replica() ? partition->leader()->judge_fetch(fetch, epochs)
                    : partition->leader()->judge_read(known, fetch.fetch_offset,
                                                      fetch.last_fetched_epoch, epochs);
  if (verdict.error != ErrorCode::none) {
    refuse(answer, verdict.error, leadership);
    return false;
  }
  answer.high_watermark = partition->high_watermark().value();
  answer.last_stable_offset = answer.high_watermark;
  answer.log_start_offset = partition->log().log_start_offset().value();
  if (verdict.diverging) {
    answer.diverging_epoch = {verdict.diverging->epoch.value(),
                              verdict.diverging->end_offset.value()};
    round_.answer_now = true;
    return false;
  }
  begin_read(partition, asked, admitted.read);
  return true;
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

void Round::count(Admitted& admitted, AnsweredFetch& answer) {
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

void Round::begin_read(const std::shared_ptr<Partition>& partition, const AskedFetch& asked,
                       FetchRound::Read& read) const {
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
    const std::string* const name = round.begin_topic(topic);
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      AnsweredFetch& answer = round.answer(i);
      if (name == nullptr) {
        round.refuse(answer, ErrorCode::unknown_topic_id, {});
        continue;
      }
      Round::Admitted admitted;
      if (!round.admit(*name, topic.partitions[i], answer, admitted)) continue;
      const std::optional<std::size_t> limit = round.wanted_bytes(admitted, topic.partitions[i]);
      if (limit) {
        const FetchRound::Read& read = admitted.read;
        ReadOutcome outcome =
            co_await read.partition->read(read.first_offset, *limit, read.bound, round.is_first());
        if (!round.take_outcome(admitted, std::move(outcome), answer)) continue;
      }
      round.count(admitted, answer);
    }
  }
  co_return std::move(round).take();
}

}  // namespace weir
