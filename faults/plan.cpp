// Drawing faults: each one from its own keyed stream, each choice by highest keyed hash.
#include "faults/plan.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "broker/base/hash.h"
#include "broker/base/random.h"
#include "broker/base/text.h"

namespace weir {
namespace {

using std::literals::chrono_literals::operator""h;
using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""s;
using std::literals::chrono_literals::operator""us;

constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kFetch = 1;
constexpr std::int64_t kGrain = 1'000;  // times are drawn in whole microseconds

// One independent key for each thing that is drawn for one fault.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t branch, std::uint32_t n)
      : key_(Random::keyed(seed, branch, "fault", std::to_string(n)).next()) {}

  [[nodiscard]] Random of(std::string_view purpose) const {
    return Random(mix(key_ ^ hash_text(purpose)));
  }

  // Rendezvous hashing: a further candidate takes over some choices and moves no other.
  [[nodiscard]] std::uint64_t rank(std::string_view purpose, std::string_view candidate) const {
    return hash_text(candidate, key_ ^ hash_text(purpose));
  }

 private:
  std::uint64_t key_;
};

std::string choose(const Draws& draws, std::string_view purpose,
                   const std::vector<std::string>& candidates) {
  std::string best;
  std::uint64_t best_rank = 0;
  for (const std::string& candidate : candidates) {
    const std::uint64_t rank = draws.rank(purpose, candidate);
    if (!best.empty() && rank <= best_rank) continue;
    best = candidate;
    best_rank = rank;
  }
  return best;
}

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

// Short, middle and long ones alike: the magnitude is drawn first. In [low, high], by the grain.
Duration draw_length(Random random, Duration low, Duration high) {
  high = std::max(low, high);
  Duration from = low;
  std::int64_t decades = 1;
  while (from < high / 10) {
    from *= 10;
    ++decades;
  }
  from = low;
  for (auto skip = random.below(static_cast<std::uint64_t>(decades)); skip > 0; --skip) from *= 10;
  const std::int64_t to = (from < high / 10 ? from * 10 : high).count();
  return Duration(random.between(from.count() / kGrain, to / kGrain) * kGrain);
}

std::vector<std::string> candidates_for(const FaultTraits& traits, const ClusterShape& shape) {
  std::vector<std::string> nodes = shape.brokers;
  if (traits.is(FaultTraits::kClientToo))
    nodes.insert(nodes.end(), shape.clients.begin(), shape.clients.end());
  return nodes;
}

// One broker against one client, or against all of them.
void draw_sides(const Draws& draws, const FaultTraits& traits, const ClusterShape& shape,
                Fault& fault) {
  fault.from = {choose(draws, "broker", shape.brokers)};
  fault.to = {shape.clients.empty() ? "clients" : choose(draws, "client", shape.clients)};
  if (draws.of("all clients").chance({1, 4})) fault.to = {"clients"};
  if (draws.of("turned").chance({1, 2})) std::swap(fault.from, fault.to);
  fault.one_way = traits.is(FaultTraits::kOneWay) && draws.of("one way").chance({1, 4});
}

void draw_parameters(const Draws& draws, Fault& fault) {
  Random random = draws.of("by");
  switch (fault.kind) {
    case FaultKind::slow_node: fault.by = draw_length(random, 10us, 10ms); break;
    case FaultKind::slow_link:
    case FaultKind::slow_disk: fault.by = draw_length(random, 1ms, 1s); break;
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
    case FaultKind::kill:
    case FaultKind::power_loss:
    case FaultKind::stop:
    case FaultKind::pause:
    case FaultKind::partition:
    case FaultKind::isolate:
    case FaultKind::clog:
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
    trigger.peer = choose(draws, "client", shape.clients);
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

}  // namespace

std::vector<FaultWeight> survivable_weights() {
  std::vector<FaultWeight> weights;
  for (const FaultTraits& traits : fault_catalogue()) {
    if (traits.is(FaultTraits::kSurvivable)) weights.push_back({traits.kind, traits.weight});
  }
  return weights;
}

Fault draw_fault(std::uint64_t seed, std::uint64_t branch, std::uint32_t n,
                 const RandomFaults& random, const ClusterShape& shape) {
  const Draws draws(seed, branch, n);
  const auto weights = random.weights.empty() ? survivable_weights() : random.weights;
  Fault fault;
  fault.kind = choose_kind(draws, weights);
  fault.label = "random " + std::to_string(n + 1);
  const FaultTraits& traits = traits_of(fault.kind);

  const std::int64_t first = random.from.count() / kGrain + (random.from.count() % kGrain > 0);
  const std::int64_t last = std::max(first, (random.to.count() - 1) / kGrain);
  const Duration at(draws.of("at").between(first, last) * kGrain);
  fault.when = at;
  if (traits.is(FaultTraits::kLasts)) {
    const Duration left = std::max(random.heal_by - at, Duration(kGrain));
    fault.lasts = draw_length(draws.of("for"), std::min<Duration>(1ms, left), left);
  }
  switch (traits.target) {
    case FaultTarget::node:
      fault.node = choose(draws, "node", candidates_for(traits, shape));
      break;
    case FaultTarget::sides: draw_sides(draws, traits, shape, fault); break;
    case FaultTarget::response: fault.when = draw_response(draws, shape, at); break;
  }
  const bool a_broker = std::ranges::find(shape.brokers, fault.node) != shape.brokers.end();
  if (a_broker && takes_a_node_down(fault.kind)) fault.guard = Guard::others_up;
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
