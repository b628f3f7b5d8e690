// The catalogue of faults, their names, and how a fault is told to people.
#include "faults/fault.h"

#include <algorithm>
#include <array>

#include "broker/base/assertion.h"
#include "broker/base/text.h"

namespace weir {
namespace {

using enum FaultTarget;
using T = FaultTraits;

constexpr std::array<FaultTraits, 31> kCatalogue = {{
    {FaultKind::kill, "kill", "the process dies; its page cache survives", node,
     T::kLasts | T::kSurvivable, 3},
    {FaultKind::power_loss, "power_loss",
     "the machine dies; unsynced writes and directory entries are kept, dropped or torn", node,
     T::kLasts | T::kLoses, 1},
    {FaultKind::wipe, "wipe", "the machine dies, and comes back with an empty disk", node,
     T::kLasts | T::kLoses | T::kCluster, 1},
    {FaultKind::stop, "stop", "a clean stop", node, T::kLasts | T::kSurvivable, 1},
    {FaultKind::rolling_restart, "rolling_restart",
     "the nodes of a set are stopped and started, one after the other", set,
     T::kLasts | T::kSurvivable | T::kCluster, 1},
    {FaultKind::pause, "pause",
     "nothing runs on the node, its connections stay (a long collection)", node,
     T::kLasts | T::kSurvivable | T::kClientToo, 2},
    {FaultKind::slow_node, "slow_node", "each wake-up occupies the node for `by`", node,
     T::kLasts | T::kBy | T::kSurvivable | T::kClientToo, 1},
    {FaultKind::partition, "partition", "two sets of nodes do not hear each other", sides,
     T::kLasts | T::kOneWay | T::kSurvivable, 3},
    {FaultKind::isolate, "isolate", "one node and all others do not hear each other", node,
     T::kLasts | T::kSurvivable | T::kClientToo, 1},
    {FaultKind::bridge, "bridge",
     "the servers fall into two halves, which hear only this node in common", node,
     T::kLasts | T::kSurvivable | T::kCluster, 1},
    {FaultKind::ring, "ring", "each node of a set hears only its two neighbours of the set", set,
     T::kLasts | T::kSurvivable | T::kCluster, 1},
    {FaultKind::clog, "clog", "messages are held, and delivered when it is over", sides,
     T::kLasts | T::kOneWay | T::kSurvivable, 2},
    {FaultKind::swizzle, "swizzle",
     "the nodes of a set are clogged one after the other, and released in another order", set,
     T::kLasts | T::kSurvivable | T::kCluster, 1},
    {FaultKind::tangle, "tangle",
     "some links between the nodes of a set are slow, each direction by its own length up to `by`",
     set, T::kLasts | T::kBy | T::kSurvivable | T::kCluster, 1},
    {FaultKind::slow_link, "slow_link", "messages take `by` longer", sides,
     T::kLasts | T::kOneWay | T::kBy | T::kSurvivable, 2},
    {FaultKind::narrow_link, "narrow_link", "only `bytes_per_second` get through", sides,
     T::kLasts | T::kOneWay | T::kRateBytes | T::kSurvivable | T::kCluster, 1},
    {FaultKind::reset, "reset", "the connections between two sets of nodes break", sides,
     T::kSurvivable, 2},
    {FaultKind::half_open, "half_open",
     "the first set forgets its connections with the second, which learns it when it writes", sides,
     T::kSurvivable, 1},
    {FaultKind::refuse, "refuse", "the node accepts no new connection", node,
     T::kLasts | T::kSurvivable, 1},
    {FaultKind::lose_response, "lose_response",
     "the response that triggers it vanishes, and its connection dies when it is over", response,
     T::kLasts | T::kSurvivable, 2},
    {FaultKind::late_delivery, "late_delivery",
     "what is sent on present connections arrives `by` later; new connections are quick", sides,
     T::kLasts | T::kOneWay | T::kBy | T::kSurvivable | T::kCluster, 1},
    {FaultKind::fail_read, "fail_read", "the nth read of the disk from now fails", node, T::kNth,
     1},
    {FaultKind::fail_write, "fail_write", "the nth write of the disk from now fails", node, T::kNth,
     1},
    {FaultKind::fail_sync, "fail_sync", "the nth sync of the disk from now fails", node,
     T::kNth | T::kLoses, 1},
    {FaultKind::disk_full, "disk_full", "no space is left on the disk", node, T::kLasts, 1},
    {FaultKind::slow_disk, "slow_disk", "every operation of the disk takes `factor` times as long",
     node, T::kLasts | T::kFactor | T::kSurvivable, 1},
    {FaultKind::stuck_disk, "stuck_disk", "no operation of the disk completes until it is over",
     node, T::kLasts, 1},
    {FaultKind::bit_rot, "bit_rot", "one bit of what is stored flips", node, T::kLoses, 1},
    {FaultKind::misdirected, "misdirected",
     "the nth write of the disk from now lands elsewhere in its file, and reports success", node,
     T::kNth | T::kLoses, 1},
    {FaultKind::clock_step, "clock_step", "the wall clock jumps by `by`, which may be negative",
     node, T::kBy | T::kSurvivable | T::kClientToo, 1},
    {FaultKind::clock_skew, "clock_skew", "the clock runs fast (negative: slow) by `rate_ppm`",
     node, T::kLasts | T::kRate | T::kSurvivable | T::kClientToo, 1},
}};

consteval bool in_order() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (static_cast<std::size_t>(kCatalogue[i].kind) != i) return false;
  }
  return kCatalogue.size() == static_cast<std::size_t>(FaultKind::clock_skew) + 1;
}
static_assert(in_order(), "the catalogue follows the enumeration");

