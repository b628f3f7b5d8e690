// The world as a function of its options: determinism, keyed draws, facts and causes, buggify.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "broker/base/assertion.h"
#include "tests/unit/sim/programs.h"

namespace weir {
namespace {

constexpr std::uint16_t kWorldPort = 9092;

Task<> echo(std::shared_ptr<Stream> stream) {
  for (;;) {
    Result<Slice> got = co_await stream->read();
    if (!got) co_return;
    Result<void> sent = co_await stream->write(*got);
    if (!sent) co_return;
  }
}

Task<> server(Machine& m) {
  const Endpoint at{"", kWorldPort};
  Result<std::unique_ptr<Listener>> listener = m.network.listen(at);
  if (!listener) co_return;
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
    if (!stream) co_return;
    m.tasks.spawn("echo", echo(std::shared_ptr<Stream>(std::move(*stream))));
  }
}

Task<> client(Machine& m, std::string to) {
  const Endpoint at{to, kWorldPort};
  Result<std::unique_ptr<Stream>> stream = co_await m.network.connect(at, Instant::never());
  if (!stream) co_return;
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  for (int i = 0; i < 50; ++i) {
    const Slice message = Slice::copy_of(std::string(1 + m.entropy.random().below(200), 'x'));
    if (m.chance.unlucky("client pause")) {
      static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1)));
    }
    Result<void> sent = co_await (*stream)->write(message);
    if (!sent) co_return;
    Result<Slice> got = co_await (*stream)->read();
    if (!got) co_return;
    m.facts.emit({.kind = FactKind::response_received, .value = static_cast<std::int64_t>(i)});
  }
}

struct Outcome {
  std::uint64_t fingerprint = 0;
  std::uint64_t sequence = 0;
  std::map<std::string, std::uint64_t> draws;
};

WorldOptions options_of(std::uint64_t seed) {
  WorldOptions options{.seed = seed, .buggify = true};
  options.network.split_reads = {1, 4};
  options.network.loss = {1, 50};
  options.timer_lateness = Latency::exponential(Duration(0), us(3));
  return options;
}

Outcome simulate(std::uint64_t seed, bool further_client = false) {
  World world(options_of(seed));
  world.start(add(world, "s", server));
  world.start(add(world, "c1", [](Machine& m) { return client(m, "s"); }));
  world.start(add(world, "c2", [](Machine& m) { return client(m, "s"); }));
  if (further_client) {
    world.start(add(world, "c3", [](Machine& m) { return client(m, "s"); }));
  }
  world.run_until(at_ms(10'000));
  Outcome outcome{world.fingerprint(), world.sequence(), {}};
  for (const StreamDraws& d : world.draws()) outcome.draws[d.name] = d.draws;
  return outcome;
}

TEST(Determinism, TheSameSeedGivesTheSameFingerprint) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Outcome one = simulate(seed);
    const Outcome two = simulate(seed);
    EXPECT_EQ(one.fingerprint, two.fingerprint);
    EXPECT_EQ(one.sequence, two.sequence);
    EXPECT_EQ(one.draws, two.draws);
  }
  EXPECT_NE(simulate(1).fingerprint, simulate(2).fingerprint);
}

TEST(Determinism, AFurtherNodeLeavesTheDrawsOfTheOthersAlone) {
  const Outcome without = simulate(4);
  const Outcome with = simulate(4, true);
  EXPECT_NE(without.fingerprint, with.fingerprint);
  for (const auto& [name, draws] : without.draws) {
    EXPECT_EQ(with.draws.at(name), draws) << name;
  }
}

