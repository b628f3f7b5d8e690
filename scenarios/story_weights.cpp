// Which events of a cone say how much about the subject of a story.
//
// A step weighs more, the nearer it is to the promise and to its breach: what was decided about
// the record and its partition, then what made the deciders change, then the rest.
#include <algorithm>
#include <cctype>
#include <utility>

#include "scenarios/cone.h"
#include "scenarios/story.h"

namespace weir {
namespace {

constexpr std::string_view kMetadata = "__cluster_metadata-0";

bool holds_it(const LoggedEvent& e, const StorySubject& s) {
  return std::ranges::any_of(s.offsets, [&](std::int64_t o) { return appends(e, o); });
}

bool passes_it(const LoggedEvent& e, const StorySubject& s) {
  return std::ranges::any_of(s.offsets, [&](std::int64_t o) { return passes(e, o); });
}

bool cuts_it(const LoggedEvent& e, const StorySubject& s) {
  return std::ranges::any_of(s.offsets, [&](std::int64_t o) { return cuts_off(e, o); });
}

int weight_of_send(const LoggedEvent& e, const StorySubject& s) {
  if (s.identity.empty() || e.record != s.identity) return 0;
  if (e.kind == FactKind::send_attempted) return e.value > 1 ? 90 : 70;
  if (e.kind == FactKind::send_acknowledged) return 98;
  if (e.kind == FactKind::send_failed || e.kind == FactKind::send_unknown) return 85;
  if (e.kind == FactKind::poll_record) return e.node == "drain" ? 0 : 50;
  return 0;
}

int weight_in_log(const LoggedEvent& e, const StorySubject& s) {
  const bool here = !s.place.tp.empty() && e.tp == s.place.tp;
  if (!here) return 0;
  if (e.kind == FactKind::log_appended) return holds_it(e, s) ? 80 : 0;
  if (e.kind == FactKind::hw_advanced) return passes_it(e, s) ? 72 : 0;
  if (e.kind == FactKind::log_truncated) return cuts_it(e, s) ? 96 : 30;
  if (e.kind == FactKind::append_deduplicated) {
    return std::ranges::count(s.offsets, e.old) > 0 ? 92 : 0;
  }
  if (e.kind == FactKind::append_refused) return 40;
  if (e.kind == FactKind::replica_leads) return 84;
  if (e.kind == FactKind::replica_follows) return 34;
  if (e.kind == FactKind::replica_offline) return 60;
  if (e.kind == FactKind::log_opened) return 58;
  if (e.kind == FactKind::partition_changed) return 54;
  return 0;
}

// About the quorum, where the subject is its log or nothing less than the cluster.
int weight_in_cluster(const LoggedEvent& e, const StorySubject& s) {
  const bool quorum = s.place.tp.empty() || s.place.tp == kMetadata;
  if (e.kind == FactKind::quorum_voted) return quorum ? 78 : 0;
  if (e.kind == FactKind::quorum_state) return quorum && e.value != e.old ? 62 : 0;
  if (e.kind == FactKind::controller_activated) return quorum ? 76 : 36;
  if (e.kind == FactKind::controller_resigned) return quorum ? 64 : 20;
  if (e.kind == FactKind::broker_fenced) return 52;
  if (e.kind == FactKind::partition_changed) return s.place.tp.empty() ? 48 : 0;
  if (e.kind == FactKind::replica_leads) return s.place.tp.empty() ? 50 : 0;
  return 0;
}

// The nodes that the text of a fault names: "ring b1, b2, k1".
std::vector<std::string> nodes_in(const std::string& text) {
  std::vector<std::string> nodes;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
      word += c;
    } else if (!word.empty()) {
      nodes.push_back(std::exchange(word, {}));
    }
  }
  return nodes;
}

bool is_server(const std::string& node, char letter) {
  return node.size() > 1 && node[0] == letter &&
         node.find_first_not_of("0123456789", 1) == std::string::npos;
}

// What strikes brokers, or who sent the record, comes before what strikes others.
int weight_of_fault(const LoggedEvent& e, const StorySubject& s) {
  const bool quorum = s.place.tp.empty() || s.place.tp == kMetadata;
  const std::string client = s.identity.substr(0, s.identity.rfind(':'));
  if (is_server(e.node, 'b')) return 88;
  if (e.node != "world") return e.node == client || (quorum && is_server(e.node, 'k')) ? 86 : 38;
  const std::vector<std::string> nodes = nodes_in(e.why);
  const auto brokers = std::ranges::count_if(nodes, [](auto& n) { return is_server(n, 'b'); });
  const auto controllers = std::ranges::count_if(nodes, [](auto& n) { return is_server(n, 'k'); });
  if (std::ranges::count(nodes, client) > 0) return 87;
  if (brokers > 0 && brokers + controllers > 1) return 74;
  return quorum && controllers > 0 ? 74 : 36;
}

int weight_of_life(const LoggedEvent& e, const StorySubject& s) {
  if (e.kind == FactKind::assertion_failed) return 95;
  if (e.kind == FactKind::fault_injected) return weight_of_fault(e, s);
  if (e.kind == FactKind::node_failed) return 90;
  if (e.kind == FactKind::disk_error) return 82;
  if (e.kind == FactKind::disk_lost) return 74;
  if (e.kind == FactKind::node_started) return 66;
  if (e.kind == FactKind::fault_healed) return 44;
  return is_fault(e) ? 80 : 0;  // mostly said by the fault that did it
}

}  // namespace

bool stores_it(const LoggedEvent& e, const StorySubject& s) {
  return std::ranges::any_of(s.offsets, [&](std::int64_t offset) {
    const auto epoch = s.epochs.find(offset);
    return appends(e, offset) && (epoch == s.epochs.end() || epoch->second == e.epoch);
  });
}

int weight_of(const LoggedEvent& e, const StorySubject& s) {
  if (std::ranges::count(s.anchors, e.sequence) > 0) return 1000;
  return std::max(
      {weight_of_send(e, s), weight_in_log(e, s), weight_in_cluster(e, s), weight_of_life(e, s)});
}

}  // namespace weir
