// The administrator's requests: what is asked in each round of a call, what of it is settled by an
// answer, and what comes out. Pure; one struct a call, all of one shape:
//
//   Request request(timeout_ms)   for all that is still open
//   void take(response, last)     settles what is definite; with `last` everything
//   bool done()
//   ClientResult<Value> result()  once done
//
// Retried is what a change of controllers or leaders explains (admin_retries), as in Kafka's
// AdminClient; an answer such as UNKNOWN_TOPIC_OR_PARTITION is the controller's word, and final. A
// call that was answered by silence may find its own earlier success: TOPIC_ALREADY_EXISTS then is
// what Kafka tells too.
#pragma once

#include <map>
#include <set>
#include <span>

#include "broker/client/admin_types.h"
#include "broker/client/metadata_cache.h"
#include "broker/wire/messages/alter_configs.h"
#include "broker/wire/messages/alter_partition_reassignments.h"
#include "broker/wire/messages/create_partitions.h"
#include "broker/wire/messages/create_topics.h"
#include "broker/wire/messages/delete_records.h"
#include "broker/wire/messages/delete_topics.h"
#include "broker/wire/messages/describe_cluster.h"
#include "broker/wire/messages/describe_configs.h"
#include "broker/wire/messages/describe_log_dirs.h"
#include "broker/wire/messages/describe_quorum.h"
#include "broker/wire/messages/elect_leaders.h"
#include "broker/wire/messages/incremental_alter_configs.h"
#include "broker/wire/messages/list_offsets.h"
#include "broker/wire/messages/list_partition_reassignments.h"
#include "broker/wire/messages/metadata.h"

namespace weir {

// May the same question have another answer soon, there or elsewhere?
[[nodiscard]] bool admin_retries(ErrorCode code);
// Empty for success; otherwise the code's name, with the broker's words where it has some.
[[nodiscard]] std::string admin_why(std::int16_t code, const std::optional<std::string>& words);

// What a call has settled, by what it asked about; values come out in the order of keys.
template <class Key, class Outcome>
class Settled {
 public:
  explicit Settled(std::size_t asked = 0) : asked_(asked) {}
  [[nodiscard]] bool open(const Key& key) const { return !outcomes_.contains(key); }
  [[nodiscard]] bool done() const { return outcomes_.size() >= asked_; }
  void settle(const Key& key, std::int16_t code, bool last, Outcome outcome) {
    if (!last && admin_retries(error_code_of(code))) return;
    outcomes_.insert_or_assign(key, std::move(outcome));
  }
  [[nodiscard]] std::vector<Outcome> values() const {
    std::vector<Outcome> out;
    for (const auto& [key, outcome] : outcomes_) out.push_back(outcome);
    return out;
  }

 private:
  std::size_t asked_;
  std::map<Key, Outcome> outcomes_;
};

// The latest versions that the calls speak; INT16_MAX: the latest there is.
inline constexpr std::int16_t kNoVersionLimit = INT16_MAX;

class CreateTopicsCall {
 public:
  using Request = CreateTopicsRequest;
  using Value = std::vector<TopicOutcome>;
  static constexpr std::int16_t kMaxVersion = kNoVersionLimit;

  explicit CreateTopicsCall(std::vector<NewTopic> topics);
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const CreateTopicsResponse& response, bool last);
  [[nodiscard]] bool done() const { return settled_.done(); }
  [[nodiscard]] ClientResult<Value> result() const { return settled_.values(); }

 private:
  std::map<std::string, NewTopic> topics_;
  Settled<std::string, TopicOutcome> settled_;
};

class DeleteTopicsCall {
 public:
  using Request = DeleteTopicsRequest;
  using Value = std::vector<TopicOutcome>;
  // Later versions spell names differently, to make room for ids.
  static constexpr std::int16_t kMaxVersion = 5;

  explicit DeleteTopicsCall(const std::vector<std::string>& names);
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const DeleteTopicsResponse& response, bool last);
  [[nodiscard]] bool done() const { return settled_.done(); }
  [[nodiscard]] ClientResult<Value> result() const { return settled_.values(); }

 private:
  std::set<std::string> names_;
  Settled<std::string, TopicOutcome> settled_;
};

