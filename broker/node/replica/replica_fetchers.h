// ReplicaFetchers: one coroutine a leader that fetches what this broker follows there.
//
// Which partitions are asked for is FetchPlan's decision, what an answer means ReplicaFollower's;
// here is the traffic: one connection to each leader, one Fetch under way on it. Nothing is fetched
// before the broker is registered, since a leader counts no replica whose life it does not know
// (KIP-903).
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "broker/node/partition.h"
#include "broker/node/quorum/peers.h"
#include "broker/node/replica/fetch_wire.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"
#include "broker/replica/fetch_plan.h"

namespace weir {

class ReplicaFetchers {
 public:
  class Host {
   public:
    virtual ~Host() = default;
    [[nodiscard]] virtual std::shared_ptr<Partition> partition_of(const PartitionKey& key) = 0;
    [[nodiscard]] virtual std::optional<HostPort> address_of(BrokerId broker) = 0;
    virtual void check_log(Partition& partition) = 0;
  };

  ReplicaFetchers(Machine& machine, Host& host, BrokerId self, ReplicaFetchLimits limits,
                  Duration request_timeout);

  void on_registered(BrokerEpoch epoch);
  // The partition has a follower(); or its leader or epoch changed. remove() before the follower
  // goes.
  void add(Partition& partition);
  void refresh(Partition& partition);
  void remove(const PartitionKey& key) { plan_.remove(key); }
  // After changes: whoever has something to do begins.
  void wake();

  // Breaks the connections.
  void stop();
  [[nodiscard]] Task<> join();

  [[nodiscard]] const FetchPlan& plan() const { return plan_; }

 private:
  Task<> fetch_from(BrokerId leader);
  [[nodiscard]] FetchRequest request_for(const ReplicaFetchRound& round);
  Task<> carry_out(ReplicaFetchRound round);
  Task<> ask_ends(BrokerId leader, std::shared_ptr<Partition> partition, FetchPosition asked);
  Task<EndAnswer> ask_end(BrokerId leader, const Partition& partition, LeaderEpoch epoch,
                          std::int64_t timestamp);

  Machine& machine_;
  Host& host_;
  BrokerId self_;
  BrokerEpoch epoch_ = kUnknownBrokerEpoch;
  FetchPlan plan_;
  Peers peers_;
  std::map<BrokerId, std::unique_ptr<Alarm>> fetchers_;  // what each waits at
  TaskGroup tasks_;
  bool stopped_ = false;
};

}  // namespace weir
