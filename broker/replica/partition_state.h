// What the controller has committed about one partition, as far as replication must know it.
//
// Plain values that the driver fills from the metadata image; nothing here knows topics' names or
// where a broker listens. LiveBrokers is the part of the same image that says whom a leader may
// take into its ISR: KIP-841 (fenced and stopping brokers may not join), KIP-903 (broker epochs).
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "broker/base/id.h"
#include "broker/wire/uuid.h"

namespace weir {

// Offset of a broker's registration in the metadata log: which of its lives speaks.
using BrokerEpoch = Id<struct BrokerEpochTag, std::int64_t>;
inline constexpr BrokerEpoch kUnknownBrokerEpoch{-1};
inline constexpr BrokerId kNoLeaderId{-1};
inline constexpr Offset kUnknownOffset{-1};

struct PartitionKey {
  Uuid topic;
  std::int32_t index = 0;
  friend auto operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

struct PartitionState {
  BrokerId leader = kNoLeaderId;
  LeaderEpoch leader_epoch;
  PartitionEpoch partition_epoch;  // grows with every change
  std::vector<BrokerId> replicas;  // in the order of the assignment
  std::vector<BrokerId> isr;
  bool recovering = false;  // after an unclean election, until the leader says RECOVERED (KIP-704)
  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

[[nodiscard]] bool contains(const std::vector<BrokerId>& brokers, BrokerId broker);

// Where a log begins and ends; the log's own truth, told to the machines after each change.
struct LogBounds {
  Offset log_start;
  Offset log_end;  // exclusive
  friend bool operator==(const LogBounds&, const LogBounds&) = default;
};

struct BrokerStanding {
  BrokerId id;
  BrokerEpoch epoch = kUnknownBrokerEpoch;
  bool fenced = true;
  bool shutting_down = false;
};

// The registered brokers; one table for all partitions of a node.
class LiveBrokers {
 public:
  void put(const BrokerStanding& standing);
  void remove(BrokerId broker);

  [[nodiscard]] const BrokerStanding* find(BrokerId broker) const;
  // Whether this broker, last seen with this epoch, would be accepted into an ISR: registered with
  // the same epoch, neither fenced nor in controlled shutdown. An unknown epoch is never eligible.
  [[nodiscard]] bool may_join_isr(BrokerId broker, BrokerEpoch seen) const;

 private:
  std::vector<BrokerStanding> brokers_;  // ascending ids
};

}  // namespace weir
