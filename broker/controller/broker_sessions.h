// Who among the brokers is alive, in the view of the active controller: soft state, of no log.
//
// Kafka's BrokerHeartbeatManager. A session belongs to one registration (broker epoch); it begins
// with a heartbeat of it, or, for brokers that are not fenced, with the controller's activation: so
// a broker that died during a failover is found as well. It ends when no heartbeat came for
// broker.session.timeout.ms. Nothing here decides what follows; decide_brokers.cpp does.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "broker/base/time.h"
#include "broker/controller/metadata_image.h"

namespace weir {

class BrokerSessions {
 public:
  struct Session {
    BrokerEpoch epoch;
    Instant last_heartbeat;
    Offset metadata_offset{-1};  // the last one that the broker has applied
    // The log's end when its leaders were moved away; others must have come so far before it stops.
    std::optional<Offset> shutdown_offset = {};
  };

  explicit BrokerSessions(Duration timeout) : timeout_(timeout) {}

  // A fresh session for every broker that is not fenced, and none for others.
  void activate(const MetadataImage&, Instant now);
  void clear() { sessions_.clear(); }

  void heartbeat(BrokerId, BrokerEpoch, Offset metadata_offset, Instant now);
  void forget(BrokerId id) { sessions_.erase(id); }
  // The broker's leaders are moved away by records below this offset. It has a session.
  void shutdown_began(BrokerId, Offset log_end);

  // Null where this registration has none.
  [[nodiscard]] const Session* find(BrokerId, BrokerEpoch) const;
  [[nodiscard]] bool is_valid(BrokerId, BrokerEpoch, Instant now) const;
  // Brokers that are not fenced and whose session has ended, by id.
  [[nodiscard]] std::vector<BrokerId> expired(const MetadataImage&, Instant now) const;
  // When the next of them will be; never() where there is none.
  [[nodiscard]] Instant next_expiry(const MetadataImage&) const;
  // The lowest metadata offset that an active broker has told; of none: no value.
  [[nodiscard]] std::optional<Offset> lowest_active_offset(const MetadataImage&) const;

 private:
  Duration timeout_;
  std::map<BrokerId, Session> sessions_;
};

}  // namespace weir
