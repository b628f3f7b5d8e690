// Life and end of real nodes: possession of the data directory, stopping, halting, assertions.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <vector>

#include "broker/base/assertion.h"
#include "tests/unit/real/scratch.h"

namespace weir {
namespace {

Task<> stop_loop(RealLoop& loop) {
  loop.stop();
  co_return;
}

Task<> sleep_for(Machine& machine, Duration duration) {
  const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
  const Instant until = machine.clock.now() + duration;
  co_await alarm->wait_until(until);
}

Task<> note_after_a_while(Machine& machine, std::vector<std::string>* notes, std::string text) {
  co_await sleep_for(machine, std::chrono::milliseconds(5));
  notes->push_back(text);
}

TEST(RealMachine, OwnsItsDataDirectoryAlone) {
  const ScratchDirectory scratch;
  RealLoop loop;
  auto first = RealMachine::open(loop, options_for(scratch, "b1"));
  ASSERT_TRUE(first.has_value());
  const auto second = RealMachine::open(loop, options_for(scratch, "b1"));
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find(scratch.path("b1")), std::string::npos) << second.error();
  EXPECT_NE(second.error().find("in use by process " + std::to_string(::getpid())),
            std::string::npos)
      << second.error();
  first->reset();
  EXPECT_TRUE(RealMachine::open(loop, options_for(scratch, "b1")).has_value());
}

TEST(RealMachine, SaysWhyADataDirectoryCannotBeMade) {
  const ScratchDirectory scratch;
  std::ofstream(scratch.path("file")) << "a file";
  RealLoop loop;
  RealOptions options;
  options.name = "b1";
  options.data_directory = scratch.path("file/below");
  const auto machine = RealMachine::open(loop, options);
  ASSERT_FALSE(machine.has_value());
  EXPECT_NE(machine.error().find("cannot be made"), std::string::npos) << machine.error();
}

TEST(RealMachine, StopsEveryProgramBeforeTheLoopEnds) {
  const ScratchDirectory scratch;
  RealLoop loop;
  std::vector<std::string> notes;
  std::vector<std::unique_ptr<RealMachine>> machines;
  for (const std::string name : {"b1", "b2"}) {
    auto machine = RealMachine::open(loop, options_for(scratch, name));
    ASSERT_TRUE(machine.has_value());
    (*machine)->start([&notes, &loop, name](Machine& ports) {
      const Script::Body run = [&loop](Machine&) { return stop_loop(loop); };
      const Script::Body stop = [&notes, name](Machine& mine) {
        return note_after_a_while(mine, &notes, name);
      };
      return std::make_unique<Script>(ports, run, stop);
    });
    machines.push_back(std::move(*machine));
  }
  EXPECT_EQ(loop.run(), 0);
  EXPECT_EQ(notes.size(), 2u);
}

Task<> raise_signal(Machine& machine, int signal) {
  co_await sleep_for(machine, std::chrono::milliseconds(5));
  std::raise(signal);
}

TEST(RealMachine, StopsOnTerminationSignals) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const ScratchDirectory scratch;
    RealLoop loop;
    loop.stop_on_signals();
    std::vector<std::string> notes;
    auto machine = RealMachine::open(loop, options_for(scratch, "b1"));
    ASSERT_TRUE(machine.has_value());
    (*machine)->start([&notes, signal](Machine& ports) {
      const Script::Body run = [signal](Machine& mine) { return raise_signal(mine, signal); };
      const Script::Body stop = [&notes](Machine& mine) {
        return note_after_a_while(mine, &notes, "stopped");
      };
      return std::make_unique<Script>(ports, run, stop);
    });
    EXPECT_EQ(loop.run(), 0);
    EXPECT_EQ(notes.size(), 1u);
  }
}

Task<> halt_at_once(Machine& machine) {
  machine.tasks.halt("the disk is gone");
  co_return;
}

TEST(RealMachine, HaltEndsTheLoopWithItsOwnStatus) {
  const ScratchDirectory scratch;
  RealLoop loop;
  auto machine = RealMachine::open(loop, options_for(scratch, "b1"));
  ASSERT_TRUE(machine.has_value());
  (*machine)->start([](Machine& ports) { return std::make_unique<Script>(ports, halt_at_once); });
  ::testing::internal::CaptureStderr();
  const int status = loop.run();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "weir: node b1 halted: the disk is gone\n");
  EXPECT_EQ(status, kExitHalted);
}

Task<> break_a_rule(Machine&) {
  WEIR_ASSERT(1 + 1 == 3);
  co_return;
}

