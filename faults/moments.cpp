// Which facts are aimed at, how often each may have to come, and who has a part in it.
#include "faults/moments.h"

#include <array>
#include <span>
#include <string_view>

#include "faults/draws.h"

namespace weir {
namespace {

using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""us;

using Roles = std::array<std::string_view, 3>;  // empty ones at the end

struct MomentKind {
  FactKind event;
  bool of_partition;   // it has a topic and partition, and is waited for at one of them
  std::uint32_t most;  // the fault strikes at the nth, at most this one
  Roles roles;         // beside who told it; those that end in ':' are of the partition
};

constexpr auto kMoments = std::to_array<MomentKind>({
    {FactKind::isr_proposed, true, 2, {"joiner:", "controller:active"}},
    {FactKind::replica_leads, true, 3, {"follower:", "controller:active"}},
    {FactKind::replica_follows, true, 4, {"leader:"}},
    {FactKind::log_truncated, true, 1, {"leader:"}},
    {FactKind::log_rolled, true, 3, {"leader:"}},
    {FactKind::controller_activated, false, 1, {}},
    {FactKind::quorum_voted, false, 2, {"controller:active"}},
    {FactKind::snapshot_taken, false, 3, {"controller:active"}},
    {FactKind::broker_registered, false, 1, {}},
    {FactKind::broker_unfenced, false, 1, {}},
});

Moment draw(const Draws& draws, const RandomFaults& random, const ClusterShape& shape) {
  const MomentKind* kind = nullptr;
  std::uint64_t best = 0;
  for (const MomentKind& candidate : kMoments) {
    const std::uint64_t rank = draws.rank("event", name_of(candidate.event));
    if (kind == nullptr || rank > best) kind = &candidate;
    best = std::max(best, rank);
  }
  Moment moment;
  moment.trigger.event = kind->event;
  if (kind->of_partition) moment.trigger.tp = draws.choose("partition", shape.partitions);
  moment.trigger.nth = static_cast<std::uint32_t>(draws.of("nth").between(1, kind->most));
  moment.trigger.since = draw_time(draws.of("at"), random.from, random.to);
  moment.roles = {"event:node"};
  for (const std::string_view role : kind->roles) {
    if (role.empty()) continue;
    const bool of_partition = role.back() == ':';
    moment.roles.push_back(std::string(role) + (of_partition ? moment.trigger.tp : std::string()));
  }
  return moment;
}

}  // namespace

std::optional<Moment> draw_moment(std::uint64_t seed, std::uint64_t branch, std::uint32_t n,
                                  const RandomFaults& random, const ClusterShape& shape) {
  if (shape.partitions.empty()) return std::nullopt;
  const Draws pair(seed, branch, "moment of two", n / 2);
  const Draws own(seed, branch, "moment", n);
  const bool together = pair.of("together").chance({1, 4});
  if (!together && !own.of("aimed").chance({1, 4})) return std::nullopt;
  Moment moment = draw(together ? pair : own, random, shape);
  // Inside the very fact, or while what it began is under way.
  if (own.of("delayed").chance({1, 2})) {
    moment.trigger.delay = draw_length(own.of("delay"), 10us, 10ms);
  }
  return moment;
}

}  // namespace weir
