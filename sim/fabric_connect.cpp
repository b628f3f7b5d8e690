// Listening, connecting, accepting, and the lives of connections.
#include <algorithm>

#include "sim/core.h"
#include "sim/fabric.h"
#include "sim/network_port.h"
#include "sim/process.h"

namespace weir::sim {
namespace {

constexpr std::uint16_t kFirstEphemeralPort = 49152;
constexpr std::uint32_t kEphemeralPorts = 65536 - kFirstEphemeralPort;

bool means_this_machine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1";
}

bool means_every_address(std::string_view host) { return host.empty() || host == "0.0.0.0"; }

using Accepted = Result<std::unique_ptr<Stream>>;

}  // namespace

Connection& Fabric::make_connection(NodeId from, NodeId to) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->id = {slot, 1};
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Connection& c = *connections_[slot];
  c.ends[0].node = from;
  c.ends[1].node = to;
  c.sends[0].link = &link(from, to);
  c.sends[1].link = &link(to, from);
  return c;
}

Connection* Fabric::find(ConnectionId id) {
  Connection* c = connections_[id.slot].get();
  return c->id.generation == id.generation ? c : nullptr;
}

void Fabric::release_if_unused(Connection& c) {
  if (c.ends[0].owned || c.ends[1].owned) return;
  for (Direction& d : c.sends) {
    if (d.user_timeout != nullptr) core_.kernel().cancel(*d.user_timeout);
  }
  if (c.overdue != nullptr) core_.kernel().cancel(*c.overdue);
  const ConnectionId next{c.id.slot, c.id.generation + 1};
  c = Connection{};
  c.id = next;
  free_.push_back(next.slot);
}

void Fabric::own(Connection& c, std::uint32_t side, Process& process) {
  End& end = c.ends[side];
  end.life = process.life();
  end.owned = true;
  end.socket = true;
  end.state = Errc::ok;
  ++open_ends_[end.node.value()];
}

void Fabric::disown(Connection& c, std::uint32_t side) {
  End& end = c.ends[side];
  if (!end.owned) return;
  end.owned = false;
  --open_ends_[end.node.value()];
  release_if_unused(c);
}

Process* Fabric::owner_of(const Connection& c, std::uint32_t side) {
  const End& end = c.ends[side];
  return end.owned ? core_.node(end.node).process(end.life) : nullptr;
}

ListenerState* Fabric::listener(NodeId node, std::uint16_t port) {
  const auto found = listeners_.find({node.value(), port});
  return found == listeners_.end() ? nullptr : &found->second;
}

Result<std::uint16_t> Fabric::listen(Process& process, const Endpoint& at) {
  const NodeId node = process.node().id();
  if (at.host != process.node().name() && !means_this_machine(at.host) &&
      !means_every_address(at.host)) {
    return make_error_code(Errc::unreachable);
  }
  std::uint16_t port = at.port;
  for (std::uint32_t tried = 0; port == 0 && tried < kEphemeralPorts; ++tried) {
    const std::uint32_t step = next_port_[node.value()]++ % kEphemeralPorts;
    const auto candidate = static_cast<std::uint16_t>(kFirstEphemeralPort + step);
    if (listener(node, candidate) == nullptr) port = candidate;
  }
  if (port == 0 || listener(node, port) != nullptr) return make_error_code(Errc::address_in_use);
  listeners_[{node.value(), port}].life = process.life();
  return port;
}

void Fabric::close_listener(Process& process, std::uint16_t port) {
  const auto found = listeners_.find({process.node().id().value(), port});
  if (found == listeners_.end() || found->second.life != process.life()) return;
  ListenerState gone = std::move(found->second);
  listeners_.erase(found);
  process.finish_soon(gone.acceptor, static_cast<std::uint64_t>(Errc::closed));
  while (!gone.backlog.empty()) {
    Connection& c = *connections_[gone.backlog.pop().slot];
    c.ends[1].socket = false;
    if (c.ends[1].state == Errc::ok) send(c, 1, {.kind = Segment::Kind::reset});
    disown(c, 1);
  }
}

void Fabric::accept(Process& process, std::uint16_t port, Once<Accepted> done) {
  const OperationId op = process.wait(std::move(done));
  ListenerState* at = listener(process.node().id(), port);
  if (at == nullptr || at->life != process.life()) {
    process.finish_soon(op, static_cast<std::uint64_t>(Errc::closed));
    return;
  }
  at->acceptor = op;
  if (!at->backlog.empty()) hand_over(*at, process, false);
}

// Gives the first waiting connection to the waiting accept.
void Fabric::hand_over(ListenerState& at, Process& process, bool at_once) {
  const OperationId op = std::exchange(at.acceptor, {});
  if (open_ends_[process.node().id().value()] > core_.options().network.connections_per_node) {
    process.finish_soon(op, static_cast<std::uint64_t>(Errc::io_error));
    return;
  }
  Connection& c = *connections_[at.backlog.pop().slot];
  tell(FactKind::connection_opened, c, 1, "accepted");
  Accepted stream = std::unique_ptr<Stream>(new SimStream(process, c, 1));
  if (at_once) {
    process.finish(op, std::move(stream));
  } else {
    process.finish_soon_with(op, std::move(stream));
  }
}

