// A broker's and a topic's settings: Kafka's names, defaults (4.x) and checks.
//
// One table describes every setting (settings.cpp); reading, the list of known names and "did you
// mean" come from it. All mistakes are reported, not only the first. A topic setting may be given
// to the broker by either of its names ("flush.messages" or "log.flush.interval.messages"), and is
// then the default of every topic. What Kafka knows but is not served yet is refused by name,
// never ignored in silence.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/storage/log_config.h"

namespace weir {

// Settings as they were written, by Kafka's names.
using ConfigMap = std::map<std::string, std::string, std::less<>>;

struct ConfigError {
  std::string key;
  std::string value;
  std::string expected;           // what would have been right, as a phrase
  std::string did_you_mean = {};  // the nearest known name, if there is one
  // `min.insync.replicas = "x": expected a whole number from 1 to 2147483647`
  [[nodiscard]] std::string text() const;
};

struct ConfigErrors {
  std::vector<ConfigError> errors;
  [[nodiscard]] std::string text() const;  // one line an error
};
// For Result::value() in tests and examples: throws std::invalid_argument with the text.
[[noreturn]] void throw_exception_from_error(const ConfigErrors&, const boost::source_location&);

template <class T>
using Checked = boost::system::result<T, ConfigErrors>;

// What is in force for the partitions of one topic.
struct TopicSettings {
  LogConfig log;
  std::int64_t min_insync_replicas = 1;
  bool unclean_leader_election_enable = false;
};

struct BrokerSettings {
  TopicSettings topic;  // the defaults of every topic
  std::int64_t num_partitions = 1;
  std::int64_t default_replication_factor = 1;
  std::int64_t socket_request_max_bytes = 104857600;
  std::int64_t connections_max_idle_ms = 600000;
  std::int64_t max_connections = 2147483647;
  std::int64_t fetch_max_bytes = 57671680;
  std::int64_t log_retention_check_interval_ms = 300000;
  bool auto_create_topics_enable = true;
  bool delete_topic_enable = true;

  // Of brokers and controllers of a cluster.
  std::int64_t broker_heartbeat_interval_ms = 2000;
  std::int64_t broker_session_timeout_ms = 9000;
  std::int64_t initial_broker_registration_timeout_ms = 60000;
  std::int64_t controller_socket_timeout_ms = 30000;
  std::int64_t quorum_election_timeout_ms = 1000;          // controller.quorum.election.timeout.ms
  std::int64_t quorum_election_backoff_max_ms = 1000;      // ... .election.backoff.max.ms
  std::int64_t quorum_fetch_timeout_ms = 2000;             // ... .fetch.timeout.ms
  std::int64_t quorum_request_timeout_ms = 2000;           // ... .request.timeout.ms
  std::int64_t quorum_retry_backoff_ms = 20;               // ... .retry.backoff.ms
  std::int64_t quorum_append_linger_ms = 25;               // ... .append.linger.ms
  std::int64_t quorum_fetch_snapshot_max_bytes = 8388608;  // ... .fetch.snapshot.max.bytes
  std::int64_t metadata_max_idle_interval_ms = 500;
  std::int64_t metadata_log_max_record_bytes_between_snapshots = 20971520;
  std::int64_t metadata_log_max_snapshot_interval_ms = 3600000;
  std::int64_t leader_imbalance_check_interval_seconds = 300;
  std::int64_t unclean_leader_election_interval_ms = 300000;
  bool auto_leader_rebalance_enable = true;
  bool controlled_shutdown_enable = true;
};

[[nodiscard]] Checked<BrokerSettings> parse_broker_settings(const ConfigMap&);

// The settings of a topic: the broker's defaults, and over them what the topic sets itself.
[[nodiscard]] Checked<TopicSettings> parse_topic_settings(const TopicSettings& defaults,
                                                          const ConfigMap& overrides);

// Every known name, sorted; for listings.
[[nodiscard]] std::vector<std::string_view> broker_setting_names();
[[nodiscard]] std::vector<std::string_view> topic_setting_names();

}  // namespace weir
