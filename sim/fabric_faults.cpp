// What holds segments back, releases them, or breaks connections.
#include <algorithm>

#include "sim/core.h"
#include "sim/fabric.h"
#include "sim/process.h"

namespace weir::sim {

Link& Fabric::link(NodeId from, NodeId to) {
  const Key key{from.value(), to.value()};
  const auto found = links_.find(key);
  if (found != links_.end()) return found->second;
  const NetworkOptions& options = core_.options().network;
  const std::string name = core_.node(from).name() + ">" + core_.node(to).name();
  Link made;
  made.from = from;
  made.to = to;
  made.latency = from == to ? options.local_latency : options.latency;
  made.loss = from == to ? Ratio{0, 1} : options.loss;
  made.bytes_per_second = from == to ? 0 : options.bytes_per_second;
  made.latency_random = &core_.streams().stream("latency", name);
  made.loss_random = &core_.streams().stream("loss", name);
  made.split_random = &core_.streams().stream("split", name);
  for (const LinkDelay& delay : options.delays) {
    if (delay.from + ">" + delay.to == name) made.delays[delay.nth] = delay.takes.count();
  }
  return links_.emplace(key, std::move(made)).first->second;
}

bool Fabric::blocked(const Link& link) const {
  return link.cut || link.clogged || !core_.node(link.to).machine_on();
}

void Fabric::stall(Connection& c, std::uint32_t side) {
  Direction& d = c.sends[side];
  d.stalled = true;
  ++d.epoch;  // deliveries that are scheduled already are void
  d.link->stalled.push_back({c.id, side, false});
  if (d.link->cut) start_user_timeout(c, side);
}

void Fabric::start_user_timeout(Connection& c, std::uint32_t side) {
  Direction& d = c.sends[side];
  if (d.user_timeout != nullptr) return;
  const std::int64_t at = core_.kernel().now() + core_.options().network.tcp_user_timeout.count();
  d.user_timeout = &core_.kernel().schedule(at, EventKind::user_timeout, d.link->from.value(), 0,
                                            c.id.slot, c.id.generation, side);
}

// The sender gives up; the receiver, which is out of reach, learns nothing.
void Fabric::user_timeout(Connection& c, std::uint32_t side) {
  c.sends[side].user_timeout = nullptr;
  const std::size_t lost = forget_in_flight(c.sends[side]);
  if (lost > 0) drop(c, side, lost, "given up after tcp_user_timeout");
  break_end(c, side, "tcp_user_timeout");
}

std::size_t Fabric::forget_in_flight(Direction& d) {
  std::size_t bytes = 0;
  while (!d.in_flight.empty()) bytes += d.in_flight.pop().data.size();
  d.under_way -= bytes;
  ++d.epoch;
  return bytes;
}

void Fabric::forget_received(Direction& d) {
  while (!d.received.empty()) d.under_way -= d.received.pop().size();
}

void Fabric::set_cut(Link& link, bool cut) {
  if (link.cut == cut) return;
  link.cut = cut;
  if (!cut) {
    release_stalled(link);
    return;
  }
  for (const Stalled& held : link.stalled) {
    Connection* c = find(held.connection);
    if (c != nullptr && !held.request) start_user_timeout(*c, held.side);
  }
}

void Fabric::set_clogged(Link& link, bool clogged) {
  if (link.clogged == clogged) return;
  link.clogged = clogged;
  if (!clogged) release_stalled(link);
}

void Fabric::slow(Link& link, Duration extra, std::uint64_t bytes_per_second) {
  const std::uint64_t worlds = link.from == link.to ? 0 : core_.options().network.bytes_per_second;
  link.extra = extra.count();
  link.bytes_per_second = bytes_per_second != 0 ? bytes_per_second : worlds;
}

// Everything that the link has held back is sent again, in order.
void Fabric::release_stalled(Link& link) {
  if (blocked(link)) return;
  for (const Stalled& held : std::exchange(link.stalled, {})) {
    Connection* c = find(held.connection);
    if (c == nullptr) continue;
    if (held.request) {
      const EventKind kind = held.side == 0 ? EventKind::connect : EventKind::refused;
      core_.kernel().schedule(arrival(link, 0), kind, link.to.value(), 0, c->id.slot,
                              c->id.generation, 0);
      continue;
    }
    Direction& d = c->sends[held.side];
    d.stalled = false;
    if (d.user_timeout != nullptr) core_.kernel().cancel(*std::exchange(d.user_timeout, nullptr));
    for (std::size_t i = 0; i < d.in_flight.size(); ++i) {
      if (!d.in_flight[i].together) schedule_delivery(*c, held.side, d.in_flight[i].data.size());
    }
  }
}

void Fabric::heal_all() {
  for (auto& [key, link] : links_) {
    link.extra = 0;
    link.bytes_per_second = key.first == key.second ? 0 : core_.options().network.bytes_per_second;
    link.free_at = 0;
    link.cut = false;
    link.clogged = false;
    release_stalled(link);
  }
  for (const std::unique_ptr<Connection>& c : connections_) {
    for (Direction& d : c->sends) d.late = 0;
  }
  std::fill(refuses_.begin(), refuses_.end(), false);
}

template <class F>
void Fabric::for_each_between(NodeId a, NodeId b, F visit) {
  // By index: a reader of the facts may connect nothing, but breaks may release connections.
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Connection& c = *connections_[i];
    if (!c.ends[0].owned && !c.ends[1].owned) continue;
    if (c.ends[0].node == a && c.ends[1].node == b) {
      visit(c, 0u);
    } else if (c.ends[0].node == b && c.ends[1].node == a) {
      visit(c, 1u);
    }
  }
}

void Fabric::reset_between(NodeId a, NodeId b) {
  for_each_between(a, b, [this](Connection& c, std::uint32_t) {
    forget_in_flight(c.sends[0]);
    forget_in_flight(c.sends[1]);
    break_end(c, 0, "reset");
    break_end(c, 1, "reset");
  });
}

void Fabric::half_open(NodeId silent, NodeId peer) {
  for_each_between(silent, peer, [this](Connection& c, std::uint32_t side) {
    if (side == 0 && c.connector.generation != 0) return;  // not open yet
    break_end(c, side, "forgotten without a word");
  });
}

void Fabric::black_hole(NodeId from, NodeId to, Duration reset_after) {
  for_each_between(from, to, [this, reset_after](Connection& c, std::uint32_t side) {
    if (c.ends[side].state != Errc::ok || c.connector.generation != 0) return;
    c.sends[side].vanishes = true;
    if (c.overdue != nullptr) return;
    c.overdue =
        &core_.kernel().schedule(core_.kernel().now() + reset_after.count(), EventKind::overdue,
                                 c.ends[side].node.value(), 0, c.id.slot, c.id.generation, side);
  });
}

void Fabric::delay_between(NodeId from, NodeId to, Duration by) {
  for_each_between(from, to,
                   [by](Connection& c, std::uint32_t side) { c.sends[side].late = by.count(); });
}

void Fabric::overdue(Connection& c) {
  c.overdue = nullptr;
  forget_in_flight(c.sends[0]);
  forget_in_flight(c.sends[1]);
  break_end(c, 0, "reset after a black hole");
  break_end(c, 1, "reset after a black hole");
}

}  // namespace weir::sim