TEST(RealMachineDeathTest, AFailedAssertionSaysWhereAndAborts) {
  const ScratchDirectory scratch;
  EXPECT_DEATH(
      {
        RealLoop loop;
        auto machine = RealMachine::open(loop, options_for(scratch, "b1"));
        (*machine)->start(
            [](Machine& ports) { return std::make_unique<Script>(ports, break_a_rule); });
        (void)loop.run();
      },
      "task run failed: .*machine_test.cpp:[0-9]+: 1 \\+ 1 == 3");
}

// Counts how many of it live, to see what the end of a loop leaves behind.
struct Counted {
  explicit Counted(int* count) : alive(count) { ++*alive; }
  ~Counted() { --*alive; }
  int* alive;
};

Task<> wait_on_alarm(Machine& machine, int* alive) {
  const Counted counted(alive);
  const std::unique_ptr<Alarm> alarm = machine.timers.alarm();
  co_await alarm->wait_until(Instant::never());
}

Task<> wait_on_stream(Machine& machine, int* alive, Endpoint to) {
  const Counted counted(alive);
  Result<std::unique_ptr<Stream>> stream = co_await machine.network.connect(to, Instant::never());
  const Instant late = machine.clock.now() + std::chrono::hours(1);
  const Result<Slice> got = co_await (*stream)->read(late);
  ADD_FAILURE() << "nobody writes, so nothing can be read: " << got.has_value();
}

Task<> wait_on_listener(Machine& machine, int* alive, Listener& listener) {
  const Counted counted(alive);
  Result<std::unique_ptr<Stream>> first = co_await listener.accept();
  EXPECT_TRUE(first.has_value());
  Result<std::unique_ptr<Stream>> second = co_await listener.accept();
  ADD_FAILURE() << "nobody else connects: " << second.has_value();
  (void)machine;
}

Task<> wait_on_disk(Machine& machine, int* alive) {
  const Counted counted(alive);
  Result<std::unique_ptr<File>> file = co_await machine.disk.open("log", OpenMode::create);
  for (;;) {
    const Result<void> synced = co_await (*file)->sync();
    EXPECT_TRUE(synced.has_value());
  }
}

Task<> wait_everywhere(Machine& machine, RealLoop& loop, int* alive, Listener& listener) {
  Endpoint to;
  to.host = "127.0.0.1";
  to.port = listener.port();
  machine.tasks.spawn("alarm", wait_on_alarm(machine, alive));
  machine.tasks.spawn("stream", wait_on_stream(machine, alive, to));
  machine.tasks.spawn("listener", wait_on_listener(machine, alive, listener));
  machine.tasks.spawn("disk", wait_on_disk(machine, alive));
  co_await sleep_for(machine, std::chrono::milliseconds(50));
  EXPECT_EQ(*alive, 4);
  machine.tasks.spawn("never started", wait_on_alarm(machine, alive));
  loop.stop();
}

TEST(RealMachine, EndingDestroysWhatStillWaits) {
  const ScratchDirectory scratch;
  int alive = 0;
  {
    RealLoop loop;
    auto machine = RealMachine::open(loop, options_for(scratch, "b1"));
    ASSERT_TRUE(machine.has_value());
    Endpoint at;
    at.host = "127.0.0.1";
    auto listener = (*machine)->machine().network.listen(at);
    ASSERT_TRUE(listener.has_value());
    (*machine)->start([&](Machine& ports) {
      const Script::Body body = [&](Machine& mine) {
        return wait_everywhere(mine, loop, &alive, **listener);
      };
      return std::make_unique<Script>(ports, body);
    });
    EXPECT_EQ(loop.run(), 0);
    EXPECT_EQ(alive, 0);
    machine->reset();
  }
}

TEST(RealMachine, EndingALoopThatNeverRanDestroysItsTasks) {
  const ScratchDirectory scratch;
  int alive = 0;
  RealLoop loop;
  auto machine = RealMachine::open(loop, options_for(scratch, "b1"));
  ASSERT_TRUE(machine.has_value());
  Machine& ports = (*machine)->machine();
  ports.tasks.spawn("never started", wait_on_alarm(ports, &alive));
}

TEST(RealMachine, HandsFactsToItsReader) {
  const ScratchDirectory scratch;
  RealLoop loop;
  RealOptions options = options_for(scratch, "b1");
  std::vector<FactKind> seen;
  options.on_fact = [&seen](const Fact& fact) { seen.push_back(fact.kind); };
  auto machine = RealMachine::open(loop, options);
  ASSERT_TRUE(machine.has_value());
  Fact fact;
  fact.kind = FactKind::log_rolled;
  (*machine)->machine().facts.emit(fact);
  EXPECT_EQ(seen, std::vector<FactKind>{FactKind::log_rolled});
}

TEST(RealMachine, RaisesTheLimitOfDescriptors) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 256;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  const RealLoop loop;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

}  // namespace
}  // namespace weir
