// What a controller is told before it starts; names and defaults are Kafka's.
//
// All controllers of a cluster are told the same, since each may become the active one.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "broker/base/id.h"
#include "broker/base/time.h"
#include "broker/controller/features.h"

namespace weir {

// One request creates at most so many partitions, and changes settings of at most so many bytes
// (names and values); what is more answers POLICY_VIOLATION. So each fits one batch of the log.
inline constexpr std::size_t kMaxNewPartitionsPerRequest = 10'000;
inline constexpr std::size_t kMaxConfigBytesPerRequest = 1024 * 1024;
// Of all topics; what is more answers INVALID_PARTITIONS.
inline constexpr std::size_t kMaxPartitionsOfCluster = 1'000'000;
inline constexpr std::size_t kMaxListenersOfNode = 64;
inline constexpr std::size_t kMaxFeaturesOfNode = 256;
inline constexpr std::size_t kMaxLogDirsOfBroker = 1024;
// Elections of one check of preferred leaders (Kafka: MAX_ELECTIONS_PER_IMBALANCE); the rest
// follows in the next check, which then comes at once.
inline constexpr std::size_t kMaxElectionsPerCheck = 1'000;
inline constexpr std::int32_t kProducerIdBlock = 1'000;

struct ControllerOptions {
  BrokerId id{0};
  std::string cluster_id = {};  // of registrations; another one is refused

  Duration session_timeout = std::chrono::seconds(9);    // broker.session.timeout.ms
  Duration max_idle = std::chrono::milliseconds(500);    // metadata.max.idle.interval.ms; 0: never
  bool auto_leader_rebalance = true;                     // auto.leader.rebalance.enable
  Duration rebalance_check = std::chrono::seconds(300);  // leader.imbalance.check.interval.seconds
  Duration unclean_check = std::chrono::seconds(300);    // unclean.leader.election.interval.ms

  std::int32_t num_partitions = 1;              // num.partitions
  std::int16_t default_replication_factor = 1;  // default.replication.factor
  bool delete_topic_enable = true;              // delete.topic.enable
  // What counts for topics where neither they nor the cluster's dynamic settings say otherwise.
  std::int32_t min_insync_replicas = 1;         // min.insync.replicas
  bool unclean_leader_election_enable = false;  // unclean.leader.election.enable

  // Written as the first records of a new cluster; features that are not named get the level that
  // known_features() gives them. Level 0 leaves one out. kraft.version is not written.
  std::map<std::string, std::int16_t, std::less<>> bootstrap_features = {};
};

}  // namespace weir
