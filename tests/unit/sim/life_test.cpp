// Lives of nodes: kill, power loss, stop, pause, failures, limits; nothing leaks, whatever the
// moment.
#include <gtest/gtest.h>

#include <array>

#include "broker/base/assertion.h"
#include "broker/ports/task_group.h"
#include "tests/unit/sim/programs.h"

namespace weir {
namespace {

constexpr std::uint16_t kPort = 9092;

struct Seen {
  int ticks = 0;
  int destroyed = 0;
  std::vector<std::int64_t> times;
};

struct Counted {
  explicit Counted(Seen& s) : seen(s) {}
  Counted(const Counted&) = delete;
  ~Counted() { ++seen.destroyed; }
  Seen& seen;
};

Task<> tick_every_ms(Machine& m, Seen& seen) {
  const Counted counted(seen);
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  for (;;) {
    static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1)));
    ++seen.ticks;
    seen.times.push_back(m.clock.now().ns);
  }
}

TEST(Life, KillDestroysWaitingCoroutines) {
  Seen seen;
  World world(WorldOptions{});
  const NodeId n = add(world, "n", [&seen](Machine& m) { return tick_every_ms(m, seen); });
  world.start(n);
  EXPECT_EQ(world.run_until(at_ms(10)).why, RunEnd::Why::reached);
  EXPECT_EQ(seen.ticks, 10);
  world.kill(n);
  EXPECT_FALSE(world.alive(n));
  EXPECT_EQ(seen.destroyed, 1);
  EXPECT_EQ(world.run_until(at_ms(20)).why, RunEnd::Why::idle);
  EXPECT_EQ(seen.ticks, 10);
}

TEST(Life, ANewLifeStartsAfresh) {
  Seen seen;
  World world(WorldOptions{});
  Lines lines(world);
  const NodeId n = add(world, "n", [&seen](Machine& m) { return tick_every_ms(m, seen); });
  world.start(n);
  world.at(at_ms(5), [&] {
    world.kill(n);
    world.start(n);
    EXPECT_TRUE(world.alive(n));
    EXPECT_EQ(world.life(n), 2u);
  });
  world.run_until(at_ms(10));
  EXPECT_EQ(seen.destroyed, 1);
  EXPECT_EQ(lines.lines,
            (std::vector<std::string>{"node.started n", "node.killed n", "node.started n"}));
}

TEST(Life, PauseHoldsWakeUpsAndTheClockGoesOn) {
  Seen seen;
  World world(WorldOptions{});
  const NodeId n = add(world, "n", [&seen](Machine& m) { return tick_every_ms(m, seen); });
  world.start(n);
  world.at(Instant{4'500'000}, [&] { world.pause(n); });
  world.at(Instant{20'500'000}, [&] {
    EXPECT_EQ(seen.ticks, 4);
    world.resume(n);
  });
  world.run_until(at_ms(22));
  ASSERT_EQ(seen.ticks, 6);
  EXPECT_EQ(seen.times[4], 20'500'000);  // the wait that ended meanwhile
  EXPECT_EQ(seen.times[5], 21'500'000);
}

TEST(Life, KillsAPausedNode) {
  Seen seen;
  World world(WorldOptions{});
  const NodeId n = add(world, "n", [&seen](Machine& m) { return tick_every_ms(m, seen); });
  world.start(n);
  world.at(at_ms(3), [&] { world.pause(n); });
  world.at(at_ms(9), [&] { world.kill(n); });
  EXPECT_EQ(world.run_until(at_ms(20)).why, RunEnd::Why::idle);
  EXPECT_EQ(seen.destroyed, 1);
  world.start(n);
  EXPECT_FALSE(world.paused(n));
}

TEST(Life, AWakeUpOccupiesItsNode) {
  Seen one;
  Seen two;
  World world(WorldOptions{.service_time = ms(2)});
  const NodeId n = add(world, "n", [&](Machine& m) {
    m.tasks.spawn("one", tick_every_ms(m, one));
    return tick_every_ms(m, two);
  });
  world.start(n);
  world.run_until(at_ms(41));
  EXPECT_NEAR(one.ticks + two.ticks, 20, 1);
  EXPECT_NEAR(one.ticks, two.ticks, 1);
}

Task<> finish_slowly(Machine& m) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(7)));
}

TEST(Life, StopEndsWhenTheProgramSaysSo) {
  Seen seen;
  World world(WorldOptions{});
  Lines lines(world);
  const NodeId n =
      add(world, "n", [&seen](Machine& m) { return tick_every_ms(m, seen); }, finish_slowly);
  world.start(n);
  world.at(at_ms(3), [&] {
    world.stop(n);
    world.stop(n);
  });
  const RunEnd end = world.run_until(at_ms(100));
  EXPECT_EQ(end.why, RunEnd::Why::idle);
  EXPECT_EQ(end.at, at_ms(10));
  EXPECT_TRUE(lines.saw("node.stopped n"));
  EXPECT_FALSE(world.alive(n));
}

