// The controller of the simulation: one truth, by the rules that replication relies on: ISR and
// eligible leader replicas (KIP-966), AlterPartition's checks in their order, broker epochs,
// fencing, clean and unclean registration. It never fails; what it says can be late.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "broker/replica/isr_channel.h"
#include "broker/replica/partition_state.h"

namespace weir {

struct ModelPartition {
  PartitionState state;
  std::vector<BrokerId> elr;
  BrokerId last_leader = kNoLeaderId;
};

// The metadata at one version.
struct ModelImage {
  std::map<PartitionKey, PartitionState> partitions;
  std::vector<BrokerStanding> brokers;
};

class ModelController {
 public:
  ModelController(std::int32_t min_isr, const std::vector<BrokerId>& brokers);

  void create(const PartitionKey& key, std::vector<BrokerId> replicas);
  // A broker's new life; after an unclean end nothing that it held is counted on any more.
  BrokerEpoch register_broker(BrokerId id, bool clean);
  void fence(BrokerId id);
  void unfence(BrokerId id);
  void begin_shutdown(BrokerId id);
  // An election for the sake of balance: to another member of the ISR, if it is active.
  void move_leader(const PartitionKey& key, BrokerId to);
  // Whether some partition counts on what this broker holds.
  [[nodiscard]] bool counts_on(BrokerId id) const;
  // Takes a replica that nobody counts on out, and another broker in.
  bool replace_replica(const PartitionKey& key, BrokerId out, BrokerId in);

  [[nodiscard]] ErrorCode judge(const IsrRequest& request) const;
  [[nodiscard]] IsrOutcome alter(const IsrRequest& request, const IsrProposal& proposal);

  [[nodiscard]] std::size_t version() const { return images_.size() - 1; }
  [[nodiscard]] const ModelImage& image(std::size_t version) const { return *images_.at(version); }
  [[nodiscard]] const ModelPartition& partition(const PartitionKey& key) const {
    return partitions_.at(key);
  }
  [[nodiscard]] const std::map<PartitionKey, ModelPartition>& partitions() const {
    return partitions_;
  }
  [[nodiscard]] const BrokerStanding& broker(BrokerId id) const { return *brokers_.find(id); }

 private:
  [[nodiscard]] bool active(BrokerId id) const;
  [[nodiscard]] std::int32_t min_isr_of(const ModelPartition& p) const;
  [[nodiscard]] ErrorCode check(BrokerId from, const IsrProposal& proposal) const;
  void leave(BrokerId id, bool holds_all);
  void elect(ModelPartition& p);
  void lead(ModelPartition& p, BrokerId leader);
  void set_isr(ModelPartition& p, std::vector<BrokerId> isr, std::optional<BrokerId> lost);
  void publish();

  std::int32_t min_isr_;
  std::vector<BrokerId> ids_;
  LiveBrokers brokers_;
  std::map<PartitionKey, ModelPartition> partitions_;
  std::vector<std::unique_ptr<ModelImage>> images_;
  std::int64_t registrations_ = 0;
};

}  // namespace weir
