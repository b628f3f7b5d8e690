// A toy cluster for the injector: a server that answers numbered requests, a client that asks.
//
// The server emits log.opened and log.appended as a broker does, and response.sent right before it
// writes each answer; the client counts what it hears and connects again whenever a connection
// breaks or stays silent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "faults/injector.h"
#include "tests/unit/sim/programs.h"

namespace weir {

struct Toy {
  int asked = 0;
  std::vector<int> heard;  // numbers that were answered
  std::int64_t last_heard_at = -1;
  Duration patience = ms(200);
};

inline Task<> toy_sleep(Machine& m, Duration d) {
  std::unique_ptr<Alarm> alarm = m.timers.alarm();
  static_cast<void>(co_await alarm->wait_until(m.clock.now() + d));
}

// Each answer is stored first, so that faults of the disk have something to strike.
inline Task<> toy_serve(Machine& m, std::unique_ptr<Stream> stream, std::shared_ptr<int> count) {
  Result<std::unique_ptr<File>> file = co_await m.disk.open("log", OpenMode::create);
  if (!file) {
    m.tasks.halt("disk");
    co_return;
  }
  for (;;) {
    Result<Slice> got = co_await stream->read();
    if (!got) co_return;
    Result<void> written = co_await (*file)->write_at((*file)->size(), *got);
    if (!written) {
      m.tasks.halt("disk");
      co_return;
    }
    Result<void> synced = co_await (*file)->sync();
    if (!synced) {
      m.tasks.halt("disk");
      co_return;
    }
    Result<Slice> back = co_await (*file)->read_at(0, 1);
    if (!back) {
      m.tasks.halt("disk");
      co_return;
    }
    Fact appended;
    appended.kind = FactKind::log_appended;
    appended.topic = "orders";
    appended.partition = 0;
    appended.value = (*count)++;
    m.facts.emit(appended);
    Fact sent;
    sent.kind = FactKind::response_sent;
    sent.api = 0;
    sent.peer = stream->peer();
    m.facts.emit(sent);
    Result<void> replied = co_await stream->write(*got);
    if (!replied) co_return;
  }
}

inline Task<> toy_server(Machine& m) {
  const Endpoint here{"", 9092};
  Result<std::unique_ptr<Listener>> listener = m.network.listen(here);
  if (!listener) co_return;
  Fact opened;
  opened.kind = FactKind::log_opened;
  opened.topic = "orders";
  opened.partition = 0;
  m.facts.emit(opened);
  std::shared_ptr<int> count = std::make_shared<int>(0);
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await (*listener)->accept();
    if (!stream) co_return;
    m.tasks.spawn("serve", toy_serve(m, std::move(*stream), count));
  }
}

inline Task<> toy_ask(Machine& m, Toy& toy, Stream& stream) {
  for (;;) {
    const int number = toy.asked++;
    const Slice request = Slice::copy_of(std::to_string(number));
    Result<void> sent = co_await stream.write(request);
    if (!sent) co_return;
    const Instant deadline = m.clock.now() + toy.patience;
    Result<Slice> got = co_await stream.read(deadline);
    if (!got) co_return;
    toy.heard.push_back(std::stoi(std::string(got->text())));
    toy.last_heard_at = m.clock.now().ns;
    co_await toy_sleep(m, ms(10));
  }
}

inline Task<> toy_client(Machine& m, Toy& toy, std::string server) {
  for (;;) {
    const Endpoint there{server, 9092};
    const Instant deadline = m.clock.now() + toy.patience;
    Result<std::unique_ptr<Stream>> stream = co_await m.network.connect(there, deadline);
    if (stream) {
      std::unique_ptr<Stream> mine = std::move(*stream);
      co_await toy_ask(m, toy, *mine);
      mine->close();
    }
    co_await toy_sleep(m, ms(20));
  }
}

// A world with servers b1.. and a client P1 that asks the first of them.
class ToyCluster {
 public:
  explicit ToyCluster(Plan plan, int servers = 1, std::uint64_t seed = 1, Instant begin = {})
      : world(options(seed)), lines(world), injector(world, std::move(plan), shape(servers)) {
    world.add_reader(injector);
    for (const std::string& name : shape(servers).brokers) {
      world.start(add(world, name, [](Machine& m) { return toy_server(m); }));
    }
    world.start(add(world, "P1", [this](Machine& m) { return toy_client(m, toy, "b1"); }));
    injector.start(begin);
  }
  ~ToyCluster() { world.remove_reader(injector); }

  void run_until(std::int64_t milliseconds) {
    static_cast<void>(world.run_until(at_ms(milliseconds)));
  }

  // The lines of facts about faults and lives, in order.
  [[nodiscard]] std::vector<std::string> story() const {
    std::vector<std::string> found;
    for (const std::string& line : lines.lines) {
      if (line.starts_with("fault.") || line.starts_with("healed") || line.starts_with("node.")) {
        found.push_back(line);
      }
    }
    return found;
  }

  static ClusterShape shape(int servers) {
    ClusterShape shape;
    for (int n = 1; n <= servers; ++n) shape.brokers.push_back("b" + std::to_string(n));
    shape.clients = {"P1"};
    return shape;
  }
  static WorldOptions options(std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    options.network.tcp_user_timeout = ms(500);
    return options;
  }

  Toy toy;
  World world;
  Lines lines;
  Injector injector;
};

// A fault of the kind whose every field that the kind needs is set.
inline Fault fault(FaultKind kind, FaultTime when, std::optional<Duration> lasts = {}) {
  Fault f;
  f.kind = kind;
  f.when = std::move(when);
  f.lasts = lasts;
  if (traits_of(kind).target == FaultTarget::node) f.node = "b1";
  if (traits_of(kind).target == FaultTarget::sides) {
    f.from = {"P1"};
    f.to = {"b1"};
  }
  if (traits_of(kind).target == FaultTarget::set) f.from = {"brokers"};
  if (traits_of(kind).is(FaultTraits::kRateBytes)) f.bytes_per_second = 10'000;
  if (traits_of(kind).is(FaultTraits::kBy)) f.by = ms(1);
  if (traits_of(kind).is(FaultTraits::kRate)) f.rate_ppm = 1000;
  if (traits_of(kind).is(FaultTraits::kFactor)) f.factor = 10;
  return f;
}

inline Trigger on(FactKind event) {
  Trigger trigger;
  trigger.event = event;
  return trigger;
}

inline Plan plan(std::vector<Fault> faults, std::int64_t heal_at_ms = 2000) {
  return {std::move(faults), ms(heal_at_ms)};
}

}  // namespace weir