constexpr auto kNames = [] {
  std::array<std::string_view, kCatalogue.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kCatalogue[i].name;
  return names;
}();

constexpr std::array<std::string_view, 3> kGuards = {"none", "others_up", "replicated"};

struct Api {
  std::int16_t key;
  std::string_view name;
};

// Kafka's names and keys (the protocol's table of API keys).
constexpr auto kApis = std::to_array<Api>({{0, "Produce"},
                                           {1, "Fetch"},
                                           {2, "ListOffsets"},
                                           {3, "Metadata"},
                                           {8, "OffsetCommit"},
                                           {9, "OffsetFetch"},
                                           {10, "FindCoordinator"},
                                           {11, "JoinGroup"},
                                           {12, "Heartbeat"},
                                           {13, "LeaveGroup"},
                                           {14, "SyncGroup"},
                                           {15, "DescribeGroups"},
                                           {16, "ListGroups"},
                                           {17, "SaslHandshake"},
                                           {18, "ApiVersions"},
                                           {19, "CreateTopics"},
                                           {20, "DeleteTopics"},
                                           {21, "DeleteRecords"},
                                           {22, "InitProducerId"},
                                           {23, "OffsetForLeaderEpoch"},
                                           {24, "AddPartitionsToTxn"},
                                           {25, "AddOffsetsToTxn"},
                                           {26, "EndTxn"},
                                           {27, "WriteTxnMarkers"},
                                           {28, "TxnOffsetCommit"},
                                           {32, "DescribeConfigs"},
                                           {33, "AlterConfigs"},
                                           {35, "DescribeLogDirs"},
                                           {37, "CreatePartitions"},
                                           {42, "DeleteGroups"},
                                           {43, "ElectLeaders"},
                                           {44, "IncrementalAlterConfigs"},
                                           {45, "AlterPartitionReassignments"},
                                           {46, "ListPartitionReassignments"},
                                           {52, "Vote"},
                                           {53, "BeginQuorumEpoch"},
                                           {54, "EndQuorumEpoch"},
                                           {55, "DescribeQuorum"},
                                           {56, "AlterPartition"},
                                           {57, "UpdateFeatures"},
                                           {59, "FetchSnapshot"},
                                           {60, "DescribeCluster"},
                                           {61, "DescribeProducers"},
                                           {62, "BrokerRegistration"},
                                           {63, "BrokerHeartbeat"},
                                           {64, "UnregisterBroker"},
                                           {65, "DescribeTransactions"},
                                           {66, "ListTransactions"},
                                           {67, "AllocateProducerIds"},
                                           {68, "ConsumerGroupHeartbeat"},
                                           {69, "ConsumerGroupDescribe"},
                                           {70, "ControllerRegistration"},
                                           {75, "DescribeTopicPartitions"},
                                           {80, "AddRaftVoter"},
                                           {81, "RemoveRaftVoter"},
                                           {82, "UpdateRaftVoter"}});

constexpr auto kApiNames = [] {
  std::array<std::string_view, kApis.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kApis[i].name;
  return names;
}();

