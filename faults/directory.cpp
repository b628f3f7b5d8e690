// Folding facts into roles, and resolving the names that faults are aimed at.
#include "faults/directory.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::string_view kLeader = "leader:";
constexpr std::string_view kClient = "client:";

std::string partition_name(const Fact& fact) {
  return std::string(fact.topic) + "-" + std::to_string(fact.partition);
}

}  // namespace

void Directory::on(const Observed& seen) {
  // Only the few kinds that change roles or lives matter here.
  if (seen.fact.kind == FactKind::log_opened) {
    leaders_[partition_name(seen.fact)] = seen.node_name;
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
  }
}

void Directory::forget(Names& names, std::string_view name) {
  const auto found = names.find(name);
  if (found != names.end()) names.erase(found);
}

std::optional<std::string> Directory::node_of(std::string_view ref, const EventRoles& event) const {
  if (ref == "event:node") return event.node;
  if (ref == "event:peer") return event.peer;
  if (ref.starts_with(kClient)) ref.remove_prefix(kClient.size());
  if (ref.starts_with(kLeader)) {
    const auto leader = leaders_.find(ref.substr(kLeader.size()));
    if (leader == leaders_.end()) return std::nullopt;
    return leader->second;
  }
  const bool known = std::ranges::find(shape_.brokers, ref) != shape_.brokers.end() ||
                     std::ranges::find(shape_.clients, ref) != shape_.clients.end();
  if (!known) return std::nullopt;
  return std::string(ref);
}

std::vector<std::string> Directory::nodes_of(const std::vector<NodeRef>& refs,
                                             const EventRoles& event) const {
  std::vector<std::string> nodes;
  for (const NodeRef& ref : refs) {
    if (ref == "brokers") {
      nodes.insert(nodes.end(), shape_.brokers.begin(), shape_.brokers.end());
    } else if (ref == "clients") {
      nodes.insert(nodes.end(), shape_.clients.begin(), shape_.clients.end());
    } else if (auto node = node_of(ref, event)) {
      nodes.push_back(std::move(*node));
    }
  }
  return nodes;
}

std::vector<std::string> Directory::all_but(std::string_view node) const {
  std::vector<std::string> nodes;
  for (const auto* group : {&shape_.brokers, &shape_.clients}) {
    for (const std::string& name : *group) {
      if (name != node) nodes.push_back(name);
    }
  }
  return nodes;
}

bool Directory::is_alive(std::string_view node) const { return alive_.contains(node); }

bool Directory::others_up(std::string_view broker) const {
  return std::ranges::all_of(shape_.brokers, [&](const std::string& other) {
    return other == broker || (alive_.contains(other) && !paused_.contains(other));
  });
}

}  // namespace weir
