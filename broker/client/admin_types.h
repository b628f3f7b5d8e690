// The values that applications exchange with Admin beyond topics (client_types.h).
//
// Outcomes carry Kafka's error code, 0 for success, and its name with the broker's own words; what
// the application asks about is named in each, so that the order of answers says nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/client/client_types.h"
#include "broker/wire/uuid.h"

namespace weir {

// A topic grows to `total` partitions; where `assignments` is empty the controller places the new
// ones, otherwise it holds the replicas of each new one, the preferred leader first.
struct NewPartitions {
  std::string topic;
  std::int32_t total = 0;
  std::vector<std::vector<std::int32_t>> assignments = {};
};

struct PartitionOutcome {
  TopicPartition tp;
  std::int16_t code = 0;
  std::string why = {};
};

// A DeleteRecords asks for this offset to become the first; this one is the high watermark.
inline constexpr Offset kDeleteAllRecords{-1};

// Where a log of records is asked about, by Kafka's numbers; any other is a timestamp in
// milliseconds, and means the first record that is not older.
inline constexpr std::int64_t kLatestOffset = -1;
inline constexpr std::int64_t kEarliestOffset = -2;
inline constexpr std::int64_t kMaxTimestampOffset = -3;

struct ListedOffset {
  TopicPartition tp;
  Offset offset{-1};            // -1: there is no such record
  std::int64_t timestamp = -1;  // of the record, where one was searched
  std::int32_t leader_epoch = -1;
  std::int16_t code = 0;
  std::string why = {};
};

struct DeletedRecords {
  TopicPartition tp;
  Offset log_start{-1};  // after it
  std::int16_t code = 0;
  std::string why = {};
};

enum class ConfigResourceType : std::int8_t { unknown = 0, topic = 2, broker = 4, logger = 8 };

// Brokers are named by their number; "" stands for the defaults of all brokers.
struct ConfigResource {
  ConfigResourceType type = ConfigResourceType::topic;
  std::string name;
  friend auto operator<=>(const ConfigResource&, const ConfigResource&) = default;
};

// Where a value comes from, as Kafka numbers it.
enum class ConfigSource : std::int8_t {
  unknown = 0,
  topic = 1,
  broker = 2,
  broker_default = 3,  // of all brokers, set dynamically
  file = 4,            // of the broker's own start
  built_in = 5,
  logger = 6,
};

struct ConfigValue {
  std::string name;
  std::optional<std::string> value;  // absent where it is sensitive
  ConfigSource source = ConfigSource::unknown;
  bool read_only = false;
  bool sensitive = false;
};

struct ConfigDescription {
  ConfigResource resource;
  std::int16_t code = 0;
  std::string why = {};
  std::vector<ConfigValue> values = {};
};

enum class ConfigOperation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

struct ConfigChange {
  ConfigOperation operation = ConfigOperation::set;
  std::string name;
  std::optional<std::string> value = {};
};

struct ConfigChanges {
  ConfigResource resource;
  std::vector<ConfigChange> changes;
};

struct ConfigOutcome {
  ConfigResource resource;
  std::int16_t code = 0;
  std::string why = {};
};

enum class LeaderElection : std::int8_t { preferred = 0, unclean = 1 };

// New replicas for a partition, the preferred leader first; none calls an ongoing move off.
struct Reassignment {
  TopicPartition tp;
  std::optional<std::vector<std::int32_t>> replicas;
};

struct OngoingReassignment {
  TopicPartition tp;
  std::vector<std::int32_t> replicas = {};
  std::vector<std::int32_t> adding = {};
  std::vector<std::int32_t> removing = {};
};

struct QuorumReplica {
  std::int32_t id = -1;
  Uuid directory = {};
  Offset log_end{-1};
  WallTime last_fetch{-1};
  WallTime last_caught_up{-1};
};

struct MetadataQuorum {
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  Offset high_watermark{-1};
  std::vector<QuorumReplica> voters = {};
  std::vector<QuorumReplica> observers = {};
};

struct ReplicaSize {
  TopicPartition tp;
  std::int64_t bytes = 0;
  std::int64_t lag = 0;
};

struct LogDirDescription {
  std::string path;
  std::int16_t code = 0;
  std::int64_t total_bytes = -1;
  std::int64_t usable_bytes = -1;
  std::vector<ReplicaSize> replicas = {};
};

}  // namespace weir