TEST(Determinism, ABranchRedrawsTheFutureAlone) {
  const auto run = [](std::uint64_t branch_at_ms) {
    World world(options_of(6));
    world.start(add(world, "s", server));
    world.start(add(world, "c1", [](Machine& m) { return client(m, "s"); }));
    if (branch_at_ms > 0) {
      world.at(at_ms(static_cast<std::int64_t>(branch_at_ms)), [&] { world.rebranch(1); });
    }
    world.run_until(at_ms(9));
    const std::uint64_t before = world.fingerprint();
    world.run_until(at_ms(10'000));
    return std::pair(before, world.fingerprint());
  };
  const auto [before, after] = run(0);
  const auto [branched_before, branched_after] = run(10);
  EXPECT_EQ(before, branched_before);
  EXPECT_NE(after, branched_after);
}

// Remembers what every reader is given.
class Remember final : public FactReader, public TraceReader {
 public:
  struct Row {
    std::uint64_t sequence;
    std::uint64_t cause;
    std::string what;
  };
  void on(const Observed& o) override {
    rows.push_back({o.sequence, o.cause, std::string(name_of(o.fact.kind))});
  }
  void on_event(const TracedEvent& e) override {
    rows.push_back({e.sequence, e.cause, std::string(e.kind)});
  }
  std::vector<Row> rows;
};

TEST(World, NumbersEventsAndFactsInOneSequenceWithCauses) {
  World world(options_of(1));
  Remember seen;
  world.add_reader(seen);
  world.set_trace(&seen);
  world.start(add(world, "s", server));
  world.start(add(world, "c1", [](Machine& m) { return client(m, "s"); }));
  world.run_until(at_ms(10'000));
  std::uint64_t last = 0;
  std::size_t caused = 0;
  for (const Remember::Row& row : seen.rows) {
    EXPECT_EQ(row.sequence, ++last);
    EXPECT_LT(row.cause, row.sequence);
    if (row.what == "response.received") {
      ASSERT_GT(row.cause, 0u);
      EXPECT_NE(seen.rows[row.cause - 1].what.find_first_of("do"), std::string::npos);
      ++caused;
    }
  }
  EXPECT_EQ(last, world.sequence());
  EXPECT_EQ(caused, 50u);
}

TEST(World, ATraceDoesNotChangeTheFingerprint) {
  const auto run = [](bool traced) {
    World world(options_of(1));
    Remember seen;
    if (traced) {
      world.add_reader(seen);
      world.set_trace(&seen);
    }
    world.start(add(world, "s", server));
    world.start(add(world, "c1", [](Machine& m) { return client(m, "s"); }));
    world.run_until(at_ms(10'000));
    return world.fingerprint();
  };
  EXPECT_EQ(run(false), run(true));
}

Task<> ask_luck(Machine& m, std::map<std::string, int>& fired) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  for (int i = 0; i < 200; ++i) {
    for (int p = 0; p < 40; ++p) {
      const std::string point = "point " + std::to_string(p);
      if (m.chance.unlucky(point)) ++fired[point];
    }
    static_cast<void>(co_await alarm->wait_until(m.clock.now() + ms(1)));
  }
}

TEST(Chance, PointsAreOnInAQuarterOfRunsAndThenFireAQuarterOfTheTimes) {
  std::size_t on = 0;
  std::size_t fired_in_all = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::map<std::string, int> fired;
    World world(WorldOptions{.seed = seed, .buggify = true});
    Lines lines(world);
    world.start(add(world, "n", [&fired](Machine& m) { return ask_luck(m, fired); }));
    world.run_until(at_ms(1000));
    on += fired.size();
    for (const auto& [point, times] : fired) {
      EXPECT_NEAR(times, 50, 30);
      EXPECT_EQ(lines.count("buggify.fired n " + point), static_cast<std::size_t>(times));
      fired_in_all += static_cast<std::size_t>(times);
    }
  }
  EXPECT_NEAR(static_cast<double>(on), 200, 50);
  EXPECT_NEAR(static_cast<double>(fired_in_all), 50.0 * static_cast<double>(on), 500);
}

TEST(Chance, OnlyPointsThatAreNamedAreOnWhereAnyAre) {
  std::map<std::string, int> fired;
  WorldOptions options{.seed = 4, .buggify = true};
  options.buggify_points = {"point 3", "point 11"};
  World world(options);
  world.start(add(world, "n", [&fired](Machine& m) { return ask_luck(m, fired); }));
  world.run_until(at_ms(1000));
  ASSERT_EQ(fired.size(), 2u);
  EXPECT_NEAR(fired["point 3"], 50, 30);
  EXPECT_NEAR(fired["point 11"], 50, 30);
}

TEST(Chance, IsOffUnlessTheWorldSaysSo) {
  std::map<std::string, int> fired;
  World world(WorldOptions{});
  world.start(add(world, "n", [&fired](Machine& m) { return ask_luck(m, fired); }));
  world.run_until(at_ms(1000));
  EXPECT_TRUE(fired.empty());
}

TEST(World, RefusesTwoNodesOfOneName) {
  World world(WorldOptions{});
  add(world, "n", server);
  EXPECT_THROW(add(world, "n", server), AssertionFailure);
  EXPECT_EQ(world.node("n").value(), 0u);
  EXPECT_EQ(world.node("m"), kNoNode);
}

TEST(World, EndsIdleReachedAndGoesOn) {
  World world(WorldOptions{});
  EXPECT_EQ(world.run_until(at_ms(5)).why, RunEnd::Why::idle);
  int actions = 0;
  world.at(at_ms(10), [&] { ++actions; });
  EXPECT_EQ(world.run_until(at_ms(7)).why, RunEnd::Why::reached);
  EXPECT_EQ(world.now(), at_ms(7));
  world.at(at_ms(8), [&] { ++actions; });
  EXPECT_EQ(world.run_until(at_ms(20)).why, RunEnd::Why::idle);
  EXPECT_EQ(actions, 2);
  EXPECT_EQ(world.now(), at_ms(10));
}

}  // namespace
}  // namespace weir
