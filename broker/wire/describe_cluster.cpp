// The phrases about requests between nodes and of administrators, one overload a request.
#include "broker/wire/describe.h"
#include "broker/wire/describe_words.h"
#include "broker/wire/described.h"

namespace weir {

using detail::begin;
using detail::Names;
using detail::partition_name;

namespace {

std::string number(std::int64_t n) { return std::to_string(n); }

// " leader 1 epoch 5" of the first partition: there is one, that of the metadata log.
template <class Request>
std::string leader_and_epoch(const Request& r) {
  if (r.topics.empty() || r.topics[0].partitions.empty()) return {};
  const auto& p = r.topics[0].partitions[0];
  return " leader " + number(p.leader_id) + " epoch " + number(p.leader_epoch);
}

}  // namespace

std::string describe_request(const AllocateProducerIdsRequest& r, std::int16_t version) {
  return begin(r, version) + " for broker " + number(r.broker_id);
}

std::string describe_request(const AlterPartitionRequest& r, std::int16_t version) {
  Names names;
  for (const auto& topic : r.topics) {
    for (const auto& p : topic.partitions) {
      std::string isr;
      for (const std::int32_t id : p.new_isr) isr += (isr.empty() ? "" : ",") + number(id);
      for (const auto& b : p.new_isr_with_epochs) {
        isr += (isr.empty() ? "" : ",") + number(b.broker_id);
      }
      names.add(partition_name(to_text(topic.topic_id), p.partition_index) + " ISR " + isr);
    }
  }
  return begin(r, version) + " by broker " + number(r.broker_id) + names.text();
}

std::string describe_request(const BeginQuorumEpochRequest& r, std::int16_t version) {
  return begin(r, version) + leader_and_epoch(r);
}

std::string describe_request(const BrokerHeartbeatRequest& r, std::int16_t version) {
  std::string phrase = begin(r, version) + " of broker " + number(r.broker_id) + " at " +
                       number(r.current_metadata_offset);
  if (r.want_fence) phrase += ", wants to be fenced";
  if (r.want_shut_down) phrase += ", wants to shut down";
  return phrase;
}

std::string describe_request(const BrokerRegistrationRequest& r, std::int16_t version) {
  return begin(r, version) + " of broker " + number(r.broker_id) + " incarnation " +
         to_text(r.incarnation_id);
}

std::string describe_request(const CreatePartitionsRequest& r, std::int16_t version) {
  Names names;
  for (const auto& topic : r.topics) names.add(topic.name + " to " + number(topic.count));
  return begin(r, version) + names.text();
}

std::string describe_request(const DeleteRecordsRequest& r, std::int16_t version) {
  Names names;
  for (const auto& topic : r.topics) {
    for (const auto& p : topic.partitions) {
      names.add(partition_name(topic.name, p.partition_index) + " before " +
                (p.offset == -1 ? "the high watermark" : number(p.offset)));
    }
  }
  return begin(r, version) + names.text();
}

std::string describe_request(const ElectLeadersRequest& r, std::int16_t version) {
  std::string phrase = begin(r, version) + (r.election_type == 0 ? " preferred" : " unclean");
  if (!r.topic_partitions.has_value()) return phrase + " for all partitions";
  Names names;
  for (const auto& topic : *r.topic_partitions) {
    for (const std::int32_t p : topic.partitions) names.add(partition_name(topic.topic, p));
  }
  return phrase + names.text();
}

std::string describe_request(const EndQuorumEpochRequest& r, std::int16_t version) {
  return begin(r, version) + leader_and_epoch(r);
}

std::string describe_request(const FetchSnapshotRequest& r, std::int16_t version) {
  std::string phrase = begin(r, version);
  if (!r.topics.empty() && !r.topics[0].partitions.empty()) {
    const auto& p = r.topics[0].partitions[0];
    phrase += " to offset " + number(p.snapshot_id.end_offset) + " epoch " +
              number(p.snapshot_id.epoch) + " from byte " + number(p.position);
  }
  return phrase + " by replica " + number(r.replica_id);
}

std::string describe_request(const OffsetForLeaderEpochRequest& r, std::int16_t version) {
  Names names;
  for (const auto& topic : r.topics) {
    for (const auto& p : topic.partitions) {
      names.add(partition_name(topic.topic, p.partition) + " epoch " + number(p.leader_epoch));
    }
  }
  std::string phrase = begin(r, version) + names.text();
  if (r.replica_id >= 0) phrase += " by replica " + number(r.replica_id);
  return phrase;
}

std::string describe_request(const VoteRequest& r, std::int16_t version) {
  std::string phrase = begin(r, version);
  if (r.topics.empty() || r.topics[0].partitions.empty()) return phrase;
  const auto& p = r.topics[0].partitions[0];
  return phrase + (p.pre_vote ? " pre-vote" : "") + " for " + number(p.replica_id) + " in epoch " +
         number(p.replica_epoch) + ", log to " + number(p.last_offset) + " of epoch " +
         number(p.last_offset_epoch);
}

}  // namespace weir
