// One question: wait for the connection, send, wait for the answer, all before one deadline.
#include "broker/node/quorum/peers.h"

#include <optional>

namespace weir {

Peers::Peers(Machine& machine, std::string purpose, Duration request_timeout,
             Duration reconnect_backoff)
    : machine_(machine), tasks_(machine) {
  options_.client_id = std::move(purpose);
  options_.request_timeout = request_timeout;
  options_.connection_setup_timeout = request_timeout;
  options_.reconnect_backoff = reconnect_backoff;
  options_.reconnect_backoff_max = reconnect_backoff;
}

Peers::Link& Peers::link(BrokerId to, const HostPort& address) {
  Link& found = links_[to];
  if (found.connection != nullptr && found.connection->address() != address) {
    found.connection->stop();
    retired_.push_back(std::move(found.connection));
  }
  if (found.connection == nullptr) {
    found.connection = std::make_unique<BrokerConnection>(machine_, tasks_, options_, *this,
                                                          nullptr, to.value(), address);
  }
  return found;
}

Task<RawAnswer> Peers::exchange(BrokerId to, HostPort address, const Send& send) {
  RawAnswer none{make_error_code(Errc::closed), 0, false};
  if (stopped_) co_return none;
  const Instant deadline = machine_.clock.now() + options_.request_timeout;
  Link& way = link(to, address);
  BrokerConnection* const connection = way.connection.get();
  const int failures = connection->failures();
  const WaitingLine::Place place = way.waiting.join(machine_.timers);
  while (!connection->ready() && connection->failures() == failures && !stopped_ &&
         way.connection.get() == connection && machine_.clock.now() < deadline) {
    connection->want();
    co_await place->wait_until(deadline);
  }
  const bool usable = !stopped_ && way.connection.get() == connection && connection->ready();
  if (!usable) {
    // A handshake without an answer ends likewise: the peer may have forgotten the connection.
    if (way.connection.get() == connection) connection->expire(machine_.clock.now());
    way.waiting.leave(place);
    none.body = make_error_code(stopped_ ? Errc::closed : Errc::unreachable);
    co_return none;
  }
  // Shared with the handler: it may be called when nobody waits any more.
  struct Pending {
    std::optional<RawAnswer> answer;
    WaitingLine::Place place;
  };
  const auto pending = std::make_shared<Pending>();
  pending->place = place;
  send(*connection, [pending](RawAnswer answer) {
    pending->answer = std::move(answer);
    pending->place->notify();
  });
  while (!pending->answer) {
    const bool woken = co_await place->wait_until(deadline);
    const bool late = !woken && !pending->answer;
    // A request without an answer in time breaks its connection, as in Kafka; the handler is then
    // called from inside.
    if (late && way.connection.get() == connection) connection->expire(machine_.clock.now());
    if (late && !pending->answer) break;
  }
  way.waiting.leave(place);
  if (!pending->answer) {
    none.body = make_error_code(Errc::timed_out);
    none.sent = true;
    co_return none;
  }
  co_return std::move(*pending->answer);
}

void Peers::connection_ready(BrokerConnection& connection) {
  links_.at(BrokerId{connection.node()}).waiting.notify_all();
}

void Peers::connection_lost(BrokerConnection& connection) {
  const auto found = links_.find(BrokerId{connection.node()});
  if (found != links_.end()) found->second.waiting.notify_all();
}

void Peers::stop() {
  stopped_ = true;
  for (auto& [id, way] : links_) {
    if (way.connection != nullptr) way.connection->stop();
    way.waiting.notify_all();
  }
}

Task<> Peers::join() { co_await tasks_.join(); }

}  // namespace weir
