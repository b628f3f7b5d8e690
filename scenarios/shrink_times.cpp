// Times: the run ends as early as it can, and what is left of moments and lengths becomes round.
#include <algorithm>
#include <chrono>

#include "scenarios/reduce.h"
#include "scenarios/rewrite.h"
#include "scenarios/shrinker.h"

namespace weir {
namespace {

using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""s;
using std::literals::chrono_literals::operator""us;

constexpr Duration kGrids[] = {1s, 100ms, 10ms, 1ms, 100us, 10us};

// What comes after `until` is long when it takes longer than this.
constexpr Duration kLongEnd = 10s;

// Up to two leading digits, upwards.
Duration rounded_up(Duration d) {
  Duration grid(1);
  while (d / grid >= 100) grid *= 10;
  return (d + grid - Duration(1)) / grid * grid;
}

// Faults that are still drawn keep the time by which they are over: with another one they would be
// others.
bool end_at(Shrinker& shrinker, Duration heal_by, Duration until) {
  const Scenario& s = shrinker.smallest();
  heal_by = std::max(heal_by, Duration(1ms));
  if (s.faults.random) heal_by = std::max(heal_by, s.faults.random->heal_by);
  Scenario shorter = s;
  cut_time(shorter, heal_by, std::max(until, heal_by));
  return shorter != s && shrinker.attempt(std::move(shorter));
}

// The coarsest grid on which it still fails; it may also be now.
void round_one(Shrinker& shrinker, const std::function<Duration*(Scenario&)>& place,
               bool may_be_0) {
  Scenario s = shrinker.smallest();
  const Duration* found = place(s);
  if (found == nullptr) return;
  const Duration exact = *found;
  const auto attempt = [&](Duration value) {
    if (value == exact) return true;
    Scenario rounder = shrinker.smallest();
    *place(rounder) = value;
    return shrinker.attempt(std::move(rounder));
  };
  if (may_be_0 && attempt(Duration(0))) return;
  for (const Duration grid : kGrids) {
    const Duration down = exact / grid * grid;
    if (down == exact) return;
    const Duration up = down + grid;
    const bool nearer_up = up - exact < exact - down;
    for (const Duration value : {nearer_up ? up : down, nearer_up ? down : up}) {
      if (value > Duration(0) && attempt(value)) return;
    }
  }
}

Fault* fault_at(Scenario& s, std::size_t i) {
  return s.faults.fired && i < s.faults.fired->size() ? &(*s.faults.fired)[i] : nullptr;
}

void round_fault(Shrinker& shrinker, std::size_t i) {
  round_one(
      shrinker,
      [i](Scenario& s) -> Duration* {
        Fault* fault = fault_at(s, i);
        if (auto* trigger = std::get_if<Trigger>(&fault->when)) return &trigger->delay;
        return std::get_if<Duration>(&fault->when);
      },
      true);
  Scenario lasting = shrinker.smallest();
  if (const Fault* fault = fault_at(lasting, i); fault->lasts) {
    fault_at(lasting, i)->lasts.reset();
    if (shrinker.attempt(std::move(lasting))) return;
    round_one(shrinker, [i](Scenario& s) -> Duration* { return &*fault_at(s, i)->lasts; }, false);
  }
}

// In the order of clients and their operations.
std::vector<Duration*> times_of_operations(Scenario& s) {
  std::vector<Duration*> times;
  for (ClientSpec& client : s.clients) {
    if (auto* producer = std::get_if<ProducerSpec>(&client.role)) {
      if (!producer->workload.ops) continue;
      for (SendOp& op : *producer->workload.ops) times.push_back(&op.at);
    } else if (auto* consumer = std::get_if<ConsumerSpec>(&client.role)) {
      if (!consumer->loop.ops) continue;
      for (PollOp& op : *consumer->loop.ops) times.push_back(&op.at);
    }
  }
  return times;
}

// Operations whose times do not matter lose them together.
void begin_at_once(Shrinker& shrinker) {
  const Scenario before = shrinker.smallest();
  Scenario listed = before;
  std::vector<std::size_t> late;
  const std::vector<Duration*> times = times_of_operations(listed);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (*times[i] > Duration(0)) late.push_back(i);
  }
  static_cast<void>(reduce(late.size(), [&](const std::vector<std::size_t>& kept) {
    Scenario earlier = before;
    const std::vector<Duration*> moved = times_of_operations(earlier);
    for (std::size_t i = 0; i < late.size(); ++i) {
      if (std::ranges::find(kept, i) == kept.end()) *moved[late[i]] = Duration(0);
    }
    return shrinker.attempt(std::move(earlier));
  }));
}

// A drain that does not come to its end takes most of a run.
void leave_out_the_drain(Shrinker& shrinker) {
  const Scenario& s = shrinker.smallest();
  const RunOutcome& run = shrinker.outcome();
  if (!s.final_drain || run.cost.simulated < run.begin + s.until + kLongEnd) return;
  Scenario shorter = s;
  shorter.final_drain = false;
  shrinker.attempt(std::move(shorter));
}

}  // namespace

void shorten_time(Shrinker& shrinker) {
  leave_out_the_drain(shrinker);
  for (const int eighths : {1, 2, 3, 4, 6}) {
    const Scenario& s = shrinker.smallest();
    const Duration until = rounded_up(s.until * eighths / 8);
    const Duration heal_by = std::min(*s.faults.heal_by, until);
    if (until < s.until && end_at(shrinker, heal_by, until)) break;
  }
  for (const int eighths : {1, 2, 3, 4, 6}) {
    const Scenario& s = shrinker.smallest();
    const Duration heal_by = rounded_up(*s.faults.heal_by * eighths / 8);
    if (heal_by >= *s.faults.heal_by) continue;
    if (end_at(shrinker, heal_by, s.until)) break;
  }
}

void round_times(Shrinker& shrinker) {
  const std::size_t faults =
      shrinker.smallest().faults.fired ? shrinker.smallest().faults.fired->size() : 0;
  for (std::size_t i = 0; i < faults; ++i) round_fault(shrinker, i);
  const auto& moves = shrinker.smallest().cluster.leader_moves;
  for (std::size_t i = 0; moves && i < moves->size(); ++i) {
    round_one(shrinker, [i](Scenario& s) { return &(*s.cluster.leader_moves)[i].at; }, false);
  }
  begin_at_once(shrinker);
  Scenario now = shrinker.smallest();
  const std::size_t operations = times_of_operations(now).size();
  for (std::size_t i = 0; i < operations; ++i) {
    round_one(shrinker, [i](Scenario& s) { return times_of_operations(s)[i]; }, true);
  }
}

}  // namespace weir
