// Folding facts into states. Most facts are of kinds that say nothing here and cost a comparison;
// those that do are rare, but for retries and the watermarks of new leaders.
#include "scenarios/coverage.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>

#include "broker/base/text.h"
#include "broker/raft/raft_types.h"

namespace weir {
namespace {

using enum ProtocolState;

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

constexpr std::array<std::string_view, kProtocolStates> kStateNames = {
    "calm",       "quorum-electing", "controller-absent", "leaderless",  "leader-new",
    "isr-shrunk", "isr-alone",       "isr-changing",      "reassigning", "node-down",
    "recovering", "fenced",          "unclean",           "truncating",  "metadata-truncating",
    "rolling",    "compacting",      "snapshotting",      "retrying",    "deduplicating",
    "refusing",   "rewinding",       "topic-changing"};

constexpr std::array<std::string_view, kProtocolStates> kStatesAbout = {
    "none of the others",
    "a voter asks to be elected",
    "no controller is active",
    "nobody leads a partition in its newest epoch",
    "a leader whose high watermark has not moved in its epoch",
    "an in-sync set lacks a replica",
    "an in-sync set is one replica",
    "a proposed in-sync set is not committed yet",
    "a partition has replicas that come or go",
    "a broker or controller is down",
    "a broker or controller has started again and does not serve yet",
    "a broker is fenced",
    "a leader was elected that was neither in sync nor eligible",
    "a replica cut its log",
    "a node cut its metadata log",
    "a log began a new segment",
    "a cleaner rewrote segments",
    "a snapshot was taken or loaded",
    "a client sent a batch again",
    "a leader knew a batch again",
    "a leader refused a batch for its sequence or epoch",
    "a consumer's position was reset or truncated",
    "a topic was created or deleted"};

constexpr std::size_t index_of(ProtocolState state) { return static_cast<std::size_t>(state); }

constexpr bool is_moment(ProtocolState state) { return state >= unclean; }

// The word of the kind, with which what_of() begins.
std::optional<FaultKind> kind_told(std::string_view what) {
  return fault_kind_named(what.substr(0, what.find_first_of(" :")));
}

void append_row(std::string& text, std::size_t row, StateSet states) {
  if (states.bits == 0) return;
  char digits[40];
  const int n = std::snprintf(digits, sizeof digits, "%zu=%llx", row,
                              static_cast<unsigned long long>(states.bits));
  if (!text.empty() && text.back() != ';') text += ',';
  text.append(digits, static_cast<std::size_t>(n));
}

// Rows "0=1f,4=3" into `rows`; false where they are malformed or beyond it.
bool read_rows(std::string_view text, std::span<StateSet> rows) {
  while (!text.empty()) {
    const std::string_view row = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), row.size() + 1));
    std::size_t number = 0;
    const auto first = std::from_chars(row.data(), row.data() + row.size(), number);
    const char* end = row.data() + row.size();
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '=') return false;
    if (number >= rows.size()) return false;
    const auto second = std::from_chars(first.ptr + 1, end, rows[number].bits, 16);
    if (second.ec != std::errc() || second.ptr != end) return false;
    if (rows[number].bits >> kProtocolStates != 0) return false;
  }
  return true;
}

}  // namespace

std::string_view name_of(ProtocolState state) { return kStateNames[index_of(state)]; }
std::string_view about(ProtocolState state) { return kStatesAbout[index_of(state)]; }
std::span<const std::string_view> protocol_state_names() { return kStateNames; }

std::optional<ProtocolState> protocol_state_named(std::string_view name) {
  const auto found = std::ranges::find(kStateNames, name);
  if (found == kStateNames.end()) return std::nullopt;
  return static_cast<ProtocolState>(found - kStateNames.begin());
}

Coverage::Coverage() : met(fault_catalogue().size()), during{} {}

StateSet Coverage::seen() const {
  StateSet all;
  for (const StateSet states : met) all.add(states);
  for (std::size_t s = 0; s < kProtocolStates; ++s) {
    all.add(during[s]);
    if (during[s].bits != 0) all.add(static_cast<ProtocolState>(s));
  }
  return all;
}

