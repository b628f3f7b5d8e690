// Which facts are aimed at, how often each may have to come, and who has a part in it.
#include "faults/moments.h"

#include <array>
#include <string_view>

#include "faults/draws.h"

namespace weir {
namespace {

using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""us;

struct MomentKind {
  FactKind event;
  std::uint32_t weight;
  std::uint32_t most;                          // the fault strikes at the nth, at most this one
  std::array<std::string_view, 2> roles = {};  // who else has a part in it, the first a larger one
  std::int64_t at_least = 0;                   // of the fact's value; 0: whatever it is
};

// So many faults that follow each other in the plan may strike at one moment.
constexpr std::uint32_t kGroup = Moment::kAlone;

// Heaviest what begins an agreement between nodes that takes a while.
constexpr auto kMoments = std::to_array<MomentKind>({
    {FactKind::isr_proposed, 5, 4, {"event:joiner", "controller:active"}, 1},
    {FactKind::isr_proposed, 1, 4, {"controller:active"}},
    {FactKind::replica_leads, 3, 4, {"event:follower", "controller:active"}},
    {FactKind::controller_activated, 2, 1},
    {FactKind::replica_follows, 1, 8, {"event:leader"}},
    {FactKind::log_truncated, 1, 2, {"event:leader"}},
    {FactKind::log_rolled, 1, 10, {"event:leader"}},
    {FactKind::quorum_voted, 1, 2, {"controller:active"}},
    {FactKind::snapshot_taken, 1, 3, {"controller:active"}},
    {FactKind::broker_registered, 1, 1},
    {FactKind::broker_unfenced, 1, 1},
});

// Each unit of weight is a candidate of its own.
const MomentKind& choose_kind(const Draws& draws) {
  const MomentKind* best = nullptr;
  std::uint64_t best_rank = 0;
  for (const MomentKind& kind : kMoments) {
    for (std::uint32_t unit = 0; unit < kind.weight; ++unit) {
      const std::string ticket = std::string(name_of(kind.event)) + "/" +
                                 std::to_string(kind.at_least) + "/" + std::to_string(unit);
      const std::uint64_t rank = draws.rank("event", ticket);
      if (best != nullptr && rank <= best_rank) continue;
      best = &kind;
      best_rank = rank;
    }
  }
  return *best;
}

Moment draw(const Draws& draws, const RandomFaults& random) {
  const MomentKind& kind = choose_kind(draws);
  Moment moment;
  moment.trigger.event = kind.event;
  if (kind.at_least > 0) moment.trigger.at_least = kind.at_least;
  moment.trigger.nth = static_cast<std::uint32_t>(draws.of("nth").between(1, kind.most));
  // In the first half, since it may be a while until the fact comes.
  const Duration half = random.from + (random.to - random.from) / 2;
  moment.trigger.since = draw_time(draws.of("at"), random.from, half);
  moment.roles = {"event:node"};
  for (const std::string_view role : kind.roles) {
    if (!role.empty()) moment.roles.emplace_back(role);
  }
  return moment;
}

}  // namespace

std::optional<Moment> draw_moment(std::uint64_t seed, std::uint64_t branch, std::uint32_t n,
                                  const RandomFaults& random) {
  const Draws group(seed, branch, "moment of three", n / kGroup);
  const Draws own(seed, branch, "moment", n);
  const bool together = group.of("together").chance({2, 3});
  if (!together && !own.of("aimed").chance({1, 4})) return std::nullopt;
  Moment moment = draw(together ? group : own, random);
  if (together) moment.part = n % kGroup;
  // Inside the very fact, or while what it began is under way.
  if (own.of("delayed").chance({1, 2})) {
    moment.trigger.delay = draw_length(own.of("delay"), 10us, 10ms);
  }
  return moment;
}

}  // namespace weir
