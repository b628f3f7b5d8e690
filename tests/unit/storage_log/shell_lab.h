// A laboratory for whatever uses a disk: a body that is run to its end or to a crash at any of its
// operations, and a body that looks at what is left.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "broker/storage/log/partition_log.h"
#include "sim/world.h"

namespace weir {

class ShellLab {
 public:
  using Body = Task<> (*)(Machine&, ShellLab&);

  explicit ShellLab(std::uint64_t seed = 1) : world(options_of(seed)) {
    NodeOptions options;
    options.name = "n";
    options.launch = [this](Machine& machine) {
      return std::unique_ptr<Program>(new Life(machine, *this));
    };
    node = world.add_node(std::move(options));
  }

  // Yields whether the body came to its end before the disk began `stop_at` operations.
  bool run(Body body, std::uint64_t stop_at = UINT64_MAX) {
    body_ = body;
    ended_ = false;
    world.start(node);
    const Instant deadline = world.now() + std::chrono::seconds(5);
    while (!ended_ && world.alive(node) && disk().operations() < stop_at) {
      world.run_until(world.now() + std::chrono::microseconds(5));
      if (world.now() <= deadline) continue;
      ADD_FAILURE() << "the body hangs";
      break;
    }
    return ended_;
  }
  // In a new life, after a crash.
  void look(Body body) {
    EXPECT_TRUE(run(body));
    world.kill(node);
  }
  DiskModel& disk() { return world.disk(node); }

  // For the bodies: how far the first one came, as it knows for certain.
  int done = 0;
  std::unique_ptr<PartitionLog> log;

 private:
  class Life final : public Program {
   public:
    Life(Machine& machine, ShellLab& lab) : machine_(machine), lab_(lab) {}
    ~Life() override { lab_.log.reset(); }
    Task<> run() override {
      co_await lab_.body_(machine_, lab_);
      lab_.log.reset();
      lab_.ended_ = true;
    }
    Task<> stop() override { co_return; }

   private:
    Machine& machine_;
    ShellLab& lab_;
  };

  static WorldOptions options_of(std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    return options;
  }

  Body body_ = nullptr;
  bool ended_ = false;

 public:
  World world;  // dies first
  NodeId node;
};

// Runs `body` with a kill, and with losses of power, at each of its operations of the disk; after
// each of them `look` sees what is left.
inline void crash_everywhere(ShellLab::Body body, ShellLab::Body look) {
  ShellLab whole;
  ASSERT_TRUE(whole.run(body));
  const std::uint64_t operations = whole.disk().operations();
  ASSERT_GT(operations, 5u);
  for (std::uint64_t k = 1; k <= operations + 1 && !testing::Test::HasFailure(); ++k) {
    for (std::uint64_t seed = 0; seed <= 6 && !testing::Test::HasFailure(); ++seed) {
      SCOPED_TRACE("operation " + std::to_string(k) + ", seed " + std::to_string(seed));
      ShellLab lab(k * 10 + seed);
      lab.run(body, k);
      if (seed == 0) {
        lab.world.kill(lab.node);
      } else {
        lab.world.power_loss(lab.node);
      }
      lab.look(look);
    }
  }
}

}  // namespace weir
