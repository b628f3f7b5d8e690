// Drawing faults: each one from its own keyed stream, each choice by highest keyed hash.
#include "faults/plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "broker/base/random.h"
#include "faults/draws.h"
#include "faults/moments.h"

namespace weir {
namespace {

using std::literals::chrono_literals::operator""h;
using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""s;
using std::literals::chrono_literals::operator""us;

constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kFetch = 1;
constexpr Ratio kOneWay{1, 2};  // questions that are late tell other things than late answers
// Each unit of weight is a candidate of its own.
FaultKind choose_kind(const Draws& draws, const std::vector<FaultWeight>& weights) {
  FaultKind best = weights.front().kind;
  std::uint64_t best_rank = 0;
  for (const FaultWeight& w : weights) {
    for (std::uint32_t unit = 0; unit < std::min(w.weight, kMaxFaultWeight); ++unit) {
      const std::string ticket = std::string(name_of(w.kind)) + "/" + std::to_string(unit);
      const std::uint64_t rank = draws.rank("kind", ticket);
      if (rank <= best_rank) continue;
      best = w.kind;
      best_rank = rank;
    }
  }
  return best;
}

// In a cluster half of the faults are aimed at whoever has a role when they strike.
std::vector<std::string> roles_in(const ClusterShape& shape) {
  std::vector<std::string> roles = {"controller:active"};
  for (const std::string& tp : shape.partitions) {
    roles.push_back("leader:" + tp);
    roles.push_back("follower:" + tp);
  }
  return roles;
}

std::vector<std::string> candidates_for(const FaultTraits& traits, const ClusterShape& shape) {
  std::vector<std::string> nodes = shape.brokers;
  for (const std::string& name : shape.controllers) {
    if (std::ranges::find(nodes, name) == nodes.end()) nodes.push_back(name);
  }
  if (traits.is(FaultTraits::kClientToo))
    nodes.insert(nodes.end(), shape.clients.begin(), shape.clients.end());
  return nodes;
}

// One broker against one client, or against all of them; in a cluster also servers among each
// other, and all brokers against all controllers or clients.
void draw_sides(const Draws& draws, const FaultTraits& traits, const ClusterShape& shape,
                Fault& fault) {
  fault.from = {draws.choose("broker", shape.brokers)};
  fault.to = {shape.clients.empty() ? "clients" : draws.choose("client", shape.clients)};
  if (draws.of("all clients").chance({1, 4})) fault.to = {"clients"};
  if (shape.is_cluster() && draws.of("servers").chance({2, 3})) {
    fault.to = {draws.choose("server", candidates_for(traits, shape))};
    const std::uint64_t whom = draws.of("whom").below(7);
    if (whom == 0) fault.to = {"controllers"};
    if (whom == 1) fault.to = {"brokers"};
    if (whom == 2) fault.from = {draws.choose("role", roles_in(shape))};
    if (whom == 3) fault.from = {"brokers"};
    if (whom == 4) {  // whom only its clients hear, the classic of a leader that goes on alone
      fault.from = {draws.choose("role", roles_in(shape))};
      fault.to = {"brokers", "controllers"};
    }
  }
  if (draws.of("turned").chance({1, 2})) std::swap(fault.from, fault.to);
  fault.one_way = traits.is(FaultTraits::kOneWay) && draws.of("one way").chance(kOneWay);
}

void draw_parameters(const Draws& draws, Fault& fault) {
  Random random = draws.of("by");
  switch (fault.kind) {
    case FaultKind::slow_node: fault.by = draw_length(random, 10us, 10ms); break;
    case FaultKind::late_delivery:
    case FaultKind::tangle:
    case FaultKind::slow_link: fault.by = draw_length(random, 1ms, 1s); break;
    case FaultKind::slow_disk: fault.factor = 1U << random.between(1, 8); break;
    case FaultKind::clock_step:
      fault.by = draw_length(random, 1ms, 1h) * (draws.of("back").chance({1, 2}) ? -1 : 1);
      break;
    case FaultKind::clock_skew:
      fault.rate_ppm = static_cast<std::int32_t>(random.between(10, 1'000)) *
                       (draws.of("back").chance({1, 2}) ? -1 : 1);
      break;
    case FaultKind::fail_read:
    case FaultKind::fail_write:
    case FaultKind::fail_sync:
    case FaultKind::misdirected:
      fault.nth = static_cast<std::uint32_t>(random.between(1, 20));
      break;
    case FaultKind::narrow_link: fault.bytes_per_second = random.between(1, 1'000) * 1'000; break;
    case FaultKind::kill:
    case FaultKind::power_loss:
    case FaultKind::wipe:
    case FaultKind::stop:
    case FaultKind::rolling_restart:
    case FaultKind::pause:
    case FaultKind::partition:
    case FaultKind::isolate:
    case FaultKind::bridge:
    case FaultKind::ring:
    case FaultKind::clog:
    case FaultKind::swizzle:
    case FaultKind::reset:
    case FaultKind::half_open:
    case FaultKind::refuse:
    case FaultKind::lose_response:
    case FaultKind::disk_full:
    case FaultKind::stuck_disk:
    case FaultKind::bit_rot: break;
  }
}

// The nth matching response from `at` on; most plans should meet theirs, so n is small. Of one
// client or of one API, never both: not every client asks for everything.
Trigger draw_response(const Draws& draws, const ClusterShape& shape, Duration at) {
  Trigger trigger;
  trigger.event = FactKind::response_sent;
  if (!shape.clients.empty() && draws.of("any api").chance({1, 2})) {
    trigger.peer = draws.choose("client", shape.clients);
  } else {
    trigger.api = draws.of("api").chance({3, 4}) ? kProduce : kFetch;
  }
  trigger.nth = static_cast<std::uint32_t>(draws.of("nth").between(1, 5));
  trigger.since = at;
  return trigger;
}

bool takes_a_node_down(FaultKind kind) {
  return kind == FaultKind::kill || kind == FaultKind::power_loss || kind == FaultKind::stop ||
         kind == FaultKind::pause || kind == FaultKind::isolate;
}

// A crash tells most while something is being written.
bool crashes(FaultKind kind) {
  return kind == FaultKind::kill || kind == FaultKind::power_loss || kind == FaultKind::wipe;
}

bool is_in_flight(const Draws& draws, FaultKind kind) {
  return crashes(kind) && draws.of("in flight").chance({1, 2});
}

// A broker that stands alone has no metadata log, and no moments (moments.h): it is also struck
// when a segment is complete, which is when it writes down what a restart goes by.
Trigger draw_append(const Draws& draws, const ClusterShape& shape, Duration at) {
  Trigger trigger;
  trigger.event = FactKind::log_appended;
  std::vector<std::string> logs = shape.partitions;
  if (shape.is_cluster()) logs.push_back("__cluster_metadata-0");
  trigger.tp = draws.choose("log", logs);
  trigger.nth = static_cast<std::uint32_t>(draws.of("append").between(1, 30));
  if (!shape.is_cluster() && draws.of("roll").chance({1, 4})) {
    trigger.event = FactKind::log_rolled;
    trigger.nth = static_cast<std::uint32_t>(draws.of("rolled").between(1, 5));
  }
  trigger.since = at;
  return trigger;
}

// Which of its candidates a node, a set or two sides are.
void draw_target(const Draws& draws, const FaultTraits& traits, const ClusterShape& shape,
                 Duration at, Fault& fault) {
  switch (traits.target) {
    case FaultTarget::node:
      fault.node = draws.choose("node", candidates_for(traits, shape));
      if (!shape.is_cluster()) {
        const bool writes = std::ranges::find(shape.brokers, fault.node) != shape.brokers.end();
        const bool in_flight =
            writes && !shape.partitions.empty() && is_in_flight(draws, fault.kind);
        if (in_flight) fault.when = draw_append(draws, shape, at);
        return;
      }
      if (draws.of("by role").chance({1, 2})) fault.node = draws.choose("role", roles_in(shape));
      if (is_in_flight(draws, fault.kind)) {
        fault.when = draw_append(draws, shape, at);
        fault.node = "event:node";
      }
      return;
    case FaultTarget::set:
      fault.from = {"brokers"};
      if (shape.is_cluster() && draws.of("controllers").chance({1, 2})) {
        fault.from.push_back("controllers");
      }
      return;
    case FaultTarget::sides: draw_sides(draws, traits, shape, fault); return;
    case FaultTarget::response: fault.when = draw_response(draws, shape, at); return;
  }
}

// At a moment it strikes those that have a part in it. A response and a set are aimed already.
bool is_aimable(FaultKind kind) {
  const FaultTarget target = traits_of(kind).target;
  return target == FaultTarget::node || target == FaultTarget::sides;
}

// Of the faults that strike at one moment the first is a node's and the second a link's, since what
// a node agrees upon is in danger while it waits for others. The third is any, like one that is
// aimed alone: it may rather crash somebody who writes.
void keep_what_completes(const Moment& moment, std::vector<FaultWeight>& weights) {
  if (moment.part > 1) return;
  const FaultTarget wanted = moment.part == 0 ? FaultTarget::node : FaultTarget::sides;
  const auto other = [&](const FaultWeight& w) { return traits_of(w.kind).target != wanted; };
  if (!std::ranges::all_of(weights, other)) std::erase_if(weights, other);
}

void aim(const Draws& draws, const FaultTraits& traits, const Moment& moment, Fault& fault) {
  if (traits.target == FaultTarget::node) {
    // Whom it concerns most more often than any other.
    const NodeRef& foremost = moment.roles[moment.roles.size() > 1 ? 1 : 0];
    const bool at_foremost = draws.of("foremost").chance({1, 2});
    fault.node = at_foremost ? foremost : draws.choose("part", moment.roles);
    return;
  }
  fault.from = {moment.roles.front()};
  std::vector<std::string> others = {"controllers"};
  if (moment.roles.size() == 1) others.emplace_back("brokers");
  others.insert(others.end(), moment.roles.begin() + 1, moment.roles.end());
  fault.to = {draws.choose("other part", others)};
  if (draws.of("turned").chance({1, 2})) std::swap(fault.from, fault.to);
  fault.one_way = traits.is(FaultTraits::kOneWay) && draws.of("one way").chance(kOneWay);
}

// Inside the budget of the cluster, so that every loss is a bug.
Guard guard_for(const Fault& fault, const FaultTraits& traits, const ClusterShape& shape) {
  const bool node_goes = takes_a_node_down(fault.kind);
  if (shape.is_cluster()) {
    const bool counts =
        node_goes || traits.is(FaultTraits::kLoses) || fault.kind == FaultKind::rolling_restart;
    return counts ? Guard::replicated : Guard::none;
  }
  const bool a_broker = std::ranges::find(shape.brokers, fault.node) != shape.brokers.end();
  return a_broker && node_goes ? Guard::others_up : Guard::none;
}

// The kinds that this cluster knows, and in a swarm those that this seed has on: half of them.
std::vector<FaultWeight> weights_for(std::uint64_t seed, std::uint64_t branch,
                                     const RandomFaults& random, const ClusterShape& shape) {
  auto weights = random.weights.empty() ? survivable_weights(shape) : random.weights;
  if (random.weights.empty() && !shape.is_cluster()) {
    std::erase_if(weights,
                  [](const FaultWeight& w) { return traits_of(w.kind).is(FaultTraits::kCluster); });
  }
  if (!random.swarm) return weights;
  std::vector<FaultWeight> on;
  const FaultWeight* first = nullptr;  // stays on, whatever the others do
  std::uint64_t first_rank = 0;
  for (const FaultWeight& w : weights) {
    if (w.weight == 0) continue;
    const std::uint64_t rank = Random::keyed(seed, branch, "swarm", name_of(w.kind)).next();
    if (first == nullptr || rank > first_rank) first = &w;
    first_rank = std::max(first_rank, rank);
    if ((rank & 1) == 0) on.push_back(w);
  }
  if (on.empty() && first != nullptr) on.push_back(*first);
  return on.empty() ? weights : on;
}

}  // namespace

std::vector<FaultWeight> survivable_weights(const ClusterShape& shape) {
  std::vector<FaultWeight> weights;
  for (const FaultTraits& traits : fault_catalogue()) {
    const bool known = shape.is_cluster() || !traits.is(FaultTraits::kCluster);
    if (known && traits.is(FaultTraits::kSurvivable)) {
      weights.push_back({traits.kind, traits.weight});
    }
  }
  return weights;
}

Fault draw_fault(std::uint64_t seed, std::uint64_t branch, std::uint32_t n,
                 const RandomFaults& random, const ClusterShape& shape) {
  const Draws draws(seed, branch, "fault", n);
  std::vector<FaultWeight> weights = weights_for(seed, branch, random, shape);
  std::optional<Moment> moment;
  if (shape.is_cluster()) moment = draw_moment(seed, branch, n, random);
  if (moment) keep_what_completes(*moment, weights);
  Fault fault;
  fault.kind = choose_kind(draws, weights);
  fault.label = "random " + std::to_string(n + 1);
  const FaultTraits& traits = traits_of(fault.kind);

  const bool elsewhere = moment && moment->part > 1 && is_in_flight(draws, fault.kind);
  if (!is_aimable(fault.kind) || elsewhere) moment.reset();
  const Duration at =
      moment ? moment->trigger.since : draw_time(draws.of("at"), random.from, random.to);
  fault.when = at;
  if (moment) fault.when = moment->trigger;
  if (traits.is(FaultTraits::kLasts)) {
    Duration left = std::max(random.heal_by - at, Duration(kDrawnGrain));
    Duration least = 1ms;
    if (moment) {
      left = std::max(left / 2, Duration(kDrawnGrain));  // its windows are short
      if (moment->part == 1) least = 20ms;  // while a node that was struck, too, comes back
    }
    fault.lasts = draw_length(draws.of("for"), std::min(least, left), left);
  }
  if (moment) {
    aim(draws, traits, *moment, fault);
  } else {
    draw_target(draws, traits, shape, at, fault);
  }
  fault.guard = guard_for(fault, traits, shape);
  draw_parameters(draws, fault);
  return fault;
}

Plan make_plan(std::uint64_t seed, std::uint64_t branch, std::vector<Fault> scripted,
               const RandomFaults& random, const ClusterShape& shape, Duration heal_at) {
  Plan plan;
  plan.faults = std::move(scripted);
  plan.heal_at = std::max(heal_at, random.count > 0 ? random.heal_by : Duration(0));
  for (std::uint32_t n = 0; n < std::min(random.count, kMaxRandomFaults); ++n) {
    plan.faults.push_back(draw_fault(seed, branch, n, random, shape));
  }
  return plan;
}

}  // namespace weir
