// Segments on their way: sending, the flow control window, arrival, reading.
#include "sim/fabric.h"

#include <algorithm>

#include "sim/core.h"
#include "sim/process.h"

namespace weir::sim {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kMostLosses = 6;  // of one segment in a row: 12.6 s with the usual timeout

}  // namespace

void Fabric::execute(const Event& e) {
  Connection* c = find({e.slot, e.generation});
  if (c == nullptr) return;
  const auto side = static_cast<std::uint32_t>(e.word & 1);
  switch (e.kind) {
    case EventKind::deliver:
      if (c->sends[side].epoch == static_cast<std::uint32_t>(e.word >> 1)) deliver(*c, side);
      break;
    case EventKind::connect: request_arrives(*c); break;
    case EventKind::refused: refused_arrives(*c); break;
    case EventKind::window: window_opens(*c, side); break;
    case EventKind::user_timeout: user_timeout(*c, side); break;
    case EventKind::overdue: overdue(*c); break;
    case EventKind::operation:
    case EventKind::run_held:
    case EventKind::action:
    case EventKind::count_: break;
  }
}

std::int64_t Fabric::arrival(Link& link, std::size_t bytes) {
  std::int64_t at = core_.kernel().now();
  if (link.bytes_per_second != 0) {
    __extension__ using Wide = unsigned __int128;
    const auto takes =
        static_cast<std::int64_t>(static_cast<Wide>(bytes) * kSecond / link.bytes_per_second);
    link.free_at = std::max(link.free_at, at) + takes;
    at = link.free_at;
  }
  return at + transit(link) + link.extra;
}

// By latency and losses, but for the messages whose delay is given.
std::int64_t Fabric::transit(Link& link) {
  ++link.sent;
  if (!link.delays.empty()) {
    const auto given = link.delays.find(link.sent);
    if (given != link.delays.end()) return given->second;
  }
  const NetworkOptions& options = core_.options().network;
  std::int64_t takes = link.latency.sample(*link.latency_random);
  if (link.loss.numerator != 0) {
    std::int64_t timeout = options.retransmission_timeout.count();
    for (int i = 0; i < kMostLosses && link.loss_random->chance(link.loss); ++i) {
      takes += timeout;
      timeout *= 2;
    }
  }
  if (options.keep_delays_above && takes > options.keep_delays_above->count()) {
    long_delays_.push_back(
        {core_.node(link.from).name(), core_.node(link.to).name(), link.sent, Duration(takes)});
  }
  return takes;
}

void Fabric::schedule_delivery(Connection& c, std::uint32_t side, std::size_t bytes) {
  Direction& d = c.sends[side];
  d.last_arrival = std::max(d.last_arrival, arrival(*d.link, bytes) + d.late);
  core_.kernel().schedule(d.last_arrival, EventKind::deliver, d.link->to.value(), 0, c.id.slot,
                          c.id.generation, std::uint64_t{d.epoch} << 1 | side);
}

void Fabric::send(Connection& c, std::uint32_t side, Segment segment) {
  Direction& d = c.sends[side];
  const std::size_t bytes = segment.data.size();
  if (d.vanishes) {
    drop(c, side, bytes, "black hole");
    return;
  }
  d.under_way += bytes;
  d.in_flight.push(std::move(segment));
  if (!d.stalled) schedule_delivery(c, side, bytes);
}

// All of it in one delivery; the window has room for it.
void Fabric::send_together(Connection& c, std::uint32_t side, std::span<const Slice> slices,
                           std::size_t bytes) {
  Direction& d = c.sends[side];
  if (bytes == 0) return;
  if (d.vanishes) return drop(c, side, bytes, "black hole");
  d.under_way += bytes;
  std::size_t left = bytes;
  for (const Slice& slice : slices) {
    left -= slice.size();
    if (!slice.empty()) d.in_flight.push({.data = slice, .together = left > 0});
  }
  if (!d.stalled) schedule_delivery(c, side, bytes);
}

bool Fabric::write_now(Connection& c, std::uint32_t side, std::span<const Slice> slices) {
  const Direction& d = c.sends[side];
  if (c.ends[side].state != Errc::ok || !d.blocked.empty()) return false;
  std::size_t bytes = 0;
  for (const Slice& slice : slices) bytes += slice.size();
  if (d.under_way + bytes > core_.options().network.window_bytes) return false;
  send_together(c, side, slices, bytes);
  return true;
}