std::size_t Coverage::merge(const Coverage& other) {
  int fresh = 0;
  const auto add = [&fresh](StateSet& mine, StateSet theirs) {
    fresh += std::popcount(theirs.bits & ~mine.bits);
    mine.add(theirs);
  };
  for (std::size_t k = 0; k < met.size(); ++k) add(met[k], other.met[k]);
  for (std::size_t s = 0; s < kProtocolStates; ++s) add(during[s], other.during[s]);
  return static_cast<std::size_t>(fresh);
}

std::string to_text(const Coverage& coverage) {
  std::string text;
  for (std::size_t k = 0; k < coverage.met.size(); ++k) append_row(text, k, coverage.met[k]);
  text += ';';
  for (std::size_t s = 0; s < kProtocolStates; ++s) append_row(text, s, coverage.during[s]);
  return text;
}

std::optional<Coverage> coverage_from(std::string_view text) {
  Coverage coverage;
  const std::size_t cut = text.find(';');
  if (cut == std::string_view::npos) return std::nullopt;
  if (!read_rows(text.substr(0, cut), coverage.met)) return std::nullopt;
  if (!read_rows(text.substr(cut + 1), coverage.during)) return std::nullopt;
  return coverage;
}

CoverageFold::CoverageFold(const ClusterShape& shape)
    : quorum_(shape.is_cluster()),
      in_force_(fault_catalogue().size()),
      echo_(fault_catalogue().size(), Instant{-1}) {
  for (const std::string& name : shape.controllers) servers_[name];
  for (const std::string& name : shape.brokers) servers_[name].broker = true;
  until_.fill(Instant{-1});
}

void CoverageFold::on(const Observed& seen) {
  const Fact& fact = seen.fact;
  switch (fact.kind) {
    case FactKind::send_attempted:
      if (fact.value > 1) moment(retrying, seen.at);
      return;
    case FactKind::hw_advanced:
      if (lasting_[index_of(leader_new)] > 0) on_watermark(seen);
      return;
    case FactKind::response_sent:
      if (!quorum_ && lasting_[index_of(recovering)] > 0) {
        if (Node* node = server(seen.node_name)) set(node->recovering, false, recovering, seen.at);
      }
      return;
    case FactKind::fault_injected: on_fault(seen, true); return;
    case FactKind::fault_healed: on_fault(seen, false); return;
    case FactKind::node_started: on_started(seen); return;
    case FactKind::node_stopped:
    case FactKind::node_killed:
    case FactKind::node_power_lost:
    case FactKind::node_failed:
    case FactKind::assertion_failed: on_down(seen); return;
    case FactKind::quorum_state: on_quorum_state(seen); return;
    case FactKind::controller_activated:
      if (fact.epoch < controller_epoch_) return;
      controller_ = std::string(seen.node_name);
      controller_epoch_ = fact.epoch;
      set(controller_absent_, false, controller_absent, seen.at);
      return;
    case FactKind::controller_resigned:
      if (controller_ != seen.node_name) return;
      controller_.clear();
      set(controller_absent_, true, controller_absent, seen.at);
      return;
    case FactKind::broker_fenced: on_broker(seen, true); return;
    case FactKind::broker_unfenced: on_broker(seen, false); return;
    case FactKind::partition_changed: on_partition_changed(seen); return;
    case FactKind::replica_leads: on_leads(seen); return;
    case FactKind::isr_proposed: {
      Partition& partition = at(fact);
      if (fact.old < partition.proposed_at) return;
      partition.proposed_at = fact.old;
      set(partition.changing, true, isr_changing, seen.at);
      return;
    }
    case FactKind::log_truncated:
      moment(fact.topic == kMetadataTopic ? metadata_truncating : truncating, seen.at);
      return;
    case FactKind::log_rolled:
      if (fact.topic != kMetadataTopic) moment(rolling, seen.at);
      return;
    case FactKind::log_compacted: moment(compacting, seen.at); return;
    case FactKind::snapshot_taken:
    case FactKind::snapshot_loaded: moment(snapshotting, seen.at); return;
    case FactKind::append_deduplicated: moment(deduplicating, seen.at); return;
    case FactKind::append_refused: moment(refusing, seen.at); return;
    case FactKind::position_truncated:
    case FactKind::position_reset: moment(rewinding, seen.at); return;
    case FactKind::topic_deleted: on_deleted(seen); [[fallthrough]];
    case FactKind::topic_created: moment(topic_changing, seen.at); return;
    case FactKind::node_paused:
    case FactKind::node_resumed:
    case FactKind::request_sent:
    case FactKind::request_received:
    case FactKind::response_received:
    case FactKind::connection_opened:
    case FactKind::connection_closed:
    case FactKind::log_opened:
    case FactKind::log_appended:
    case FactKind::log_synced:
    case FactKind::log_start_advanced:
    case FactKind::records_served:
    case FactKind::answer_told:
    case FactKind::quorum_voted:
    case FactKind::metadata_applied:
    case FactKind::broker_registered:
    case FactKind::replica_follows:
    case FactKind::replica_offline:
    case FactKind::follower_position:
    case FactKind::client_configured:
    case FactKind::send_invoked:
    case FactKind::send_acknowledged:
    case FactKind::send_failed:
    case FactKind::send_unknown:
    case FactKind::poll_invoked:
    case FactKind::poll_record:
    case FactKind::poll_completed:
    case FactKind::poll_failed:
    case FactKind::consumer_assigned:
    case FactKind::consumer_seek:
    case FactKind::position_validated:
    case FactKind::client_closed:
    case FactKind::fault_skipped:
    case FactKind::buggify_fired:
    case FactKind::healed:
    case FactKind::message_dropped:
    case FactKind::disk_error:
    case FactKind::disk_wiped:
    case FactKind::disk_lost:
    case FactKind::count_: return;
  }
}

