// Folding facts into roles, resolving the names that faults are aimed at, and the fault budget.
//
// Why `replicated` keeps what acks=all promises: what is acknowledged lies below a watermark that
// was shown, and each replica that is counted holds all of that, is in sync, and stays up. A fault
// that spoils one node's disk therefore leaves at least min.insync.replicas whole copies; the node
// itself counts again only when its log reaches the watermark once more and its in-sync set has it.
// So however many such faults follow one another, whole copies remain, and the controllers can
// always elect one of them.
#include "faults/directory.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::string_view kLeader = "leader:";
constexpr std::string_view kFollower = "follower:";
constexpr std::string_view kReplicas = "replicas:";
constexpr std::string_view kClient = "client:";

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void forget(NodeNames& names, std::string_view name) {
  const auto found = names.find(name);
  if (found != names.end()) names.erase(found);
}

}  // namespace

void Directory::on(const Observed& seen) {
  if (is_of_message(seen.fact.kind) || is_of_record(seen.fact.kind)) return;
  view_.on(seen);
  // Only the few kinds that change roles or lives matter here.
  if (seen.fact.kind == FactKind::log_opened) {
    opened_[std::string(seen.fact.topic) + "-" + std::to_string(seen.fact.partition)] =
        seen.node_name;
  } else if (seen.fact.kind == FactKind::node_started) {
    alive_.emplace(seen.node_name);
  } else if (seen.fact.kind == FactKind::node_paused) {
    paused_.emplace(seen.node_name);
  } else if (seen.fact.kind == FactKind::node_resumed) {
    forget(paused_, seen.node_name);
  } else if (seen.fact.kind == FactKind::node_stopped || seen.fact.kind == FactKind::node_killed ||
             seen.fact.kind == FactKind::node_power_lost ||
             seen.fact.kind == FactKind::node_failed ||
             seen.fact.kind == FactKind::assertion_failed) {
    forget(alive_, seen.node_name);
    forget(paused_, seen.node_name);
    if (seen.fact.kind == FactKind::node_failed) forget(suspects_, seen.node_name);
  }
}

std::optional<std::string> Directory::leader_of(std::string_view tp) const {
  const PartitionView* partition = view_.find(tp);
  if (partition != nullptr && partition->leader) return partition->leader;
  const auto opened = opened_.find(tp);
  if (opened == opened_.end()) return std::nullopt;
  return opened->second;
}

std::optional<std::string> Directory::follower_of(std::string_view tp) const {
  const PartitionView* partition = view_.find(tp);
  if (partition == nullptr) return std::nullopt;
  for (const auto& [node, epoch] : partition->followers) {
    if (epoch >= partition->leader_epoch && is_alive(node)) return node;
  }
  return std::nullopt;
}

std::optional<std::string> Directory::joiner_of(std::string_view tp) const {
  const PartitionView* partition = view_.find(tp);
  if (partition == nullptr || !partition->asked_isr) return std::nullopt;
  for (const std::string& node : *partition->asked_isr) {
    if (!contains(partition->isr, node)) return node;
  }
  return std::nullopt;
}

std::optional<std::string> Directory::node_of(std::string_view ref, const EventRoles& event) const {
  if (ref == "event:node") return event.node;
  if (ref == "event:peer") return event.peer;
  if (ref == "event:leader") return leader_of(event.tp);
  if (ref == "event:follower") return follower_of(event.tp);
  if (ref == "event:joiner") return joiner_of(event.tp);
  if (ref == "controller:active") return view_.active_controller();
  if (ref.starts_with(kLeader)) return leader_of(ref.substr(kLeader.size()));
  if (ref.starts_with(kFollower)) return follower_of(ref.substr(kFollower.size()));
  if (ref.starts_with(kClient)) ref.remove_prefix(kClient.size());
  const bool known = contains(shape_.brokers, ref) || contains(shape_.clients, ref) ||
                     contains(shape_.controllers, ref);
  if (!known) return std::nullopt;
  return std::string(ref);
}

std::vector<std::string> Directory::nodes_of(const std::vector<NodeRef>& refs,
                                             const EventRoles& event) const {
  std::vector<std::string> nodes;
  const auto add = [&nodes](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (!contains(nodes, name)) nodes.push_back(name);
    }
  };
  for (const NodeRef& ref : refs) {
    if (ref == "brokers") {
      add(shape_.brokers);
    } else if (ref == "controllers") {
      add(shape_.controllers);
    } else if (ref == "clients") {
      add(shape_.clients);
    } else if (ref.starts_with(kReplicas)) {
      const PartitionView* partition = view_.find(std::string_view(ref).substr(kReplicas.size()));
      if (partition != nullptr) add(partition->replicas);
    } else if (auto node = node_of(ref, event)) {
      add({std::move(*node)});
    }
  }
  return nodes;
}

