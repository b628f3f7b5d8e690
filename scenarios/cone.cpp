// One pass backwards: an event is inside if its node's later events are, or if it caused one.
#include "scenarios/cone.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace weir {

bool is_fault(const LoggedEvent& e) {
  static constexpr std::array kFaults = {FactKind::fault_injected, FactKind::fault_healed,
                                         FactKind::node_killed,    FactKind::node_power_lost,
                                         FactKind::node_paused,    FactKind::node_resumed,
                                         FactKind::node_failed,    FactKind::disk_error,
                                         FactKind::disk_wiped,     FactKind::disk_lost};
  return std::ranges::find(kFaults, e.kind) != kFaults.end();
}

CausalCone::CausalCone(const EventFile& file, const std::vector<std::int64_t>& anchors)
    : file_(file), inside_(file.events().size(), false) {
  const std::vector<LoggedEvent>& events = file.events();
  for (const std::int64_t anchor : anchors) {
    if (file.find(anchor) == nullptr) continue;
    inside_[file.position(anchor)] = true;
    end_ = std::max(end_, anchor);
  }
  std::set<std::string> nodes;  // whose events before here are inside
  for (std::size_t i = end_ < 0 ? 0 : file.position(end_) + 1; i-- > 0;) {
    const LoggedEvent& e = events[i];
    const bool nobody = e.node == "world";
    if (!inside_[i] && !(is_fault(e) || (!nobody && nodes.contains(e.node)))) continue;
    inside_[i] = true;
    if (!nobody) nodes.insert(e.node);
    if (file.find(e.cause) != nullptr) inside_[file.position(e.cause)] = true;
  }
}

bool CausalCone::contains(std::int64_t sequence) const {
  return file_.find(sequence) != nullptr && inside_[file_.position(sequence)];
}

std::size_t CausalCone::size() const {
  return static_cast<std::size_t>(std::ranges::count(inside_, true));
}

std::vector<std::int64_t> chain_of_causes(const EventFile& file, std::int64_t sequence) {
  std::vector<std::int64_t> chain;
  for (const LoggedEvent* e = file.find(sequence); e != nullptr;) {
    chain.push_back(e->sequence);
    // A cause is always earlier; a file that says otherwise ends the chain.
    e = e->cause < e->sequence ? file.find(e->cause) : nullptr;
  }
  std::ranges::reverse(chain);
  return chain;
}

}  // namespace weir