void CoverageFold::on_fault(const Observed& seen, bool begins) {
  const std::optional<FaultKind> kind = kind_told(seen.fact.why);
  if (!kind) return;
  const auto row = static_cast<std::size_t>(*kind);
  // Its consequences come when it strikes, and when it is over.
  echo_[row] = seen.at + kEcho;
  if (!begins) {
    if (in_force_[row] > 0) --in_force_[row];
    return;
  }
  const StateSet states = states_at(seen.at);
  coverage_.met[row].add(states.bits == 0 ? StateSet{StateSet::bit(calm)} : states);
  if (traits_of(*kind).is(FaultTraits::kLasts)) ++in_force_[row];
}

void CoverageFold::on_started(const Observed& seen) {
  Node* node = server(seen.node_name);
  if (node == nullptr) return;
  set(node->down, false, node_down, seen.at);
  if (seen.life > 1) set(node->recovering, true, recovering, seen.at);
}

void CoverageFold::on_down(const Observed& seen) {
  Node* node = server(seen.node_name);
  if (node == nullptr) return;
  set(node->recovering, false, recovering, seen.at);
  set(node->electing, false, quorum_electing, seen.at);
  set(node->down, true, node_down, seen.at);
  if (controller_ == seen.node_name) {
    controller_.clear();
    set(controller_absent_, true, controller_absent, seen.at);
  }
  for (auto& [place, partition] : partitions_) {
    if (partition.leader != seen.node_name) continue;
    partition.leader.clear();
    set(partition.fresh, false, leader_new, seen.at);
    set(partition.leaderless, true, leaderless, seen.at);
  }
}

void CoverageFold::on_quorum_state(const Observed& seen) {
  Node* node = server(seen.node_name);
  if (node == nullptr) return;
  using raft::QuorumRole;
  const auto role = static_cast<QuorumRole>(seen.fact.value);
  const bool asks = role == QuorumRole::candidate || role == QuorumRole::prospective;
  set(node->electing, asks, quorum_electing, seen.at);
  // A controller serves once it knows its leader; a broker is told when it may.
  const bool joined = role == QuorumRole::leader || role == QuorumRole::follower;
  if (joined && !node->broker) set(node->recovering, false, recovering, seen.at);
}

void CoverageFold::on_broker(const Observed& seen, bool is_fenced) {
  Node* node = server(broker_node(seen.fact.sequence));
  if (node == nullptr) return;
  set(node->fenced, is_fenced, fenced, seen.at);
  if (!is_fenced) set(node->recovering, false, recovering, seen.at);
}