void Fabric::write(Process& process, Connection& c, std::uint32_t side,
                   std::span<const Slice> slices, Once<Result<void>> done) {
  const OperationId op = process.wait(std::move(done));
  const End& end = c.ends[side];
  if (end.state != Errc::ok) {
    process.finish_soon(op, static_cast<std::uint64_t>(end.state));
    return;
  }
  if (write_now(c, side, slices)) {
    process.finish_soon(op, 0);
    return;
  }
  Direction& d = c.sends[side];
  for (const Slice& slice : slices) {
    if (!slice.empty()) d.blocked.push(slice);
  }
  d.writer = op;
  fill_window(c, side);
}

// Sends of what is blocked as much as the window takes, in one delivery; ends the waiting write
// when all of it was accepted.
void Fabric::fill_window(Connection& c, std::uint32_t side) {
  Direction& d = c.sends[side];
  const std::size_t window = core_.options().network.window_bytes;
  std::size_t bytes = 0;
  while (!d.blocked.empty() && d.under_way < window) {
    Slice& next = d.blocked.front();
    const std::size_t n = std::min(next.size(), window - d.under_way);
    Segment segment;
    if (n == next.size()) {
      segment.data = d.blocked.pop();
    } else {
      segment.data = next.subslice(0, n);
      next = next.subslice(n);
    }
    bytes += n;
    if (d.vanishes) continue;
    segment.together = !d.blocked.empty() && d.under_way + n < window;
    d.under_way += n;
    d.in_flight.push(std::move(segment));
  }
  if (d.blocked.empty() && d.writer.generation != 0) {
    Process* process = owner_of(c, side);
    if (process != nullptr) process->finish_soon(std::exchange(d.writer, {}), 0);
  }
  if (bytes == 0) return;
  if (d.vanishes) {
    drop(c, side, bytes, "black hole");
  } else if (!d.stalled) {
    schedule_delivery(c, side, bytes);
  }
}

void Fabric::deliver(Connection& c, std::uint32_t side) {
  Direction& d = c.sends[side];
  if (d.in_flight.empty()) return;
  if (blocked(*d.link)) {
    stall(c, side);
    return;
  }
  // All but the last of a group are data, which only wait in the direction.
  std::size_t lost = 0;
  while (d.in_flight.front().together) {
    Slice data = d.in_flight.pop().data;
    if (c.ends[1 - side].socket) {
      d.received.push(std::move(data));
    } else {
      lost += data.size();
    }
  }
  Segment last = d.in_flight.pop();
  if (lost > 0) drop(c, side, lost, "receiver is gone");
  arrive(c, side, std::move(last));
}

void Fabric::arrive(Connection& c, std::uint32_t side, Segment segment) {
  Direction& d = c.sends[side];
  const std::uint32_t to = 1 - side;
  if (segment.kind == Segment::Kind::established) {
    established_arrives(c);
    return;
  }
  if (!c.ends[to].socket) {
    // Nobody is there: the machine answers data with a reset.
    const std::size_t bytes = segment.data.size();
    if (bytes == 0) return;
    send(c, to, {.kind = Segment::Kind::reset});
    drop(c, side, bytes, "receiver is gone");
    return;
  }
  if (segment.kind == Segment::Kind::reset) {
    break_end(c, to, "reset by peer");
    return;
  }
  if (segment.kind == Segment::Kind::end) {
    d.ended = true;
  } else {
    d.received.push(std::move(segment.data));
  }
  Process* reader = owner_of(c, to);
  if (reader == nullptr || d.reader.generation == 0) {
    // Nobody waits: it is there for the next read.
  } else if (!d.received.empty()) {
    const OperationId op = std::exchange(d.reader, {});
    if (reader->waits(op)) reader->finish(op, Result<Slice>(take_received(c, side)));
  } else {
    reader->finish(std::exchange(d.reader, {}), Result<Slice>(make_error_code(Errc::closed)));
  }
}

Slice Fabric::take_received(Connection& c, std::uint32_t side) {
  Direction& d = c.sends[side];
  const Ratio split = core_.options().network.split_reads;
  Slice taken;
  if (split.numerator != 0 && d.received.front().size() > 1 &&
      d.link->split_random->chance(split)) {
    Slice& front = d.received.front();
    const std::size_t n = 1 + d.link->split_random->below(front.size() - 1);
    taken = front.subslice(0, n);
    front = front.subslice(n);
  } else {
    taken = d.received.pop();
  }
  d.under_way -= taken.size();
  if (!d.blocked.empty() && !d.window_on_way) {
    d.window_on_way = true;
    Link& back = *c.sends[1 - side].link;
    core_.kernel().schedule(arrival(back, 0), EventKind::window, back.to.value(), 0, c.id.slot,
                            c.id.generation, side);
  }
  return taken;
}

