// The parts of a metadata image: a broker, a controller, a partition, a topic; and their digests.
//
// Each is a plain value. What a record of the metadata log says of them is in
// broker/wire/records; how records become images is in replay.h. The digest of a part covers all
// that the log tells about it, so that two nodes can compare what they know by one number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/id.h"
#include "broker/controller/settings.h"
#include "broker/wire/uuid.h"

namespace weir {

// The offset of a broker's registration record; every registration of a new incarnation has a
// larger one.
using BrokerEpoch = Id<struct BrokerEpochTag, std::int64_t>;
inline constexpr BrokerEpoch kNoBrokerEpoch{-1};
// "No leader" in partitions and records.
inline constexpr BrokerId kNoBroker{-1};

struct ListenerImage {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  std::int16_t security_protocol = 0;
  friend bool operator==(const ListenerImage&, const ListenerImage&) = default;
};

// The versions of a feature that a node can work with.
struct FeatureRange {
  std::string name;
  std::int16_t min = 0;
  std::int16_t max = 0;
  friend bool operator==(const FeatureRange&, const FeatureRange&) = default;
};

struct BrokerImage {
  BrokerId id;
  std::string host;        // where clients reach it: that of its first listener
  std::uint16_t port = 0;  // likewise
  std::optional<std::string> rack = {};
  BrokerEpoch epoch = kNoBrokerEpoch;  // none: told by a command line, not registered in a log
  Uuid incarnation = {};               // of the process; a restarted one has another
  bool fenced = false;                 // serves nobody: in no ISR, leads nothing
  bool in_controlled_shutdown = false;
  std::vector<ListenerImage> listeners = {};
  std::vector<FeatureRange> features = {};
  std::vector<Uuid> log_dirs = {};

  // May lead and join an ISR.
  [[nodiscard]] bool is_active() const { return !fenced && !in_controlled_shutdown; }
  friend bool operator==(const BrokerImage&, const BrokerImage&) = default;
};

struct ControllerImage {
  BrokerId id;
  Uuid incarnation = {};
  std::vector<ListenerImage> listeners = {};
  std::vector<FeatureRange> features = {};
  friend bool operator==(const ControllerImage&, const ControllerImage&) = default;
};

// KIP-704: a leader that was elected without being in sync recovers before others may follow it
// into the ISR.
enum class LeaderRecovery : std::int8_t { recovered = 0, recovering = 1 };

struct PartitionImage {
  BrokerId leader;  // kNoBroker: none
  LeaderEpoch leader_epoch{0};
  std::vector<BrokerId> replicas;  // the first is the preferred leader
  std::vector<BrokerId> isr;
  PartitionEpoch partition_epoch{0};  // counts all changes
  // KIP-966: replicas that left the ISR while it was below min.insync.replicas and so still hold
  // all that was committed; and who led last when nobody was left.
  std::vector<BrokerId> elr = {};
  std::vector<BrokerId> last_known_elr = {};
  std::vector<BrokerId> adding = {};    // by a reassignment; among the replicas already
  std::vector<BrokerId> removing = {};  // by a reassignment; among the replicas still
  LeaderRecovery recovery = LeaderRecovery::recovered;
  std::vector<Uuid> directories = {};  // of each replica, or empty where the log tells none

  [[nodiscard]] bool is_reassigned() const { return !adding.empty() || !removing.empty(); }
  // kNoBroker where there are no replicas, which no rule allows.
  [[nodiscard]] BrokerId preferred_leader() const {
    return replicas.empty() ? kNoBroker : replicas.front();
  }
  friend bool operator==(const PartitionImage&, const PartitionImage&) = default;
};

struct TopicImage {
  std::string name;
  Uuid id;
  std::vector<PartitionImage> partitions;  // by partition number, from 0
  ConfigMap configs;                       // only what the topic sets itself
  friend bool operator==(const TopicImage&, const TopicImage&) = default;

  // Null where there is no such partition.
  [[nodiscard]] const PartitionImage* partition(std::int32_t index) const;
};

[[nodiscard]] bool contains_broker(const std::vector<BrokerId>&, BrokerId);
// In the same order, without one.
[[nodiscard]] std::vector<BrokerId> without_broker(const std::vector<BrokerId>&, BrokerId);
// As records carry them, and back.
[[nodiscard]] std::vector<std::int32_t> to_numbers(const std::vector<BrokerId>&);
[[nodiscard]] std::vector<BrokerId> to_brokers(const std::vector<std::int32_t>&);

// Parts of an image's digest, which is their sum: a part that changes is taken out and put in
// again. Well mixed, since they are added.
[[nodiscard]] std::uint64_t part_digest(const BrokerImage&);
[[nodiscard]] std::uint64_t part_digest(const ControllerImage&);
[[nodiscard]] std::uint64_t part_digest(const Uuid& topic, std::int32_t index,
                                        const PartitionImage&);
// A setting of a topic, of a broker ("" is the default of all), a feature's level.
[[nodiscard]] std::uint64_t part_digest(std::string_view kind, std::string_view resource,
                                        std::string_view key, std::string_view value);
// The whole topic: its name and id, settings and partitions.
[[nodiscard]] std::uint64_t part_digest(const TopicImage&);

}  // namespace weir
