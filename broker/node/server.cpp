// Accepting, idle closing, and the end of all connections.
#include "broker/node/server.h"

#include <algorithm>
#include <string>

#include "broker/node/node.h"

namespace weir {
namespace {

constexpr Duration kAcceptRetry = std::chrono::milliseconds(100);
// How long stop() waits for responses that a client does not take.
constexpr Duration kStopPatience = std::chrono::seconds(5);

}  // namespace

Server::Server(Node& node, Endpoint address, ListenerKind kind)
    : node_(node),
      address_(std::move(address)),
      kind_(kind),
      tasks_(node.machine),
      timers_(node.machine),
      idle_alarm_(node.machine.timers.alarm()),
      patience_alarm_(node.machine.timers.alarm()) {}

Server::~Server() = default;

Result<void> Server::listen() {
  Result<std::unique_ptr<Listener>> listener = node_.machine.network.listen(address_);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  port_ = listener_->port();
  tasks_.spawn("accept", accept_connections());
  timers_.spawn("close-idle", close_idle());
  return {};
}

Task<> Server::accept_connections() {
  const std::unique_ptr<Alarm> pause = node_.machine.timers.alarm();
  while (!stopping_) {
    Result<std::unique_ptr<Stream>> stream = co_await listener_->accept();
    if (stream) {
      admit(std::move(*stream));
    } else if (stream.error() == Errc::closed) {
      co_return;
    } else {
      co_await pause->wait_until(node_.machine.clock.now() + kAcceptRetry);
    }
  }
}

void Server::admit(std::unique_ptr<Stream> stream) {
  if (stopping_) return;
  if (connections_.size() >= static_cast<std::size_t>(node_.settings.max_connections)) {
    node_.machine.facts.emit({.kind = FactKind::connection_closed,
                              .peer = stream->peer(),
                              .why = "max.connections is reached"});
    stream->close();
    return;
  }
  const std::uint64_t number = ++accepted_;
  connections_.emplace(number, std::make_unique<Connection>(node_, kind_, std::move(stream)));
  tasks_.spawn("connection", serve(number));
  if (connections_.size() == 1) idle_alarm_->notify();
}

Task<> Server::serve(std::uint64_t number) {
  Connection& connection = *connections_.at(number);
  co_await connection.serve();
  connections_.erase(number);
}

// Sleeps until the connection that has been still for longest would be idle for too long.
Task<> Server::close_idle() {
  const Duration limit = std::chrono::milliseconds(node_.settings.connections_max_idle_ms);
  while (!stopping_) {
    const Instant now = node_.machine.clock.now();
    Instant next = Instant::never();
    for (auto& [number, connection] : connections_) {
      const Instant since = connection->handling() ? now : connection->last_moved();
      if (since + limit <= now) {
        connection->shut("idle for longer than connections.max.idle.ms");
      } else {
        next = std::min(next, since + limit);
      }
    }
    co_await idle_alarm_->wait_until(next);
  }
}

Task<> Server::stop() {
  stopping_ = true;
  if (listener_ == nullptr) co_return;
  listener_->close();
  idle_alarm_->notify();
  for (auto& [number, connection] : connections_) connection->finish();
  timers_.spawn("stop-patience", end_patience());
  co_await tasks_.join();
  patience_alarm_->notify();
  co_await timers_.join();
}

Task<> Server::end_patience() {
  const Instant deadline = node_.machine.clock.now() + kStopPatience;
  const bool joined = co_await patience_alarm_->wait_until(deadline);
  if (joined) co_return;
  for (auto& [number, connection] : connections_) connection->shut("the broker stops");
}

}  // namespace weir