void Fabric::connect(Process& process, const Endpoint& to, Instant deadline, Once<Accepted> done) {
  const OperationId op = process.wait(std::move(done));
  const NodeId from = process.node().id();
  const NodeId target = means_this_machine(to.host) ? from : core_.node_named(to.host);
  if (target == kNoNode) {
    process.finish_soon(op, static_cast<std::uint64_t>(Errc::unreachable));
    return;
  }
  Connection& c = make_connection(from, target);
  own(c, 0, process);
  c.port = to.port;
  c.connector = op;
  core_.kernel().schedule(arrival(*c.sends[0].link, 0), EventKind::connect, target.value(), 0,
                          c.id.slot, c.id.generation, 0);
  process.set_deadline(op, deadline, static_cast<std::uint64_t>(Errc::timed_out));
}

void Fabric::request_arrives(Connection& c) {
  Process* client = owner_of(c, 0);
  if (client == nullptr || !client->waits(c.connector)) {  // given up meanwhile
    disown(c, 0);
    return;
  }
  Link& way = *c.sends[0].link;
  if (blocked(way)) {
    way.stalled.push_back({c.id, 0, true});
    return;
  }
  const NodeId target = c.ends[1].node;
  ListenerState* at = listener(target, c.port);
  Process* server = core_.node(target).process();
  if (at == nullptr || server == nullptr || refuses_[target.value()] ||
      at->backlog.size() >= core_.options().network.accept_backlog) {
    answer_refused(c);
    return;
  }
  own(c, 1, *server);
  c.sends[0].last_arrival = core_.kernel().now();
  send(c, 1, {.kind = Segment::Kind::established});
  at->backlog.push(c.id);
  if (server->waits(at->acceptor)) hand_over(*at, *server, true);
}

void Fabric::answer_refused(Connection& c) {
  Link& back = *c.sends[1].link;
  core_.kernel().schedule(arrival(back, 0), EventKind::refused, back.to.value(), 0, c.id.slot,
                          c.id.generation, 0);
}

void Fabric::refused_arrives(Connection& c) {
  // A refusal that is held back is lost: the connect times out, or is asked again and refused.
  Process* client = owner_of(c, 0);
  if (client != nullptr && blocked(*c.sends[1].link) && client->waits(c.connector)) {
    c.sends[1].link->stalled.push_back({c.id, 1, true});
    return;
  }
  const OperationId op = std::exchange(c.connector, {});
  disown(c, 0);
  if (client != nullptr) client->finish(op, Accepted(make_error_code(Errc::refused)));
}

void Fabric::established_arrives(Connection& c) {
  Process* client = owner_of(c, 0);
  const OperationId op = std::exchange(c.connector, {});
  if (client == nullptr || !client->waits(op)) {  // given up: the server learns it by a reset
    c.ends[0].socket = false;
    send(c, 0, {.kind = Segment::Kind::reset});
    disown(c, 0);
    return;
  }
  tell(FactKind::connection_opened, c, 0, "connected");
  client->finish(op, Accepted(std::unique_ptr<Stream>(new SimStream(*client, c, 0))));
}

void Fabric::process_ended(NodeId node) {
  std::erase_if(listeners_,
                [node](const auto& entry) { return entry.first.first == node.value(); });
  for (const std::unique_ptr<Connection>& c : connections_) {
    for (const std::uint32_t side : {0u, 1u}) {
      End& end = c->ends[side];
      if (!end.owned || end.node != node) continue;
      c->sends[side].blocked.clear();
      // A request that has not been answered has nobody to be reset.
      const bool answered = side == 1 || c->connector.generation == 0;
      if (answered && end.state == Errc::ok) send(*c, side, {.kind = Segment::Kind::reset});
      end.socket = false;
      disown(*c, side);
    }
  }
}

void Fabric::process_vanished(NodeId node) {
  std::erase_if(listeners_,
                [node](const auto& entry) { return entry.first.first == node.value(); });
  for (const std::unique_ptr<Connection>& c : connections_) {
    for (const std::uint32_t side : {0u, 1u}) {
      End& end = c->ends[side];
      if (!end.owned || end.node != node) continue;
      Direction& out = c->sends[side];
      const bool unanswered = side == 1 && out.stalled && c->connector.generation != 0;
      if (out.stalled) forget_in_flight(out);  // it was still on the machine
      end.socket = false;
      // Who never heard that its request was taken asks again, and is heard when the machine is
      // back.
      if (unanswered && c->ends[0].owned) c->sends[0].link->stalled.push_back({c->id, 0, true});
      disown(*c, side);
    }
  }
}

void Fabric::machine_returned(NodeId node) {
  for (auto& [key, held] : links_) {
    if (key.second == node.value()) release_stalled(held);
  }
}

}  // namespace weir::sim