class CreatePartitionsCall {
 public:
  using Request = CreatePartitionsRequest;
  using Value = std::vector<TopicOutcome>;
  static constexpr std::int16_t kMaxVersion = kNoVersionLimit;

  explicit CreatePartitionsCall(std::vector<NewPartitions> topics);
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const CreatePartitionsResponse& response, bool last);
  [[nodiscard]] bool done() const { return settled_.done(); }
  [[nodiscard]] ClientResult<Value> result() const { return settled_.values(); }

 private:
  std::map<std::string, NewPartitions> topics_;
  Settled<std::string, TopicOutcome> settled_;
};

class AlterConfigsCall {
 public:
  using Request = IncrementalAlterConfigsRequest;
  using Value = std::vector<ConfigOutcome>;
  static constexpr std::int16_t kMaxVersion = kNoVersionLimit;

  explicit AlterConfigsCall(std::vector<ConfigChanges> changes);
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const IncrementalAlterConfigsResponse& response, bool last);
  [[nodiscard]] bool done() const { return settled_.done(); }
  [[nodiscard]] ClientResult<Value> result() const { return settled_.values(); }

 private:
  std::map<ConfigResource, std::vector<ConfigChange>> changes_;
  Settled<ConfigResource, ConfigOutcome> settled_;
};

class DescribeConfigsCall {
 public:
  using Request = DescribeConfigsRequest;
  using Value = std::vector<ConfigDescription>;
  static constexpr std::int16_t kMaxVersion = kNoVersionLimit;

  explicit DescribeConfigsCall(const std::vector<ConfigResource>& resources);
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const DescribeConfigsResponse& response, bool last);
  [[nodiscard]] bool done() const { return settled_.done(); }
  [[nodiscard]] ClientResult<Value> result() const { return settled_.values(); }

 private:
  std::set<ConfigResource> resources_;
  Settled<ConfigResource, ConfigDescription> settled_;
};

// Resources by who knows them: a broker's own settings are its own, all else anybody's (-1).
[[nodiscard]] std::int32_t owner_of(const ConfigResource& resource);

class ElectLeadersCall {
 public:
  using Request = ElectLeadersRequest;
  using Value = std::vector<PartitionOutcome>;
  static constexpr std::int16_t kMaxVersion = kNoVersionLimit;

  // Without partitions: all of the cluster; then only those that needed an election are told.
  ElectLeadersCall(LeaderElection kind, std::optional<std::vector<TopicPartition>> partitions);
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const ElectLeadersResponse& response, bool last);
  [[nodiscard]] bool done() const { return answered_ && settled_.done(); }
  [[nodiscard]] ClientResult<Value> result() const;

 private:
  LeaderElection kind_;
  std::optional<std::set<TopicPartition>> partitions_;
  Settled<TopicPartition, PartitionOutcome> settled_;
  bool answered_ = false;
  std::optional<ClientError> error_;
};

class ReassignCall {
 public:
  using Request = AlterPartitionReassignmentsRequest;
  using Value = std::vector<PartitionOutcome>;
  static constexpr std::int16_t kMaxVersion = kNoVersionLimit;

  explicit ReassignCall(std::vector<Reassignment> moves);
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const AlterPartitionReassignmentsResponse& response, bool last);
  [[nodiscard]] bool done() const { return error_ || settled_.done(); }
  [[nodiscard]] ClientResult<Value> result() const;

 private:
  std::map<TopicPartition, std::optional<std::vector<std::int32_t>>> moves_;
  Settled<TopicPartition, PartitionOutcome> settled_;
  std::optional<ClientError> error_;
};

// Calls with one answer to one question.
template <class RequestType, class ValueType>
class SingleCall {
 public:
  using Request = RequestType;
  using Value = ValueType;
  static constexpr std::int16_t kMaxVersion = kNoVersionLimit;

