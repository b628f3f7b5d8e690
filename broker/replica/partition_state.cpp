// The table of brokers: few and rarely changed, so a sorted vector.
#include "broker/replica/partition_state.h"

#include <algorithm>

namespace weir {

bool contains(const std::vector<BrokerId>& brokers, BrokerId broker) {
  return std::ranges::find(brokers, broker) != brokers.end();
}

void LiveBrokers::put(const BrokerStanding& standing) {
  const auto at = std::ranges::lower_bound(brokers_, standing.id, {}, &BrokerStanding::id);
  if (at != brokers_.end() && at->id == standing.id) {
    *at = standing;
  } else {
    brokers_.insert(at, standing);
  }
}

void LiveBrokers::remove(BrokerId broker) {
  std::erase_if(brokers_, [broker](const BrokerStanding& s) { return s.id == broker; });
}

const BrokerStanding* LiveBrokers::find(BrokerId broker) const {
  const auto at = std::ranges::lower_bound(brokers_, broker, {}, &BrokerStanding::id);
  return at != brokers_.end() && at->id == broker ? &*at : nullptr;
}

bool LiveBrokers::may_join_isr(BrokerId broker, BrokerEpoch seen) const {
  const BrokerStanding* standing = find(broker);
  return standing != nullptr && seen != kUnknownBrokerEpoch && standing->epoch == seen &&
         !standing->fenced && !standing->shutting_down;
}

}  // namespace weir