void Fabric::window_opens(Connection& c, std::uint32_t side) {
  c.sends[side].window_on_way = false;
  fill_window(c, side);
}

void Fabric::read(Process& process, Connection& c, std::uint32_t side, Instant deadline,
                  Once<Result<Slice>> done) {
  Direction& d = c.sends[1 - side];
  const OperationId op = process.wait(std::move(done));
  const Errc state = c.ends[side].state;
  if (state == Errc::closed) {
    process.finish_soon(op, static_cast<std::uint64_t>(Errc::closed));
  } else if (!d.received.empty()) {
    process.finish_soon_with(op, Result<Slice>(take_received(c, 1 - side)));
  } else if (d.ended) {
    process.finish_soon(op, static_cast<std::uint64_t>(Errc::closed));
  } else if (state != Errc::ok) {
    process.finish_soon(op, static_cast<std::uint64_t>(state));
  } else {
    d.reader = op;
    process.set_deadline(op, deadline, static_cast<std::uint64_t>(Errc::timed_out));
  }
}

Slice Fabric::read_arrived(Connection& c, std::uint32_t side) {
  const bool open = c.ends[side].state != Errc::closed;
  return open && !c.sends[1 - side].received.empty() ? take_received(c, 1 - side) : Slice();
}

void Fabric::close(Process& process, Connection& c, std::uint32_t side) {
  End& end = c.ends[side];
  if (end.state == Errc::closed) return;
  const bool was_open = end.state == Errc::ok;
  end.state = Errc::closed;
  Direction& out = c.sends[side];
  Direction& in = c.sends[1 - side];
  constexpr auto kClosed = static_cast<std::uint64_t>(Errc::closed);
  process.finish_soon(std::exchange(in.reader, {}), kClosed);
  process.finish_soon(std::exchange(out.writer, {}), kClosed);
  end.socket = false;
  const bool unread = !in.received.empty() || !in.blocked.empty();
  forget_received(in);
  if (!was_open) return;
  // What was accepted is delivered before the end: a full window gives way to it.
  while (!out.blocked.empty()) send(c, side, {out.blocked.pop()});
  send(c, side, {.kind = Segment::Kind::end});
  // As TCP does for data that nobody will read; after the end, so that the peer sees that first.
  if (unread) send(c, side, {.kind = Segment::Kind::reset});
  tell(FactKind::connection_closed, c, side, "closed here");
}

void Fabric::let_go(Process& process, Connection& c, std::uint32_t side) {
  close(process, c, side);
  disown(c, side);
}

void Fabric::drop(Connection& c, std::uint32_t side, std::size_t bytes, std::string_view why) {
  Fact fact{.kind = FactKind::message_dropped};
  fact.value = static_cast<std::int64_t>(bytes);
  const Link& link = *c.sends[side].link;
  fact.peer = core_.node(link.from).name();
  fact.why = why;
  core_.emit(fact, link.to);
}

void Fabric::break_end(Connection& c, std::uint32_t side, std::string_view why) {
  End& end = c.ends[side];
  const bool told = end.state != Errc::ok || !end.owned;
  if (end.state == Errc::ok) end.state = Errc::reset;
  end.socket = false;
  c.sends[side].blocked.clear();
  constexpr auto kReset = static_cast<std::uint64_t>(Errc::reset);
  if (Process* process = owner_of(c, side)) {
    process->finish_soon(std::exchange(c.sends[side].writer, {}), kReset);
    process->finish_soon(std::exchange(c.sends[1 - side].reader, {}), kReset);
    if (side == 0) process->finish_soon(std::exchange(c.connector, {}), kReset);
  }
  if (!told) tell(FactKind::connection_closed, c, side, why);
}

void Fabric::tell(FactKind kind, const Connection& c, std::uint32_t side, std::string_view why) {
  Fact fact{.kind = kind};
  fact.peer = core_.node(c.ends[1 - side].node).name();
  fact.why = why;
  core_.emit(fact, c.ends[side].node);
}

const std::string& Fabric::peer_of(const Connection& c, std::uint32_t side) const {
  return core_.node(c.ends[1 - side].node).name();
}

std::uint64_t Fabric::bytes_under_way() const {
  std::uint64_t sum = 0;
  for (const std::unique_ptr<Connection>& c : connections_) {
    sum += c->sends[0].under_way + c->sends[1].under_way;
  }
  return sum;
}

}  // namespace weir::sim
