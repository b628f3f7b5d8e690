// The values that applications exchange with producer, consumer and admin.
//
// Outcomes are three, never two: a record whose fate nobody can know is `unknown`, not failed; the
// honesty of every history rests on it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/client/option_reader.h"

namespace weir {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};
[[nodiscard]] std::string to_text(const TopicPartition&);  // "orders-0"

struct ClientHeader {
  std::string key;
  std::optional<Slice> value;
};

// The record that another one was made of, by whoever turns inputs into outputs.
struct RecordOrigin {
  TopicPartition tp;
  Offset offset;
};

struct ProducerRecord {
  std::string topic;
  std::optional<std::int32_t> partition = {};
  std::optional<Slice> key = {};
  std::optional<Slice> value = {};
  std::vector<ClientHeader> headers = {};
  std::optional<WallTime> timestamp = {};  // the machine's wall clock where absent
  // Goes into the history, not on the wire: checkers follow the lineage of a pipeline's outputs.
  std::optional<RecordOrigin> derived_from = {};
};

enum class SendOutcome {
  acknowledged,  // in the log, as far as acks promises
  failed,        // definitely not in the log
  unknown,       // it may be in the log, or still get there
};

struct SendResult {
  SendOutcome outcome = SendOutcome::unknown;
  std::int32_t partition = -1;
  std::int64_t offset = -1;  // -1 where acks=0 tells none
  std::string why = {};      // empty when acknowledged
};

struct ConsumerRecord {
  std::string topic;
  std::int32_t partition = 0;
  Offset offset{};
  WallTime timestamp{};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::optional<Slice> key = {};
  std::optional<Slice> value = {};
  std::vector<ClientHeader> headers = {};
};

// The log was cut off below what a consumer has read (KIP-320): its position, and the first offset
// at which the logs part, where the leader could tell.
struct LogTruncation {
  TopicPartition tp;
  Offset position;
  std::optional<Offset> divergent;
};

// What went wrong, as Kafka names it: code is Kafka's error code, or -1 for errors of this client.
struct ClientError {
  ClientError() = default;
  ClientError(std::int16_t kafka_code, std::string text) : code(kafka_code), why(std::move(text)) {}
  std::int16_t code = -1;
  std::string why;
  std::optional<LogTruncation> truncation = {};  // with OFFSET_OUT_OF_RANGE
};
// For Result::value() in tests and examples: throws std::runtime_error with the text.
[[noreturn]] void throw_exception_from_error(const ClientError&, const boost::source_location&);

template <class T = void>
using ClientResult = boost::system::result<T, ClientError>;

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;          // -1: the broker's num.partitions
  std::int16_t replication_factor = -1;  // -1: the broker's default.replication.factor
  OptionMap configs = {};
};

// What became of one topic of a request; code 0 is success.
struct TopicOutcome {
  std::string topic;
  std::int16_t code = 0;
  std::string why = {};
};

struct PartitionDescription {
  std::int32_t partition = 0;
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::vector<std::int32_t> replicas = {};
  std::vector<std::int32_t> in_sync = {};
};

struct TopicDescription {
  std::string name;
  std::int16_t code = 0;
  std::vector<PartitionDescription> partitions = {};
};

struct BrokerDescription {
  std::int32_t id = -1;
  HostPort address;
  std::string rack = {};
  bool fenced = false;  // told by DescribeCluster alone
};

struct ClusterDescription {
  std::string cluster_id;
  std::int32_t controller = -1;
  std::vector<BrokerDescription> brokers = {};
  std::vector<TopicDescription> topics = {};
};

}  // namespace weir
