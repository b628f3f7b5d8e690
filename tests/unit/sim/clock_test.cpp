// Clocks of nodes: drift, steps, lateness; timers obey the node's own clock.
#include <gtest/gtest.h>

#include <set>

#include "sim/node_clock.h"
#include "tests/unit/sim/programs.h"

namespace weir {
namespace {

TEST(NodeClock, FindsTheFirstInstantThatShowsAGivenLocalTime) {
  for (const std::int64_t ppm : {-500'000, -37, 0, 1, 200, 800'000}) {
    sim::NodeClock clock({.drift_ppm = ppm, .offset = ms(5)}, kDefaultWallEpoch);
    clock.set_drift(1'234'567, ppm);
    for (std::int64_t local = clock.local(1'234'567); local < 90'000'000'000;
         local += 777'777'777) {
      const std::int64_t world = clock.world(local);
      EXPECT_GE(clock.local(world), local);
      EXPECT_TRUE(world == 1'234'567 || clock.local(world - 1) < local);
    }
  }
}

TEST(NodeClock, StepsTheWallAloneAndRoundsDownBeforeTheEpoch) {
  sim::NodeClock clock({.offset = ms(5)}, WallTime{1000});
  EXPECT_EQ(clock.wall(0).ms, 1000);
  EXPECT_EQ(clock.wall(1'999'999).ms, 1001);
  clock.step_wall(-2'000'001);
  EXPECT_EQ(clock.wall(0).ms, 997);
  EXPECT_EQ(clock.local(0), 5'000'000);
}

struct Times {
  std::vector<std::int64_t> local;
  std::vector<std::int64_t> wall;
  std::vector<std::int64_t> world;
};

Task<> note_each_second(Machine& m, World& world, Times& times, int rounds) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  Instant next = m.clock.now();
  for (int i = 0; i < rounds; ++i) {
    next = next + ms(1000);
    static_cast<void>(co_await alarm->wait_until(next));
    times.local.push_back(m.clock.now().ns);
    times.wall.push_back(m.clock.wall().ms);
    times.world.push_back(world.now().ns);
  }
}

NodeId add_noter(World& world, Times& times, int rounds, ClockOptions clock) {
  NodeOptions options;
  options.name = "n" + std::to_string(world.nodes());
  options.clock = clock;
  options.launch = scripted(
      [&world, &times, rounds](Machine& m) { return note_each_second(m, world, times, rounds); });
  return world.add_node(std::move(options));
}

TEST(Clock, AFastClockFiresEarly) {
  Times times;
  World world(WorldOptions{});
  world.start(add_noter(world, times, 10, {.drift_ppm = 1000, .offset = ms(77)}));
  world.run_until(at_ms(60'000));
  ASSERT_EQ(times.world.size(), 10u);
  EXPECT_NEAR(times.world[9], 9'990'009'990, 2);
  EXPECT_NEAR(times.local[9], 10'077'000'000, 2);
  EXPECT_EQ(times.wall[9], kDefaultWallEpoch.ms + 10'000);
}

TEST(Clock, AChangeOfDriftMovesPendingDeadlines) {
  Times times;
  World world(WorldOptions{});
  const NodeId n = add_noter(world, times, 1, {});
  world.start(n);
  world.at(at_ms(500), [&] { world.set_drift(n, -500'000); });
  world.run_until(at_ms(60'000));
  EXPECT_EQ(times.world, std::vector<std::int64_t>{1'500'000'000});
}

TEST(Clock, AStepMovesTheWallAndNoTimer) {
  Times times;
  World world(WorldOptions{});
  const NodeId n = add_noter(world, times, 3, {});
  world.start(n);
  world.at(at_ms(1500), [&] { world.step_wall(n, ms(-3'600'000)); });
  world.run_until(at_ms(60'000));
  EXPECT_EQ(times.world, (std::vector<std::int64_t>{1'000'000'000, 2'000'000'000, 3'000'000'000}));
  EXPECT_EQ(times.wall[0], kDefaultWallEpoch.ms + 1000);
  EXPECT_EQ(times.wall[1], kDefaultWallEpoch.ms + 2000 - 3'600'000);
}

TEST(Clock, TimersAreLateByAKeyedDraw) {
  Times times;
  World world(WorldOptions{.timer_lateness = Latency::uniform(us(1), us(500))});
  world.start(add_noter(world, times, 20, {}));
  world.run_until(at_ms(60'000));
  std::set<std::int64_t> late;
  for (std::size_t i = 0; i < times.world.size(); ++i) {
    late.insert(times.world[i] - static_cast<std::int64_t>(i + 1) * 1'000'000'000);
  }
  EXPECT_GE(*late.begin(), 1'000);
  EXPECT_LE(*late.rbegin(), 500'000);
  EXPECT_GT(late.size(), 10u);
}

Task<> notify_before_wait(Machine& m, std::vector<bool>& results) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  alarm->notify();
  alarm->notify();
  const bool first = co_await alarm->wait_until(m.clock.now() + ms(1));
  const bool second = co_await alarm->wait_until(m.clock.now() + ms(1));
  const Instant long_ago{0};
  const bool passed = co_await alarm->wait_until(long_ago);
  results = {first, second, passed};
}

TEST(Alarm, RemembersOneNotification) {
  std::vector<bool> results;
  World world(WorldOptions{});
  world.start(add(world, "n", [&](Machine& m) { return notify_before_wait(m, results); }));
  world.run_until(at_ms(10));
  EXPECT_EQ(results, (std::vector<bool>{true, false, false}));
}

Task<> wait_on(Alarm& alarm) { static_cast<void>(co_await alarm.wait_until(Instant::never())); }

Task<> two_waiters(Machine& m) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  m.tasks.spawn("one", wait_on(*alarm));
  m.tasks.spawn("two", wait_on(*alarm));
  std::unique_ptr<Alarm> rest = m.timers.alarm();
  co_await wait_on(*rest);
}

TEST(Alarm, ASecondWaiterIsAProgrammersError) {
  World world(WorldOptions{});
  const NodeId n = add(world, "n", two_waiters);
  world.start(n);
  world.run_until(at_ms(10));
  EXPECT_TRUE(world.failed(n));
}

}  // namespace
}  // namespace weir
