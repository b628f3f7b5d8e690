// What the quorum can be told, by Kafka's names and defaults, and the limits that it keeps.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/base/time.h"
#include "broker/raft/raft_types.h"

namespace weir::raft {

using namespace std::chrono_literals;

// Fetches that wait at the leader, one a replica; beyond that the one that waits longest is
// answered, empty.
inline constexpr std::size_t kMaxParkedFetches = 1000;
// Replicas that are no voters and that the leader remembers.
inline constexpr std::size_t kMaxObservers = 1000;
// An observer that did not fetch for so long is forgotten (Kafka: 5 minutes).
inline constexpr Duration kObserverSession = 300s;
// Voters of one voter set.
inline constexpr std::size_t kMaxVoters = 64;
// A leader that heard from no majority for the fetch timeout times 3/2 resigns.
inline constexpr std::int64_t kCheckQuorumNumerator = 3;
inline constexpr std::int64_t kCheckQuorumDenominator = 2;

struct QuorumConfig {
  std::string cluster_id;
  ReplicaKey self;
  std::vector<Endpoint> endpoints;  // where the voters reach this node; empty for brokers

  // Whether this node is a controller, that is, may be made a voter. Such a node flushes its log
  // before it fetches, voter or not yet: the leader counts the fetch offsets of a replica from the
  // moment on that it is a voter (KAFKA-17332).
  bool can_become_voter = false;

  // Whom to ask for the leader where none is known: the number of servers in
  // controller.quorum.bootstrap.servers. Server i is the destination bootstrap_node(i). Known
  // voters are asked, too.
  std::int32_t bootstrap_servers = 0;

  Duration election_timeout = 1000ms;      // controller.quorum.election.timeout.ms
  Duration fetch_timeout = 2000ms;         // controller.quorum.fetch.timeout.ms
  Duration election_backoff_max = 1000ms;  // controller.quorum.election.backoff.max.ms
  Duration request_timeout = 2000ms;       // controller.quorum.request.timeout.ms
  Duration retry_backoff = 20ms;           // controller.quorum.retry.backoff.ms
  Duration append_linger = 25ms;           // controller.quorum.append.linger.ms; the driver's
  Duration fetch_max_wait = 500ms;
  std::int32_t fetch_max_bytes = 8 << 20;
  std::int32_t fetch_snapshot_max_bytes = 8 << 20;  // controller.quorum.fetch.snapshot.max.bytes
};

// Ids that are no node's: -2, -3, ... stand for the bootstrap servers.
[[nodiscard]] constexpr BrokerId bootstrap_node(std::int32_t index) { return BrokerId{-2 - index}; }
[[nodiscard]] constexpr bool is_bootstrap(BrokerId node) { return node <= BrokerId{-2}; }

}  // namespace weir::raft