void CoverageFold::on_partition_changed(const Observed& seen) {
  const Fact& fact = seen.fact;
  Partition& partition = at(fact);
  const std::size_t replicas = ids_in(fact.record, "replicas").size();
  const std::vector<std::int64_t> isr = ids_in(fact.record, "isr");
  const bool elected = fact.value >= 0 && fact.value != partition.leader_id;
  if (elected && partition.known_epoch >= 0 &&
      std::ranges::find(partition.eligible, fact.value) == partition.eligible.end()) {
    moment(unclean, seen.at);
  }
  partition.eligible = isr;
  for (const std::int64_t id : ids_in(fact.record, "elr")) partition.eligible.push_back(id);
  partition.leader_id = fact.value;
  partition.known_epoch = std::max(partition.known_epoch, fact.epoch);
  set(partition.shrunk, isr.size() < replicas, isr_shrunk, seen.at);
  set(partition.alone, isr.size() == 1 && replicas > 1, isr_alone, seen.at);
  if (fact.old > partition.proposed_at) set(partition.changing, false, isr_changing, seen.at);
  set(partition.reassigning,
      !ids_in(fact.record, "adding").empty() || !ids_in(fact.record, "removing").empty(),
      reassigning, seen.at);
  if (partition.known_epoch > partition.led_epoch) {
    set(partition.leaderless, true, leaderless, seen.at);
  }
}

void CoverageFold::on_leads(const Observed& seen) {
  Partition& partition = at(seen.fact);
  if (seen.fact.epoch < partition.led_epoch) return;
  partition.led_epoch = seen.fact.epoch;
  partition.leader = std::string(seen.node_name);
  if (partition.led_epoch >= partition.known_epoch) {
    set(partition.leaderless, false, leaderless, seen.at);
  }
  set(partition.fresh, true, leader_new, seen.at);
}

void CoverageFold::on_watermark(const Observed& seen) {
  if (seen.fact.topic == kMetadataTopic) return;
  Partition& partition = at(seen.fact);
  if (partition.fresh && partition.leader == seen.node_name) {
    set(partition.fresh, false, leader_new, seen.at);
  }
}

void CoverageFold::on_deleted(const Observed& seen) {
  for (auto place = partitions_.begin(); place != partitions_.end();) {
    if (place->first.first != seen.fact.topic) {
      ++place;
      continue;
    }
    Partition& partition = place->second;
    set(partition.leaderless, false, leaderless, seen.at);
    set(partition.fresh, false, leader_new, seen.at);
    set(partition.shrunk, false, isr_shrunk, seen.at);
    set(partition.alone, false, isr_alone, seen.at);
    set(partition.changing, false, isr_changing, seen.at);
    set(partition.reassigning, false, reassigning, seen.at);
    place = partitions_.erase(place);
  }
}

void CoverageFold::set(bool& flag, bool value, ProtocolState state, Instant now) {
  if (flag == value) return;
  flag = value;
  std::uint32_t& count = lasting_[index_of(state)];
  if (!value) {
    --count;
  } else if (count++ == 0) {
    begin(state, now);
  }
}

void CoverageFold::moment(ProtocolState state, Instant now) {
  Instant& until = until_[index_of(state)];
  const bool begins = until < now;
  until = now + kEcho;
  if (begins) begin(state, now);
}

void CoverageFold::begin(ProtocolState state, Instant now) {
  StateSet others = states_at(now);
  others.bits &= ~StateSet::bit(state);
  if (others.bits == 0) others.add(calm);
  for (std::uint64_t left = others.bits; left != 0; left &= left - 1) {
    coverage_.during[static_cast<std::size_t>(std::countr_zero(left))].add(state);
  }
  for (std::size_t kind = 0; kind < echo_.size(); ++kind) {
    if (in_force_[kind] > 0 || echo_[kind] >= now) coverage_.met[kind].add(state);
  }
}

StateSet CoverageFold::states_at(Instant now) const {
  StateSet states;
  for (std::size_t s = 1; s < kProtocolStates; ++s) {
    const auto state = static_cast<ProtocolState>(s);
    if (is_moment(state) ? until_[s] >= now : lasting_[s] > 0) states.add(state);
  }
  return states;
}

CoverageFold::Node* CoverageFold::server(std::string_view node) {
  const auto found = servers_.find(node);
  return found == servers_.end() ? nullptr : &found->second;
}

CoverageFold::Partition& CoverageFold::at(const Fact& fact) {
  const auto found = partitions_.find(std::pair(fact.topic, fact.partition));
  if (found != partitions_.end()) return found->second;
  return partitions_[{std::string(fact.topic), fact.partition}];
}

}  // namespace weir