std::string joined(const std::vector<NodeRef>& nodes) {
  std::string text;
  for (const NodeRef& node : nodes) text += (text.empty() ? "" : ", ") + node;
  return text;
}

std::string ordinal(std::uint32_t n) {
  const std::uint32_t tens = n % 100;
  std::string_view ending = "th";
  if (tens < 11 || tens > 13) {
    if (n % 10 == 1) ending = "st";
    if (n % 10 == 2) ending = "nd";
    if (n % 10 == 3) ending = "rd";
  }
  return std::to_string(n) + std::string(ending);
}

std::string to_text(const Trigger& t) {
  std::string text = "at the " + ordinal(t.nth) + " " + std::string(name_of(t.event));
  if (t.api >= 0) text += " of " + std::string(api_name(t.api));
  if (!t.tp.empty()) text += " of " + t.tp;
  if (!t.node.empty()) text += " on " + t.node;
  if (!t.peer.empty()) text += " with " + t.peer;
  if (t.at_least) text += " reaching " + std::to_string(*t.at_least);
  if (t.since > Duration(0)) text += " after " + spaced(t.since);
  if (t.delay > Duration(0)) text += " and " + spaced(t.delay) + " more";
  return text;
}

std::string to_text(const AfterFault& after) {
  const std::string delay = after.delay > Duration(0) ? spaced(after.delay) + " " : "";
  return delay + "after \"" + after.label + "\"";
}

std::string to_text(Duration at) { return "at " + spaced(at); }

}  // namespace

std::span<const FaultTraits> fault_catalogue() { return kCatalogue; }

const FaultTraits& traits_of(FaultKind kind) {
  const auto i = static_cast<std::size_t>(kind);
  WEIR_ASSERT(i < kCatalogue.size());
  return kCatalogue[i];
}

std::string_view name_of(FaultKind kind) { return traits_of(kind).name; }

std::span<const std::string_view> fault_names() { return kNames; }

std::optional<FaultKind> fault_kind_named(std::string_view name) {
  for (const FaultTraits& traits : kCatalogue) {
    if (traits.name == name) return traits.kind;
  }
  return std::nullopt;
}

std::string_view name_of(Guard guard) { return kGuards[static_cast<std::size_t>(guard)]; }

std::span<const std::string_view> guard_names() { return kGuards; }

std::optional<Guard> guard_named(std::string_view name) {
  for (std::size_t i = 0; i < kGuards.size(); ++i) {
    if (kGuards[i] == name) return static_cast<Guard>(i);
  }
  return std::nullopt;
}

std::string what_of(const Fault& fault) {
  const FaultTraits& traits = traits_of(fault.kind);
  std::string text(traits.name);
  switch (traits.target) {
    case FaultTarget::node: text += " " + fault.node; break;
    case FaultTarget::set: text += " " + joined(fault.from); break;
    case FaultTarget::sides:
      text += " " + joined(fault.from) + (fault.one_way ? " > " : " | ") + joined(fault.to);
      break;
    case FaultTarget::response:
      if (!fault.from.empty()) text += " " + joined(fault.from) + " > " + joined(fault.to);
      break;
  }
  if (traits.is(T::kBy)) text += " by " + spaced(fault.by);
  if (traits.is(T::kRate)) text += " by " + std::to_string(fault.rate_ppm) + " ppm";
  if (traits.is(T::kFactor)) text += " by factor " + std::to_string(fault.factor);
  if (traits.is(T::kRateBytes)) {
    text += " to " + std::to_string(fault.bytes_per_second) + " bytes per second";
  }
  if (traits.is(T::kNth)) text += ", the " + ordinal(fault.nth);
  return text;
}

std::string to_text(const Fault& fault) {
  std::string text = what_of(fault) + " ";
  text += std::visit([](const auto& when) { return to_text(when); }, fault.when);
  if (fault.lasts) text += " for " + spaced(*fault.lasts);
  return text;
}

std::int16_t api_key_named(std::string_view name) {
  const auto* found = std::ranges::find(kApis, name, &Api::name);
  return found == kApis.end() ? std::int16_t{-1} : found->key;
}

std::string_view api_name(std::int16_t key) {
  const auto* found = std::ranges::find(kApis, key, &Api::key);
  return found == kApis.end() ? std::string_view("unknown API") : found->name;
}

std::span<const std::string_view> api_names() { return kApiNames; }

}  // namespace weir
