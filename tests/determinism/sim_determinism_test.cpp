// The simulator alone, with everything at once under faults: the same fingerprint in every run,
// under every heap, from every compiler.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/base/hash.h"
#include "broker/ports/program.h"
#include "sim/world.h"
#include "tests/support/heap_shuffle.h"

namespace weir {
namespace {

constexpr std::uint16_t kPort = 9092;
constexpr Duration ms(std::int64_t n) { return std::chrono::milliseconds(n); }

// Serves, calls its neighbour and writes to its disk, until it is destroyed.
class Busy final : public Program {
 public:
  Busy(Machine& machine, std::string neighbour) : m_(machine), neighbour_(std::move(neighbour)) {}

  Task<> run() override {
    m_.tasks.spawn("call", call());
    m_.tasks.spawn("write", write());
    return serve();
  }
  Task<> stop() override { co_return; }

 private:
  Task<> serve() {
    const Endpoint at{"", kPort};
    Result<std::unique_ptr<Listener>> listener = m_.network.listen(at);
    if (!listener) co_return;
    for (;;) {
      Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
      if (!stream) co_return;
      m_.tasks.spawn("session", answer(std::move(*stream)));
    }
  }

  Task<> answer(std::unique_ptr<Stream> stream) {
    for (;;) {
      Result<Slice> got = co_await stream->read(m_.clock.now() + ms(200));
      if (!got) co_return;
      Result<void> sent = co_await stream->write(*got);
      if (!sent) co_return;
    }
  }

  Task<> call() {
    std::unique_ptr<Alarm> alarm = m_.timers.alarm();
    for (;;) {
      const Endpoint to{neighbour_, kPort};
      Result<std::unique_ptr<Stream>> stream =
          co_await m_.network.connect(to, m_.clock.now() + ms(50));
      for (int i = 0; stream && i < 100; ++i) {
        const Slice text = Slice::copy_of(std::string(1 + m_.entropy.random().below(3000), 'x'));
        Result<void> sent = co_await (*stream)->write(text);
        if (!sent) break;
        Result<Slice> got = co_await (*stream)->read(m_.clock.now() + ms(20));
        if (!got) break;
        m_.facts.emit(
            {.kind = FactKind::response_received, .value = static_cast<std::int64_t>(got->size())});
      }
      static_cast<void>(co_await alarm->wait_until(m_.clock.now() + ms(3)));
    }
  }

  Task<> write() {
    Result<std::unique_ptr<File>> file = co_await m_.disk.open("log", OpenMode::create);
    if (!file) co_return;
    for (;;) {
      const Slice text = Slice::copy_of(std::string(1 + m_.entropy.random().below(1500), 'y'));
      Result<void> written = co_await (*file)->write_at((*file)->size(), text);
      if (!written) co_return;
      if (m_.chance.unlucky("late sync")) continue;
      Result<void> synced = co_await (*file)->sync();
      if (!synced) co_return;
    }
  }

  Machine& m_;
  std::string neighbour_;
};

std::uint64_t simulate(std::uint64_t seed) {
  WorldOptions options{.seed = seed, .buggify = true};
  options.network.latency = Latency::lognormal(ms(1), ms(20));
  options.network.loss = {1, 100};
  options.network.split_reads = {1, 3};
  options.service_time = std::chrono::microseconds(5);
  World world(options);
  std::vector<NodeId> nodes;
  for (int i = 0; i < 4; ++i) {
    NodeOptions node;
    node.name = "n" + std::to_string(i);
    node.clock.drift_ppm = i * 50;
    const std::string neighbour = "n" + std::to_string((i + 1) % 4);
    node.launch = [neighbour](Machine& machine) {
      return std::unique_ptr<Program>(new Busy(machine, neighbour));
    };
    nodes.push_back(world.add_node(std::move(node)));
    world.start(nodes.back());
  }
  Random& plan = world.random("plan", "test");
  for (int i = 0; i < 40; ++i) {
    const Instant when{plan.between(0, 900'000'000)};
    const NodeId whom = nodes[plan.below(4)];
    const NodeId other = nodes[plan.below(4)];
    const std::uint64_t what = plan.below(7);
    world.at(when, [&world, whom, other, what] {
      switch (what) {
        case 0: world.kill(whom); break;
        case 1: world.power_loss(whom); break;
        case 2: world.network().cut(whom, other); break;
        case 3: world.network().reset(whom, other); break;
        case 4: world.pause(whom); break;
        case 5: world.disk(whom).fail({.operation = DiskOperation::sync}); break;
        default: world.network().black_hole(whom, other, ms(30)); break;
      }
    });
    world.at(when + ms(40), [&world, whom] {
      world.resume(whom);
      world.start(whom);
      world.network().heal_all();
    });
  }
  static_cast<void>(world.run_until(Instant{1'000'000'000}));
  std::uint64_t hash = fold(world.fingerprint(), world.sequence());
  for (const NodeId node : nodes) {
    hash = fold(hash, hash_bytes(world.disk(node).read("log").value_or(Slice()).bytes()));
  }
  return hash;
}

TEST(SimDeterminism, TwiceInAProcess) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) EXPECT_EQ(simulate(seed), simulate(seed));
  EXPECT_NE(simulate(1), simulate(2));
}

TEST(SimDeterminism, UnderEveryHeap) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const std::uint64_t plain = simulate(seed);
    for (const std::uint64_t heap : {1u, 2u}) {
      set_heap_seed(heap);
      const std::uint64_t shuffled = simulate(seed);
      set_heap_seed(0);
      EXPECT_EQ(shuffled, plain);
    }
  }
}

// The proof that the heap can tell: order by address differs between two seeds.
TEST(SimDeterminism, TheShufflingHeapFindsOrderByPointers) {
  const auto order = [](std::uint64_t heap) {
    set_heap_seed(heap);
    std::vector<std::unique_ptr<int>> all;
    for (int i = 0; i < 100; ++i) all.push_back(std::make_unique<int>(i));
    std::uint64_t hash = 0;
    std::sort(all.begin(), all.end());
    for (const std::unique_ptr<int>& i : all) hash = fold(hash, static_cast<std::uint64_t>(*i));
    all.clear();
    set_heap_seed(0);
    return hash;
  };
  EXPECT_NE(order(1), order(2));
}

// Equal for every compiler, optimisation and sanitizer. It changes with every change of what the
// simulator does: then take the new number from any one build, and see that the others agree.
TEST(SimDeterminism, AcrossCompilers) { EXPECT_EQ(simulate(1), 7812578632519860622u); }

}  // namespace
}  // namespace weir