Task<> assert_after_ms(Machine& m) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1)));
  WEIR_ASSERT(m.clock.now().ns < 0);
}

TEST(Life, AFailedAssertionDestroysTheNodeForGoodAndTheRunGoesOn) {
  Seen seen;
  World world(WorldOptions{});
  Lines lines(world);
  const NodeId bad = add(world, "bad", [&seen](Machine& m) {
    m.tasks.spawn("ticks", tick_every_ms(m, seen));
    return assert_after_ms(m);
  });
  const NodeId good = add(world, "good", [&seen](Machine& m) { return tick_every_ms(m, seen); });
  world.start(bad);
  world.start(good);
  world.run_until(at_ms(50));
  EXPECT_TRUE(world.failed(bad));
  EXPECT_FALSE(world.alive(bad));
  EXPECT_TRUE(world.alive(good));
  EXPECT_TRUE(lines.lines.back().starts_with("assertion.failed bad "));
  EXPECT_NE(lines.lines.back().find("life_test.cpp:"), std::string::npos);
  EXPECT_NE(lines.lines.back().find("m.clock.now().ns < 0"), std::string::npos);
  world.start(bad);
  EXPECT_FALSE(world.alive(bad));
}

TEST(Life, AnExceptionOfTheLauncherIsAFailedAssertion) {
  World world(WorldOptions{});
  NodeOptions options;
  options.name = "n";
  options.launch = [](Machine&) -> std::unique_ptr<Program> {
    WEIR_ASSERT(false);
    return nullptr;
  };
  const NodeId n = world.add_node(options);
  world.start(n);
  EXPECT_TRUE(world.failed(n));
}

Task<> halt_soon(Machine& m) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1)));
  m.tasks.halt("the disk is gone");
  static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1)));
  m.tasks.halt("never");
}

TEST(Life, HaltEndsThisLifeAlone) {
  World world(WorldOptions{});
  Lines lines(world);
  const NodeId n = add(world, "n", halt_soon);
  world.start(n);
  EXPECT_EQ(world.run_until(at_ms(50)).why, RunEnd::Why::idle);
  EXPECT_EQ(lines.lines,
            (std::vector<std::string>{"node.started n", "node.failed n the disk is gone"}));
  EXPECT_FALSE(world.failed(n));
  world.start(n);
  EXPECT_TRUE(world.alive(n));
}

// Kills the node that emits the n-th fact, from inside on().
class KillOnFact final : public FactReader {
 public:
  KillOnFact(World& world, FactKind kind) : world_(world), kind_(kind) {}
  void on(const Observed& o) override {
    if (o.fact.kind != kind_) return;
    world_.kill(o.node);
    EXPECT_TRUE(world_.alive(o.node));  // still on the stack
    world_.emit({.kind = FactKind::fault_injected}, o.node);
  }

 private:
  World& world_;
  FactKind kind_;
};

Task<> emit_every_ms(Machine& m, Seen& seen) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  for (;;) {
    static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1)));
    m.facts.emit({.kind = FactKind::log_rolled});
    ++seen.ticks;
  }
}

TEST(Life, AReaderMayKillTheNodeThatEmits) {
  Seen seen;
  World world(WorldOptions{});
  KillOnFact killer(world, FactKind::log_rolled);
  world.add_reader(killer);
  Lines lines(world);
  const NodeId n = add(world, "n", [&seen](Machine& m) { return emit_every_ms(m, seen); });
  world.start(n);
  world.run_until(at_ms(10));
  EXPECT_EQ(seen.ticks, 1);  // the event went on to its end
  EXPECT_EQ(lines.lines, (std::vector<std::string>{"node.started n", "log.rolled n",
                                                   "fault.injected n", "node.killed n"}));
}

class Throws final : public FactReader {
 public:
  void on(const Observed& o) override { WEIR_ASSERT(o.fact.kind != FactKind::log_rolled); }
};

TEST(Life, AnExceptionOfAReaderIsTheHarnesssOwn) {
  Seen seen;
  World world(WorldOptions{});
  Throws reader;
  world.add_reader(reader);
  const NodeId n = add(world, "n", [&seen](Machine& m) { return emit_every_ms(m, seen); });
  world.start(n);
  EXPECT_THROW(world.run_until(at_ms(10)), AssertionFailure);
  EXPECT_FALSE(world.failed(n));
}

Task<> spin(Machine& m) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  for (;;) {
    alarm->notify();
    static_cast<void>(co_await alarm->wait_until(Instant::never()));
  }
}

TEST(Life, ALimitOfEventsPerInstantEndsTheRunWithTheAddress) {
  WorldOptions options;
  options.limits.events_per_instant = 1000;
  World world(options);
  world.start(add(world, "spinner", spin));
  const RunEnd end = world.run_until(at_ms(10));
  EXPECT_EQ(end.why, RunEnd::Why::limit);
  EXPECT_EQ(end.text,
            "limit events_per_instant = 1000 passed at 0 ns, event #1002 (operation) of "
            "spinner");
}

