// Sessions by broker; brokers that are fenced may have one, but it has no end that matters.
#include "broker/controller/broker_sessions.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir {

void BrokerSessions::activate(const MetadataImage& image, Instant now) {
  sessions_.clear();
  for (const BrokerImage& broker : image.brokers()) {
    if (!broker.fenced) sessions_.emplace(broker.id, Session{broker.epoch, now});
  }
}

void BrokerSessions::heartbeat(BrokerId id, BrokerEpoch epoch, Offset metadata_offset,
                               Instant now) {
  const auto [it, is_new] = sessions_.try_emplace(id, Session{epoch, now, metadata_offset});
  if (is_new) return;
  if (it->second.epoch != epoch) it->second = Session{epoch, now, metadata_offset};
  it->second.last_heartbeat = now;
  it->second.metadata_offset = metadata_offset;
}

void BrokerSessions::shutdown_began(BrokerId id, Offset log_end) {
  const auto it = sessions_.find(id);
  WEIR_ASSERT(it != sessions_.end());
  it->second.shutdown_offset = log_end;
}

const BrokerSessions::Session* BrokerSessions::find(BrokerId id, BrokerEpoch epoch) const {
  const auto it = sessions_.find(id);
  return it != sessions_.end() && it->second.epoch == epoch ? &it->second : nullptr;
}

bool BrokerSessions::is_valid(BrokerId id, BrokerEpoch epoch, Instant now) const {
  const Session* session = find(id, epoch);
  return session != nullptr && now < session->last_heartbeat + timeout_;
}

std::vector<BrokerId> BrokerSessions::expired(const MetadataImage& image, Instant now) const {
  std::vector<BrokerId> ids;
  for (const BrokerImage& broker : image.brokers()) {
    if (!broker.fenced && !is_valid(broker.id, broker.epoch, now)) ids.push_back(broker.id);
  }
  return ids;
}

Instant BrokerSessions::next_expiry(const MetadataImage& image) const {
  Instant next = Instant::never();
  for (const BrokerImage& broker : image.brokers()) {
    if (broker.fenced) continue;
    const Session* session = find(broker.id, broker.epoch);
    next = std::min(next, session == nullptr ? Instant{} : session->last_heartbeat + timeout_);
  }
  return next;
}

std::optional<Offset> BrokerSessions::lowest_active_offset(const MetadataImage& image) const {
  std::optional<Offset> lowest;
  for (const BrokerImage& broker : image.brokers()) {
    if (!broker.is_active()) continue;
    const Session* session = find(broker.id, broker.epoch);
    const Offset offset = session == nullptr ? Offset{-1} : session->metadata_offset;
    lowest = lowest ? std::min(*lowest, offset) : offset;
  }
  return lowest;
}

}  // namespace weir