std::vector<std::string> Directory::servers() const {
  std::vector<std::string> nodes = shape_.brokers;
  for (const std::string& name : shape_.controllers) {
    if (!contains(nodes, name)) nodes.push_back(name);
  }
  return nodes;
}

std::vector<std::string> Directory::all_but(std::string_view node) const {
  std::vector<std::string> nodes = servers();
  nodes.insert(nodes.end(), shape_.clients.begin(), shape_.clients.end());
  std::erase(nodes, node);
  return nodes;
}

bool Directory::is_alive(std::string_view node) const { return alive_.contains(node); }

bool Directory::is_left(std::string_view node, const std::vector<std::string>& victims,
                        const NodeNames& unreachable) const {
  return alive_.contains(node) && !paused_.contains(node) && !unreachable.contains(node) &&
         !contains(victims, node);
}

bool Directory::others_up(const std::vector<std::string>& victims) const {
  return std::ranges::all_of(shape_.brokers, [&](const std::string& other) {
    return contains(victims, other) || (alive_.contains(other) && !paused_.contains(other));
  });
}

std::string Directory::obstacle(Guard guard, const std::vector<std::string>& victims,
                                const NodeNames& unreachable, Loss loss) const {
  switch (guard) {
    case Guard::none: return {};
    case Guard::others_up:
      return others_up(victims) ? std::string() : "guard others_up: another broker is down";
    case Guard::replicated: {
      std::string lack = lack_of_replicas(victims, unreachable, loss != Loss::nothing);
      if (lack.empty()) lack = lack_of_controllers(victims, unreachable, loss);
      return lack.empty() ? lack : "guard replicated: " + lack;
    }
  }
  return {};
}

std::string Directory::lack_of_replicas(const std::vector<std::string>& victims,
                                        const NodeNames& unreachable, bool loses) const {
  for (const auto& [key, partition] : view_.partitions()) {
    const auto& [topic, index] = key;
    const std::string name = topic + "-" + std::to_string(index);
    if (!partition.told) {
      // Somebody has a log of it, but nobody knows who else should.
      if (loses) return "the replicas of " + name + " are not known";
      continue;
    }
    const bool touched = std::ranges::any_of(
        victims, [&](const std::string& v) { return contains(partition.replicas, v); });
    // With one copy nothing is promised while its broker is away, but nothing is lost either.
    if (!touched || (partition.replicas.size() == 1 && !loses)) continue;
    const auto setting = shape_.min_insync_replicas.find(topic);
    const std::int64_t wanted = setting == shape_.min_insync_replicas.end() ? 1 : setting->second;
    const auto needed = std::min(wanted, static_cast<std::int64_t>(partition.replicas.size()));
    // Who leaves an in-sync set that still has enough members is not eligible any more, however
    // whole it is (KIP-966). So with one that has to be in sync, the last may be one that lost.
    if (loses && needed < 2) return name + " has no copy to spare: min.insync.replicas is 1";
    const auto whole = ClusterView::whole_replicas(partition);
    const auto left = std::ranges::count_if(whole, [&](const std::string& node) {
      return is_left(node, victims, unreachable) && !suspects_.contains(node) &&
             !liars_.contains(node);
    });
    if (left < needed) {
      return name + " would keep " + std::to_string(left) + " whole in-sync replicas of " +
             std::to_string(needed);
    }
  }
  return {};
}

std::string Directory::lack_of_controllers(const std::vector<std::string>& victims,
                                           const NodeNames& unreachable, Loss loss) const {
  const auto& all = shape_.controllers;
  const bool touched = std::ranges::any_of(
      victims, [&](const std::string& victim) { return contains(all, victim); });
  if (!touched) return {};
  // A majority may rest on what it has promised: a voter that forgets it may elect another leader
  // of the same epoch, or one that lacks what was committed (KIP-853).
  if (loss == Loss::synced) return "a controller would forget what it promised";
  const auto left = static_cast<std::size_t>(std::ranges::count_if(
      all, [&](const std::string& node) { return is_left(node, victims, unreachable); }));
  if (left > all.size() / 2) return {};
  return std::to_string(left) + " of " + std::to_string(all.size()) + " controllers would be left";
}

}  // namespace weir
