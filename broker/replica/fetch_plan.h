// FetchPlan: which partitions a broker fetches from whom: one fetcher a leader, one Fetch under way
// at each, and every followed partition in exactly one fetcher (A20).
//
// Partitions take turns: those that brought records go to the end of the line, so that a busy one
// does not starve others when a response is full (Kafka's PartitionStates). Pure: it builds rounds
// from the followers' states; connections, sessions and timeouts are the driver's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "broker/base/time.h"
#include "broker/replica/partition_state.h"
#include "broker/replica/replica_follower.h"

namespace weir {

struct ReplicaFetchLimits {
  Duration max_wait = std::chrono::milliseconds(500);  // replica.fetch.wait.max.ms
  std::int32_t min_bytes = 1;                          // replica.fetch.min.bytes
  std::int32_t max_bytes = 10 << 20;                   // replica.fetch.response.max.bytes
  std::int32_t partition_max_bytes = 1 << 20;          // replica.fetch.max.bytes
  std::size_t max_partitions = 10'000;                 // in one request; the others come next
  Duration backoff = std::chrono::seconds(1);          // replica.fetch.backoff.ms
};

// One Fetch request.
struct ReplicaFetchRound {
  struct Part {
    PartitionKey key;
    FetchPosition position;
  };
  BrokerId leader;
  std::uint64_t number = 0;
  std::vector<Part> parts;  // never empty; in the order of the request
};

class FetchPlan {
 public:
  explicit FetchPlan(ReplicaFetchLimits limits) : limits_(limits) {}

  // From now on this partition is fetched, from wherever follower.leader() says. The follower must
  // live until remove(). Adding it again replaces it.
  void add(const PartitionKey& key, ReplicaFollower& follower);
  // The follower's leader or epoch may have changed: after every ReplicaFollower::update.
  void refresh(const PartitionKey& key);
  void remove(const PartitionKey& key);

  // Leaders that something is fetched from, ascending.
  [[nodiscard]] std::vector<BrokerId> leaders() const;
  // The next request to this leader: nothing while one is under way or no partition is ready.
  // Marks its followers as fetching; must end with finish() or fail().
  [[nodiscard]] std::optional<ReplicaFetchRound> next(BrokerId leader, Instant now);
  // When next() may yield something (never: not before another input).
  [[nodiscard]] Instant next_deadline(BrokerId leader) const;

  // Answered, and every part was handed to its follower; `with_records` go to the end of the line.
  // Parts that the answer did not mention are tried again after a while.
  void finish(const ReplicaFetchRound& round, std::span<const PartitionKey> with_records,
              Instant now);
  // No answer: the connection broke, the request timed out, or it was refused as a whole.
  void fail(const ReplicaFetchRound& round, Instant now);

  [[nodiscard]] const ReplicaFetchLimits& limits() const { return limits_; }
  // How many fetchers hold this partition, and that fetcher's leader (A20).
  [[nodiscard]] std::size_t fetchers_of(const PartitionKey& key) const;
  [[nodiscard]] BrokerId fetched_from(const PartitionKey& key) const;

 private:
  struct Followed {
    ReplicaFollower* follower = nullptr;
    BrokerId leader = kNoLeaderId;  // in whose line it stands; none: nobody leads
  };
  struct Fetcher {
    std::vector<PartitionKey> line;
    std::uint64_t under_way = 0;  // number of the round, 0: none
    Instant not_before{0};        // after a failure
  };

  void leave_line(const PartitionKey& key, BrokerId leader);
  void end_round(const ReplicaFetchRound& round, Instant now);

  ReplicaFetchLimits limits_;
  std::map<PartitionKey, Followed> followed_;
  std::map<BrokerId, Fetcher> fetchers_;
  std::uint64_t rounds_ = 0;
};

}  // namespace weir
