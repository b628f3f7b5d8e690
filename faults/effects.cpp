// Each kind of fault as calls of the world; lasting ones are counted per node or link.
#include "faults/effects.h"

#include <algorithm>
#include <numeric>

#include "broker/base/assertion.h"

namespace weir {
namespace {

// What a full disk's capacity is set to: anything that holds a byte is then full.
constexpr std::uint64_t kFullCapacity = 1;

// Kinds that act alike on the same thing are counted together.
FaultKind family(FaultKind kind) {
  if (kind == FaultKind::power_loss || kind == FaultKind::wipe || kind == FaultKind::stop) {
    return FaultKind::kill;
  }
  if (kind == FaultKind::isolate || kind == FaultKind::bridge || kind == FaultKind::ring) {
    return FaultKind::partition;
  }
  return kind;
}

std::int64_t strength_of(const Fault& fault) {
  const FaultTraits& traits = traits_of(fault.kind);
  if (traits.is(FaultTraits::kBy)) return fault.by.count();
  if (traits.is(FaultTraits::kRate)) return fault.rate_ppm;
  if (traits.is(FaultTraits::kFactor)) return fault.factor;
  if (traits.is(FaultTraits::kRateBytes)) return fault.bytes_per_second;
  return 0;
}

std::int64_t sum(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

std::int64_t greatest(const std::vector<std::int64_t>& values, std::int64_t otherwise) {
  return values.empty() ? otherwise : *std::ranges::max_element(values);
}

}  // namespace

std::vector<Effects::Key> Effects::keys_of(const Fault& fault, const Cuts& cuts) {
  const FaultKind kind = family(fault.kind);
  const auto id = [this](const std::string& name) {
    const NodeId node = world_.node(name);
    WEIR_ASSERT(node != kNoNode);
    return node.value();
  };
  const auto link = [&](std::vector<Key>& keys, const std::string& a, const std::string& b) {
    if (a == b) return;
    keys.push_back({kind, id(a), id(b)});
    if (!fault.one_way) keys.push_back({kind, id(b), id(a)});
  };
  std::vector<Key> keys;
  if (kind == FaultKind::partition && fault.kind != FaultKind::partition) {
    for (const auto& [a, b] : cuts) link(keys, a, b);
  } else if (traits_of(fault.kind).target == FaultTarget::node) {
    keys.push_back({kind, id(fault.node), id(fault.node)});
  } else {
    for (const std::string& a : fault.from) {
      for (const std::string& b : fault.to) link(keys, a, b);
    }
  }
  // A node in both sets would otherwise be counted twice and withdrawn twice: harmless, but noisy.
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
  return keys;
}

void Effects::begin(const Fault& fault, const Cuts& cuts) {
  if (!traits_of(fault.kind).is(FaultTraits::kLasts) || fault.kind == FaultKind::lose_response) {
    strike_once(fault);
    return;
  }
  for (const Key& key : keys_of(fault, cuts)) {
    std::vector<std::int64_t>& strengths = active_[key];
    strengths.push_back(strength_of(fault));
    if (key.kind == FaultKind::kill) {
      take_down(fault.kind, NodeId(key.from));
    } else {
      apply(key, strengths);
    }
  }
}

void Effects::end(const Fault& fault, const Cuts& cuts) {
  if (fault.kind == FaultKind::lose_response) return;  // its connection dies by itself
  for (const Key& key : keys_of(fault, cuts)) {
    const auto found = active_.find(key);
    if (found == active_.end()) continue;
    std::vector<std::int64_t>& strengths = found->second;
    const auto mine = std::ranges::find(strengths, strength_of(fault));
    if (mine != strengths.end()) strengths.erase(mine);
    apply(key, strengths);
    if (strengths.empty()) active_.erase(found);
  }
}

void Effects::clear() {
  active_.clear();
  world_.network().heal_all();
  for (std::uint32_t n = 0; n < world_.nodes(); ++n) world_.disk(NodeId(n)).clear_faults();
}

bool Effects::is_due(NodeId node) { return due_.erase(node) > 0; }

void Effects::take_down(FaultKind kind, NodeId node) {
  due_.erase(node);
  if (kind == FaultKind::power_loss) {
    world_.power_loss(node);
  } else if (kind == FaultKind::wipe) {
    world_.kill(node);
    world_.wipe_disk(node);
  } else if (kind == FaultKind::stop) {
    world_.stop(node);
  } else {
    world_.kill(node);
  }
}

void Effects::apply(const Key& key, const std::vector<std::int64_t>& strengths) {
  const NodeId node(key.from);
  const bool on = !strengths.empty();
  switch (key.kind) {
    case FaultKind::kill:
      if (on) return;
      if (world_.alive(node)) due_.insert(node);
      world_.start(node);
      return;
    case FaultKind::pause: on ? world_.pause(node) : world_.resume(node); return;
    case FaultKind::slow_node:
      world_.set_service_time(node,
                              Duration(greatest(strengths, world_.options().service_time.count())));
      return;
    case FaultKind::refuse: world_.network().refuse_connects(node, on); return;
    case FaultKind::disk_full:
      world_.disk(node).set_capacity(on ? kFullCapacity : world_.options().disk.capacity_bytes);
      return;
    case FaultKind::slow_disk:
      world_.disk(node).set_slow(static_cast<std::uint32_t>(greatest(strengths, 1)));
      return;
    case FaultKind::stuck_disk: world_.disk(node).set_stuck(on); return;
    case FaultKind::clock_skew: world_.set_drift(node, sum(strengths)); return;
    case FaultKind::partition:
    case FaultKind::clog:
    case FaultKind::slow_link:
    case FaultKind::narrow_link:
    case FaultKind::late_delivery: apply_to_link(key, strengths); return;
    case FaultKind::power_loss:
    case FaultKind::wipe:
    case FaultKind::stop:
    case FaultKind::rolling_restart:
    case FaultKind::isolate:
    case FaultKind::bridge:
    case FaultKind::ring:
    case FaultKind::swizzle:
    case FaultKind::tangle:
    case FaultKind::reset:
    case FaultKind::half_open:
    case FaultKind::lose_response:
    case FaultKind::fail_read:
    case FaultKind::fail_write:
    case FaultKind::fail_sync:
    case FaultKind::bit_rot:
    case FaultKind::misdirected:
    case FaultKind::clock_step: break;
  }
  WEIR_ASSERT(!"a lasting kind, by its family");
}

void Effects::apply_to_link(const Key& key, const std::vector<std::int64_t>& strengths) {
  NetworkModel& network = world_.network();
  const NodeId from(key.from);
  const NodeId to(key.to);
  const bool on = !strengths.empty();
  if (key.kind == FaultKind::partition) {
    on ? network.cut(from, to) : network.heal(from, to);
  } else if (key.kind == FaultKind::clog) {
    on ? network.clog(from, to) : network.release(from, to);
  } else if (key.kind == FaultKind::late_delivery) {
    network.delay_connections(from, to, Duration(sum(strengths)));
  } else {
    // Both kinds are one setting of the link; `strengths` are in the table already.
    const Key slow{FaultKind::slow_link, key.from, key.to};
    const auto extra = active_.find(slow);
    const Duration by(extra == active_.end() ? 0 : sum(extra->second));
    const Key narrow{FaultKind::narrow_link, key.from, key.to};
    network.slow(from, to, by, static_cast<std::uint64_t>(narrowest_of(narrow)));
  }
}

// The least bandwidth of those that are asked for, else the world's.
std::int64_t Effects::narrowest_of(const Key& link) const {
  const auto found = active_.find(link);
  const auto own = static_cast<std::int64_t>(world_.options().network.bytes_per_second);
  if (found == active_.end() || found->second.empty()) return own;
  const std::int64_t least = *std::ranges::min_element(found->second);
  return own == 0 ? least : std::min(least, own);
}

template <class Act>
void Effects::for_each_pair(const Fault& fault, Act act) {
  for (const std::string& a : fault.from) {
    for (const std::string& b : fault.to) {
      if (a != b) act(world_.network(), world_.node(a), world_.node(b));
    }
  }
}

void Effects::reset(const Fault& fault) {
  for_each_pair(fault, [](NetworkModel& net, NodeId a, NodeId b) { net.reset(a, b); });
}

void Effects::fail(const Fault& fault, DiskOperation operation) {
  DiskFault disk_fault;
  disk_fault.operation = operation;
  disk_fault.nth = fault.nth;
  world_.disk(world_.node(fault.node)).fail(disk_fault);
}

void Effects::strike_once(const Fault& fault) {
  if (fault.kind == FaultKind::reset) {
    reset(fault);
  } else if (fault.kind == FaultKind::half_open) {
    for_each_pair(fault, [](NetworkModel& net, NodeId a, NodeId b) { net.half_open(a, b); });
  } else if (fault.kind == FaultKind::lose_response) {
    const Duration dies_after = fault.lasts.value_or(kLostResponseLasts);
    for_each_pair(fault, [dies_after](NetworkModel& net, NodeId a, NodeId b) {
      net.black_hole(a, b, dies_after);
    });
  } else if (fault.kind == FaultKind::fail_read) {
    fail(fault, DiskOperation::read);
  } else if (fault.kind == FaultKind::fail_write) {
    fail(fault, DiskOperation::write);
  } else if (fault.kind == FaultKind::fail_sync) {
    fail(fault, DiskOperation::sync);
  } else if (fault.kind == FaultKind::bit_rot) {
    rot(fault);
  } else if (fault.kind == FaultKind::misdirected) {
    world_.disk(world_.node(fault.node)).fail({.nth = fault.nth, .misdirected = true});
  } else if (fault.kind == FaultKind::clock_step) {
    world_.step_wall(world_.node(fault.node), fault.by);
  }
}

// Which bit is drawn now, since nobody knew before the run what would be stored.
void Effects::rot(const Fault& fault) {
  DiskModel& disk = world_.disk(world_.node(fault.node));
  Random& random = world_.random("bit_rot", fault.label.empty() ? fault.node : fault.label);
  std::uint64_t total = 0;
  const std::vector<std::string> paths = disk.files(DiskView::durable);
  std::vector<std::uint64_t> sizes;
  for (const std::string& path : paths) {
    const auto content = disk.read(path, DiskView::durable);
    sizes.push_back(content ? content->size() : 0);
    total += sizes.back();
  }
  std::uint64_t at = random.below(total);
  const auto mask = static_cast<std::uint8_t>(1u << random.below(8));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (at < sizes[i]) {
      disk.rot(paths[i], at, mask);
      return;
    }
    at -= sizes[i];
  }
}

}  // namespace weir
