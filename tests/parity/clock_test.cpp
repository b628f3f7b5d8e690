// Contract of clock, alarms and tasks (broker/ports/clock.h, machine.h).
#include <gtest/gtest.h>

#include <vector>

#include "broker/ports/task_group.h"
#include "tests/parity/stages.h"

namespace weir::parity {
namespace {

template <class StageKind>
class Waiting : public Parity<StageKind> {};
TYPED_TEST_SUITE(Waiting, Stages, StageNames);

Task<> reach_deadlines(Machine& machine, Meeting&) {
  const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
  for (int ms = 0; ms < 4; ++ms) {
    const Instant deadline = machine.clock.now() + std::chrono::milliseconds(ms);
    const bool notified = co_await alarm->wait_until(deadline);
    EXPECT_FALSE(notified);
    EXPECT_GE(machine.clock.now(), deadline);
  }
  const Instant past = Instant{};
  const bool notified = co_await alarm->wait_until(past);
  EXPECT_FALSE(notified);
}

TYPED_TEST(Waiting, EndsAtTheDeadlineAndNotBefore) { this->play(&reach_deadlines); }

Task<> remember_notify(Machine& machine, Meeting&) {
  const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
  alarm->notify();
  alarm->notify();
  const Instant far = machine.clock.now() + std::chrono::seconds(50);
  const bool first = co_await alarm->wait_until(far);
  EXPECT_TRUE(first);
  EXPECT_LT(machine.clock.now(), far);
  // Remembered once: the next wait sees nothing of the second call.
  const Instant soon = machine.clock.now() + std::chrono::milliseconds(5);
  const bool second = co_await alarm->wait_until(soon);
  EXPECT_FALSE(second);
  alarm->notify();
  const Instant past = Instant{};
  const bool late = co_await alarm->wait_until(past);
  EXPECT_TRUE(late);
}

TYPED_TEST(Waiting, RemembersOneNotificationThatCameBefore) { this->play(&remember_notify); }

Task<> wait_long(Machine& machine, Alarm& alarm, std::vector<bool>* seen) {
  const bool first = co_await alarm.wait_until(Instant::never());
  seen->push_back(first);
  const Instant soon = machine.clock.now() + std::chrono::milliseconds(5);
  const bool second = co_await alarm.wait_until(soon);
  seen->push_back(second);
}

Task<> wake_other(Machine& machine, Meeting&) {
  const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
  std::vector<bool> seen;
  TaskGroup group(machine);
  group.spawn("waiter", wait_long(machine, *alarm, &seen));
  co_await sleep_for(machine, std::chrono::milliseconds(5));
  EXPECT_TRUE(seen.empty());
  alarm->notify();
  alarm->notify();  // of the same wait still
  EXPECT_TRUE(seen.empty()) << "nobody may be resumed inside notify()";
  co_await group.join();
  const std::vector<bool> expected = {true, false};
  EXPECT_EQ(seen, expected);
}

TYPED_TEST(Waiting, IsEndedByANotification) { this->play(&wake_other); }

Task<> watch_clock(Machine& machine, Meeting&) {
  Instant last = machine.clock.now();
  const WallTime wall = machine.clock.wall();
  EXPECT_GT(wall.ms, 1'600'000'000'000);  // some day after 2020
  for (int i = 0; i < 100; ++i) {
    const Instant now = machine.clock.now();
    EXPECT_GE(now, last);
    last = now;
  }
  co_await sleep_for(machine, std::chrono::milliseconds(20));
  EXPECT_GE(machine.clock.now(), last + std::chrono::milliseconds(20));
  EXPECT_GE(machine.clock.wall().ms, wall.ms + 10);
}

TYPED_TEST(Waiting, FollowsAClockThatNeverGoesBack) { this->play(&watch_clock); }

Task<> note(std::vector<int>* order, int number) {
  order->push_back(number);
  co_return;
}

Task<> spawn_some(Machine& machine, Meeting&) {
  std::vector<int> order;
  TaskGroup group(machine);
  for (int i = 0; i < 5; ++i) group.spawn("note", note(&order, i));
  EXPECT_TRUE(order.empty()) << "a task may not start inside spawn()";
  EXPECT_EQ(group.running(), 5u);
  co_await group.join();
  EXPECT_EQ(group.running(), 0u);
  const std::vector<int> expected = {0, 1, 2, 3, 4};
  EXPECT_EQ(order, expected);
}

TYPED_TEST(Waiting, TasksStartAfterSpawnInTheirOrder) { this->play(&spawn_some); }

Task<> draw(Machine& machine, Meeting&) {
  const std::uint64_t first = machine.entropy.random().next();
  const std::uint64_t second = machine.entropy.random().next();
  EXPECT_NE(first, second);
  EXPECT_FALSE(machine.chance.unlucky("parity"));
  Fact fact;
  fact.kind = FactKind::client_closed;
  machine.facts.emit(fact);
  co_return;
}

TYPED_TEST(Waiting, MachinesHaveRandomnessAndTakeFacts) { this->play(&draw); }

}  // namespace
}  // namespace weir::parity