TEST(Life, RequestStopEndsAfterTheCurrentEvent) {
  World world(WorldOptions{});
  world.at(at_ms(5), [&] { world.request_stop(); });
  world.at(at_ms(5), [] { FAIL(); });
  EXPECT_EQ(world.run_until(at_ms(10)).why, RunEnd::Why::stopped);
  EXPECT_EQ(world.now(), at_ms(5));
}

// A program that does everything at once, to be destroyed at any moment.
Task<> inner_wait(Machine& m, Seen& seen, Duration d) {
  const Counted counted(seen);
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  static_cast<void>(co_await alarm->wait_until(m.clock.now() + d));
}

Task<> nested(Machine& m, Seen& seen) {
  const Counted counted(seen);
  for (;;) {
    co_await inner_wait(m, seen, us(70));
    co_await inner_wait(m, seen, us(130));
  }
}

Task<> session(Machine& m, Seen& seen, std::unique_ptr<Stream> stream) {
  const Counted counted(seen);
  for (;;) {
    Result<Slice> got = co_await stream->read(m.clock.now() + ms(1));
    if (!got && got.error() != make_error_code(Errc::timed_out)) co_return;
    if (!got) continue;
    Result<void> sent = co_await stream->write(*got);
    if (!sent) co_return;
  }
}

Task<> serve(Machine& m, Seen& seen) {
  const Counted counted(seen);
  const Endpoint at{"", kPort};
  Result<std::unique_ptr<Listener>> listener = m.network.listen(at);
  if (!listener) co_return;
  TaskGroup group(m);
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
    if (!stream) co_return;
    group.spawn("session", session(m, seen, std::move(*stream)));
  }
}

Task<> call(Machine& m, Seen& seen, std::string to) {
  const Counted counted(seen);
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  for (;;) {
    const Endpoint at{to, kPort};
    Result<std::unique_ptr<Stream>> stream = co_await m.network.connect(at, m.clock.now() + ms(3));
    static_cast<void>(co_await alarm->wait_until(m.clock.now() + us(50)));
    if (!stream) continue;
    const Slice message = Slice::copy_of(std::string(20'000, 'x'));
    for (int i = 0; i < 5; ++i) {
      Result<void> sent = co_await (*stream)->write(message);
      if (!sent) break;
      Result<Slice> got = co_await (*stream)->read(m.clock.now() + us(700));
      if (!got) break;
    }
  }
}

Task<> churn_disk(Machine& m, Seen& seen) {
  const Counted counted(seen);
  for (;;) {
    Result<std::unique_ptr<File>> file = co_await m.disk.open("f", OpenMode::create);
    if (!file) co_return;
    const Slice bytes = Slice::copy_of(std::string(3000, 'y'));
    Result<void> written = co_await (*file)->write_at((*file)->size() % 60'000, bytes);
    Result<void> synced = co_await (*file)->sync();
    Result<Slice> back = co_await (*file)->read_at(0, 8000);
    Result<std::vector<std::string>> names = co_await m.disk.list("");
    if (!written || !synced || !back || !names) co_return;
    Result<void> renamed = co_await m.disk.rename("f", "g");
    if (!renamed) co_return;
  }
}

Scripted::Main everything(Seen& seen, std::string peer) {
  return [&seen, peer](Machine& m) {
    m.tasks.spawn("nested", nested(m, seen));
    m.tasks.spawn("call", call(m, seen, peer));
    m.tasks.spawn("disk", churn_disk(m, seen));
    return serve(m, seen);
  };
}

TEST(Life, NothingLeaksWhateverTheMomentOfTheCrash) {
  for (std::uint64_t moment = 1; moment < 400; ++moment) {
    Seen seen;
    World world(WorldOptions{.seed = moment, .buggify = true});
    const NodeId a = add(world, "a", everything(seen, "b"));
    const NodeId b = add(world, "b", everything(seen, "a"));
    world.start(a);
    world.start(b);
    const Instant crash{static_cast<std::int64_t>(moment) * 11'003};
    const bool power = moment % 2 == 0;
    world.at(crash, [&] { power ? world.power_loss(a) : world.kill(a); });
    world.at(crash + us(300), [&] { world.start(a); });
    world.at(crash + us(400), [&] { world.network().cut(a, b); });
    world.at(crash + ms(1), [&] { world.pause(b); });
    world.at(crash + ms(2), [&] { world.network().heal_all(), world.resume(b); });
    world.run_until(crash + ms(4));
    if (moment % 3 == 0) {
      world.kill(a);
      world.kill(b);
      EXPECT_EQ(world.network().bytes_under_way(), 0u);
    }
  }
}

TEST(Life, ATaskThatNeverRanIsDestroyedToo) {
  Seen seen;
  World world(WorldOptions{});
  const NodeId n = add(world, "n", [&seen](Machine& m) { return tick_every_ms(m, seen); });
  world.start(n);  // its first task is only queued
  world.kill(n);
  EXPECT_EQ(seen.ticks, 0);
  EXPECT_EQ(world.run_until(at_ms(1)).why, RunEnd::Why::idle);
}

}  // namespace
}  // namespace weir