  [[nodiscard]] bool done() const { return result_.has_value(); }
  [[nodiscard]] ClientResult<Value> result() const { return *result_; }

 protected:
  // Whether `code` was success; settles the call where the error is final.
  bool accepted(std::int16_t code, const std::optional<std::string>& words, bool last) {
    if (code == 0) return true;
    if (last || !admin_retries(error_code_of(code))) {
      result_ = ClientError(code, admin_why(code, words));
    }
    return false;
  }
  std::optional<ClientResult<Value>> result_;
};

class ListReassignmentsCall
    : public SingleCall<ListPartitionReassignmentsRequest, std::vector<OngoingReassignment>> {
 public:
  explicit ListReassignmentsCall(std::optional<std::vector<TopicPartition>> partitions)
      : partitions_(std::move(partitions)) {}
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const ListPartitionReassignmentsResponse& response, bool last);

 private:
  std::optional<std::vector<TopicPartition>> partitions_;
};

class DescribeQuorumCall : public SingleCall<DescribeQuorumRequest, MetadataQuorum> {
 public:
  [[nodiscard]] static Request request(std::int32_t timeout_ms);
  void take(const DescribeQuorumResponse& response, bool last);
};

class DescribeClusterCall : public SingleCall<DescribeClusterRequest, ClusterDescription> {
 public:
  explicit DescribeClusterCall(bool with_fenced) : with_fenced_(with_fenced) {}
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const DescribeClusterResponse& response, bool last);

 private:
  bool with_fenced_;
};

// Brokers, and topics by name; all topics where none is named.
class DescribeTopicsCall : public SingleCall<MetadataRequest, ClusterDescription> {
 public:
  explicit DescribeTopicsCall(std::vector<std::string> topics) : topics_(std::move(topics)) {}
  [[nodiscard]] Request request(std::int32_t timeout_ms) const;
  void take(const MetadataResponse& response, bool last);

 private:
  std::vector<std::string> topics_;
};

class DescribeLogDirsCall
    : public SingleCall<DescribeLogDirsRequest, std::vector<LogDirDescription>> {
 public:
  [[nodiscard]] static Request request(std::int32_t timeout_ms);
  void take(const DescribeLogDirsResponse& response, bool last);
};

// The calls that go to the leaders: each round asks every leader for what is open with it.
class ListOffsetsCall {
 public:
  using Request = ListOffsetsRequest;
  using Value = std::vector<ListedOffset>;

  explicit ListOffsetsCall(std::map<TopicPartition, std::int64_t> timestamps);
  [[nodiscard]] std::set<std::string> topics() const;
  [[nodiscard]] std::map<std::int32_t, ListOffsetsRequest> requests(const MetadataCache& metadata,
                                                                    std::int32_t timeout_ms) const;
  void take(const ListOffsetsResponse& response, bool last);
  void give_up(const MetadataCache& metadata);
  [[nodiscard]] bool done() const { return settled_.done(); }
  [[nodiscard]] Value values() const { return settled_.values(); }

 private:
  std::map<TopicPartition, std::int64_t> timestamps_;
  Settled<TopicPartition, ListedOffset> settled_;
};

class DeleteRecordsCall {
 public:
  using Request = DeleteRecordsRequest;
  using Value = std::vector<DeletedRecords>;

  explicit DeleteRecordsCall(std::map<TopicPartition, Offset> before);
  [[nodiscard]] std::set<std::string> topics() const;
  // What is open, by the leader that metadata names; partitions without one are left out.
  [[nodiscard]] std::map<std::int32_t, DeleteRecordsRequest> requests(
      const MetadataCache& metadata, std::int32_t timeout_ms) const;
  void take(const DeleteRecordsResponse& response, bool last);
  // Settles what is still open: nobody took it on.
  void give_up(const MetadataCache& metadata);
  [[nodiscard]] bool done() const { return settled_.done(); }
  [[nodiscard]] Value values() const { return settled_.values(); }

 private:
  std::map<TopicPartition, Offset> before_;
  Settled<TopicPartition, DeletedRecords> settled_;
};

}  // namespace weir
