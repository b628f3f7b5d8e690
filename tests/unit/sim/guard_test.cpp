// The mechanical guard: what a simulated program must never call aborts by name, and only then.
#include "sim/guard.h"

#include <gtest/gtest.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <thread>

#include "tests/support/sanitized.h"
#include "tests/unit/sim/programs.h"

namespace weir {
namespace {

Task<> call_once(Machine&, std::function<void()> what) {
  what();
  co_return;
}

// Runs `what` inside a simulated node.
void simulate(const std::function<void()>& what) {
  World world(WorldOptions{});
  world.start(add(world, "n", [what](Machine& m) { return call_once(m, what); }));
  world.run_until(at_ms(1));
}

struct Planted {
  const char* symbol;
  void (*call)();
};

const Planted kPlanted[] = {
    {"clock_gettime", [] { static_cast<void>(std::chrono::steady_clock::now()); }},
    {"clock_gettime", [] { static_cast<void>(std::chrono::system_clock::now()); }},
    {"time", [] { static_cast<void>(std::time(nullptr)); }},
    {"rand", [] { static_cast<void>(std::rand()); }},
    {"random_device", [] { static_cast<void>(std::random_device{}()); }},
    {"getrandom",
     [] {
       char bytes[8];
       static_cast<void>(!getrandom(bytes, sizeof bytes, 0));
     }},
    {"getentropy",
     [] {
       char bytes[8];
       static_cast<void>(!getentropy(bytes, sizeof bytes));
     }},
    {"pthread_create", [] { std::thread([] {}).join(); }},
    {"sleep", [] { std::this_thread::sleep_for(std::chrono::nanoseconds(1)); }},
    {"usleep", [] { static_cast<void>(usleep(1)); }},
    {"socket", [] { static_cast<void>(socket(AF_INET, SOCK_STREAM, 0)); }},
};

TEST(GuardDeathTest, AbortsWithTheNameOfWhatWasCalled) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const Planted& planted : kPlanted) {
    EXPECT_DEATH(simulate(planted.call), planted.symbol);
  }
}

TEST(Guard, ForwardsOutsideOfARun) {
  simulate([] {});
  for (const Planted& planted : kPlanted) planted.call();
  const auto before = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(2));
  std::random_device device;
  EXPECT_NE(std::uint64_t{device()} << 32 | device(), std::uint64_t{device()} << 32 | device());
}

TEST(Guard, CanBeLeftOff) {
  World world(WorldOptions{.guard = false});
  world.start(add(world, "n", [](Machine& m) {
    return call_once(m, [] { static_cast<void>(std::time(nullptr)); });
  }));
  EXPECT_EQ(world.run_until(at_ms(1)).why, RunEnd::Why::idle);
}

// What interposition cannot see. Sanitizers make system calls of their own.
TEST(GuardDeathTest, TheHardGuardTrapsSystemCallsAndTheTimeStampCounter) {
  if (kSanitized) GTEST_SKIP();
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        if (!guard::arm_hard()) std::abort();
        static_cast<void>(syscall(318 /* getrandom */, nullptr, 0, 0));
      },
      testing::ExitedWithCode(99), "system call 318");
#if defined(__x86_64__)
  EXPECT_EXIT(
      {
        if (!guard::arm_hard()) std::abort();
        static_cast<void>(__builtin_ia32_rdtsc());
      },
      testing::ExitedWithCode(99), "time stamp counter");
#endif
  EXPECT_EXIT(
      {
        World world(WorldOptions{});
        world.start(add(world, "n", [](Machine& m) { return call_once(m, [] {}); }));
        if (!guard::arm_hard()) std::abort();
        world.run_until(at_ms(1));
        _exit(7);
      },
      testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace weir
