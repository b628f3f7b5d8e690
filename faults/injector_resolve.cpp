// Whom a fault strikes when its moment has come, what it comes to, and whether it may.
#include <algorithm>

#include "broker/base/random.h"
#include "faults/draws.h"
#include "faults/injector.h"

namespace weir {
namespace {

bool needs_a_live_node(FaultKind kind) {
  return kind == FaultKind::kill || kind == FaultKind::stop || kind == FaultKind::pause;
}

// A ring of fewer nodes cuts nobody off.
constexpr std::size_t kLeastRing = 4;
constexpr std::int64_t kMomentGrain = 1'000;  // of moments that are drawn: whole microseconds
constexpr Ratio kSlowInTangle{1, 3};          // of the links; the others are as quick as ever
constexpr Duration kLeastInTangle = std::chrono::milliseconds(1);

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

Loss loss_by(FaultKind kind) {
  if (!traits_of(kind).is(FaultTraits::kLoses)) return Loss::nothing;
  const bool by_a_crash = kind == FaultKind::power_loss || kind == FaultKind::fail_sync;
  return by_a_crash ? Loss::unsynced : Loss::synced;
}

}  // namespace

std::string Injector::resolve(std::size_t i, Fault& fault) const {
  const EventRoles& roles = progress_[i].roles;
  const auto find_all = [&](std::vector<NodeRef>& side) {
    std::vector<std::string> nodes = directory_.nodes_of(side, roles);
    std::erase_if(nodes, [this](const auto& n) { return world_.node(n) == kNoNode; });
    const bool found = !nodes.empty();
    if (found) side = std::move(nodes);
    return found;
  };
  switch (traits_of(fault.kind).target) {
    case FaultTarget::node: {
      const auto node = directory_.node_of(fault.node, roles);
      if (!node || world_.node(*node) == kNoNode) return "nobody is " + fault.node;
      fault.node = *node;
      break;
    }
    case FaultTarget::set:
      if (!find_all(fault.from)) return "the set is empty";
      break;
    case FaultTarget::sides:
      if (!find_all(fault.from) || !find_all(fault.to)) return "one side is empty";
      break;
    case FaultTarget::response:
      // A list of what happened names both ends; otherwise they are those of the trigger.
      if (fault.from.empty()) fault.from = {roles.node};
      if (fault.to.empty()) fault.to = {roles.peer};
      for (const auto* side : {&fault.from, &fault.to}) {
        if (world_.node(side->front()) == kNoNode) return "its trigger names no connection";
      }
      break;
  }
  if (needs_a_live_node(fault.kind) && !directory_.is_alive(fault.node)) {
    return fault.node + " is down already";
  }
  if (fault.kind == FaultKind::ring && fault.from.size() < kLeastRing) {
    return "in a ring of fewer than four nodes everybody hears everybody";
  }
  // What comes in turns is judged turn by turn.
  if (fault.kind == FaultKind::rolling_restart) return {};
  return why_not(fault, fault.guard);
}

std::string Injector::why_not(const Fault& fault, Guard guard) const {
  return directory_.obstacle(guard, victims_of(fault), unreachable(), loss_by(fault.kind));
}

// The servers that are taken away from the others; of two sides, the smaller one.
std::vector<std::string> Injector::victims_of(const Fault& fault) const {
  const auto servers = directory_.servers();
  const auto among_servers = [&](const std::vector<std::string>& nodes) {
    std::vector<std::string> found;
    for (const std::string& node : nodes) {
      if (contains(servers, node)) found.push_back(node);
    }
    return found;
  };
  switch (traits_of(fault.kind).target) {
    case FaultTarget::node:
      if (fault.kind != FaultKind::bridge) return among_servers({fault.node});
      break;
    case FaultTarget::set:
    case FaultTarget::response: return {};
    case FaultTarget::sides: break;
  }
  std::vector<std::string> from = among_servers(fault.from);
  std::vector<std::string> to = among_servers(fault.to);
  if (fault.kind == FaultKind::bridge) {
    for (const auto& [a, b] : cuts_of(fault)) {
      if (!contains(from, a)) from.push_back(a);
      if (!contains(to, b)) to.push_back(b);
    }
  } else if (fault.kind != FaultKind::partition && fault.kind != FaultKind::clog) {
    return {};
  }
  return from.size() <= to.size() ? from : to;
}

NodeNames Injector::unreachable() const {
  NodeNames nodes;
  for (const Progress& progress : progress_) {
    if (progress.state != State::active) continue;
    const Fault& fault = strikes_[progress.strike].fault;
    const bool holds = fault.kind == FaultKind::isolate || fault.kind == FaultKind::partition ||
                       fault.kind == FaultKind::bridge || fault.kind == FaultKind::clog ||
                       fault.kind == FaultKind::stuck_disk || fault.kind == FaultKind::disk_full;
    if (holds) {
      for (std::string& node : victims_of(fault)) nodes.insert(std::move(node));
    }
    for (const Turn& turn : progress.turns) {
      const bool holds_back = turn.fault.kind != FaultKind::slow_link;
      if (holds_back && turn.begun && !turn.over) nodes.insert(turn.fault.label);
    }
  }
  return nodes;
}

Cuts Injector::cuts_of(const Fault& fault) const {
  Cuts cuts;
  const auto exists = [this](const std::string& node) { return world_.node(node) != kNoNode; };
  if (fault.kind == FaultKind::isolate) {
    for (std::string& other : directory_.all_but(fault.node)) {
      if (exists(other)) cuts.emplace_back(fault.node, std::move(other));
    }
  } else if (fault.kind == FaultKind::bridge) {
    // Every second server is on the other side, so that both halves have brokers and controllers.
    std::vector<std::string> servers = directory_.servers();
    std::erase_if(servers, [&](const auto& n) { return n == fault.node || !exists(n); });
    for (std::size_t a = 0; a < servers.size(); a += 2) {
      for (std::size_t b = 1; b < servers.size(); b += 2) {
        cuts.emplace_back(servers[a], servers[b]);
      }
    }
  } else if (fault.kind == FaultKind::ring) {
    const std::vector<std::string>& nodes = fault.from;
    for (std::size_t a = 0; a < nodes.size(); ++a) {
      for (std::size_t b = a + 2; b < nodes.size(); ++b) {
        const bool closes = a == 0 && b + 1 == nodes.size();
        if (!closes) cuts.emplace_back(nodes[a], nodes[b]);
      }
    }
  }
  return cuts;
}

// A turn of a tangle is a slow link; otherwise each turn is a fault of one node, whose name is the
// label of the turn.
void Injector::plan_turns(std::size_t i, const Fault& fault) {
  Progress& progress = progress_[i];
  if (fault.kind == FaultKind::tangle) {
    tangle(i, fault);
    return;
  }
  const Duration until_healed = begin_ + plan_.heal_at - world_.now();
  const Duration all = std::max(fault.lasts.value_or(until_healed), Duration(kMomentGrain));
  const auto nodes = static_cast<std::int64_t>(fault.from.size());
  Random& random = world_.random("turns", fault.label.empty() ? name_of(fault.kind) : fault.label);
  const auto some = [&random](Duration from, Duration to) {
    return Duration(random.between(from.count() / kMomentGrain, to.count() / kMomentGrain) *
                    kMomentGrain);
  };
  for (std::int64_t n = 0; n < nodes; ++n) {
    Turn turn;
    turn.fault.label = fault.from[static_cast<std::size_t>(n)];
    turn.fault.guard = fault.guard;
    Duration begins = all / nodes * n;
    Duration ends = begins + all / nodes / 2;
    if (fault.kind == FaultKind::rolling_restart) {
      turn.fault.kind = FaultKind::stop;
      turn.fault.node = turn.fault.label;
    } else {
      turn.fault.kind = FaultKind::clog;
      turn.fault.from = {turn.fault.label};
      turn.fault.to = directory_.all_but(turn.fault.label);
      std::erase_if(turn.fault.to,
                    [this](const auto& node) { return world_.node(node) == kNoNode; });
      begins = some(Duration(0), all / 2);
      ends = some(all / 2, all);
    }
    turn.fault.when = world_.now() - begin_ + begins;
    turn.ends = world_.now() - begin_ + ends;
    const std::size_t index = progress.turns.size();
    progress.turns.push_back(std::move(turn));
    world_.at(world_.now() + begins, [this, i, index] { begin_turn(i, index); });
    world_.at(world_.now() + ends, [this, i, index] { end_turn(i, index); });
  }
}

// All links are slow at once, for as long as it lasts: which of them, and by how much, is drawn.
void Injector::tangle(std::size_t i, const Fault& fault) {
  Random& random = world_.random("turns", fault.label.empty() ? name_of(fault.kind) : fault.label);
  const Instant ends = begin_ + plan_.heal_at;
  for (const std::string& from : fault.from) {
    for (const std::string& to : fault.from) {
      if (from == to || !random.chance(kSlowInTangle)) continue;
      Turn turn;
      turn.fault.kind = FaultKind::slow_link;
      turn.fault.label = from + " > " + to;
      turn.fault.from = {from};
      turn.fault.to = {to};
      turn.fault.one_way = true;
      turn.fault.by = draw_length(Random(random.next()), kLeastInTangle, fault.by);
      turn.fault.when = world_.now() - begin_;
      turn.ends = std::min(world_.now() + fault.lasts.value_or(ends - world_.now()), ends) - begin_;
      progress_[i].turns.push_back(std::move(turn));
      begin_turn(i, progress_[i].turns.size() - 1);
    }
  }
}

void Injector::begin_turn(std::size_t i, std::size_t index) {
  Progress& progress = progress_[i];
  Turn& turn = progress.turns[index];
  if (progress.state != State::active || turn.over) return;
  std::string obstacle = why_not(turn.fault, turn.fault.guard);
  if (turn.fault.kind == FaultKind::stop && !directory_.is_alive(turn.fault.node)) {
    obstacle = turn.fault.node + " is down already";
  }
  if (!obstacle.empty()) {
    turn.over = true;
    strikes_[progress.strike].in_part = true;
    const std::string text = what_of(turn.fault) + ": " + obstacle;
    emit(FactKind::fault_skipped, i, strikes_[progress.strike].fault, text);
    return;
  }
  turn.begun = true;
  effects_.begin(turn.fault, {});
}

void Injector::end_turn(std::size_t i, std::size_t index) {
  Turn& turn = progress_[i].turns[index];
  if (turn.over) return;
  turn.over = true;
  Strike& strike = strikes_[progress_[i].strike];
  const Duration now = world_.now() - begin_;
  strike.in_part |= !turn.begun || now != turn.ends;
  if (!turn.begun) return;
  Fault& came = strike.turns.emplace_back(turn.fault);
  came.lasts = now - std::get<Duration>(turn.fault.when);
  came.guard = Guard::none;
  came.label = strike.fault.label + " " + turn.fault.label;
  effects_.end(turn.fault, {});
}

}  // namespace weir
