// Where replicas of new partitions go: spread over racks, then over brokers (KIP-36).
//
// Like Kafka's StripedReplicaPlacer: racks take turns in beginning, brokers within a rack take
// turns too, so that leaders and followers are spread evenly; a first replica is never on a fenced
// broker, and within a rack fenced brokers come last. Brokers in controlled shutdown take nothing.
// A rack gets a second replica of a partition only when every rack that can has one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/base/random.h"
#include "broker/controller/metadata_image.h"

namespace weir {

class Placer {
 public:
  // Where the turns begin is random, so that topics do not all begin with the same broker.
  Placer(const std::vector<BrokerImage>& brokers, Random& random);

  // Empty where this many replicas can be placed, else why not (in no particular error code:
  // INVALID_REPLICATION_FACTOR).
  [[nodiscard]] std::string why_impossible(std::int32_t replicas) const;
  // The next partition's replicas, preferred leader first. Only where it is possible.
  [[nodiscard]] std::vector<std::int32_t> next(std::int32_t replicas);

 private:
  struct Rack {
    std::vector<BrokerId> unfenced;
    std::vector<BrokerId> fenced;
    [[nodiscard]] std::size_t size() const { return unfenced.size() + fenced.size(); }
    // The n-th of this rack when the turn is at `turn`: unfenced ones first.
    [[nodiscard]] BrokerId at(std::size_t n, std::size_t turn) const;
  };

  std::vector<Rack> racks_;
  std::size_t brokers_ = 0;
  std::size_t unfenced_ = 0;
  std::size_t turn_ = 0;
};

}  // namespace weir
