// Bodies of the measured workloads.
#include "sim/workload.h"

#include <memory>
#include <string>
#include <utility>

#include "broker/ports/program.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace weir {
namespace {

constexpr std::uint16_t kPort = 9092;
constexpr std::size_t kMessageBytes = 64;
constexpr std::uint64_t kDelayMask = (1u << 21) - 1;  // nanoseconds: one millisecond on average
constexpr Duration kReadTimeout = std::chrono::seconds(30);

class PingPong final : public Program {
 public:
  // A server where `peer` is empty.
  PingPong(Machine& machine, std::string peer, std::uint64_t rounds, bool deadlines)
      : machine_(machine), peer_(std::move(peer)), rounds_(rounds), deadlines_(deadlines) {}

  Task<> run() override { return peer_.empty() ? serve() : call(); }
  Task<> stop() override { co_return; }

 private:
  Task<> serve() {
    const Endpoint at{"", kPort};
    Result<std::unique_ptr<Listener>> listener = machine_.network.listen(at);
    if (!listener) co_return;
    Result<std::unique_ptr<Stream>> accepted = co_await (*listener)->accept();
    if (!accepted) co_return;
    Stream& stream = **accepted;
    for (;;) {
      Result<Slice> got = co_await stream.read(deadline());
      if (!got) co_return;
      Result<void> sent = co_await stream.write(*got);
      if (!sent) co_return;
    }
  }

  Task<> call() {
    const Endpoint to{peer_, kPort};
    Result<std::unique_ptr<Stream>> connected =
        co_await machine_.network.connect(to, Instant::never());
    if (!connected) co_return;
    Stream& stream = **connected;
    const Slice message = Slice::copy_of(std::string(kMessageBytes, 'x'));
    for (std::uint64_t i = 0; i < rounds_; ++i) {
      Result<void> sent = co_await stream.write(message);
      if (!sent) co_return;
      Result<Slice> got = co_await stream.read(deadline());
      if (!got) co_return;
    }
  }

  [[nodiscard]] Instant deadline() {
    return deadlines_ ? machine_.clock.now() + kReadTimeout : Instant::never();
  }

  Machine& machine_;
  std::string peer_;
  std::uint64_t rounds_;
  bool deadlines_;
};

void add(World& world, const std::string& name, const std::string& peer, std::uint64_t rounds,
         bool deadlines) {
  NodeOptions options;
  options.name = name;
  options.launch = [peer, rounds, deadlines](Machine& machine) {
    return std::unique_ptr<Program>(new PingPong(machine, peer, rounds, deadlines));
  };
  world.start(world.add_node(std::move(options)));
}

}  // namespace

WorkloadResult run_kernel_workload(std::uint64_t events, std::size_t pending) {
  sim::Kernel kernel;
  Random random(1);
  const auto schedule_next = [&](std::uint32_t node) {
    const auto delay = static_cast<std::int64_t>(random.next() & kDelayMask);
    kernel.schedule(kernel.now() + delay, sim::EventKind::operation, node, 1, 0, 0, 0);
  };
  for (std::size_t i = 0; i < pending; ++i) schedule_next(static_cast<std::uint32_t>(i));
  for (std::uint64_t i = 0; i < events; ++i) {
    sim::Event* e = kernel.next(Instant::never().ns);
    const std::uint32_t node = e->node;
    kernel.give_back(e);
    schedule_next(node);
  }
  return {kernel.events(), 0, kernel.fingerprint()};
}

WorkloadResult run_message_workload(std::uint64_t messages, std::size_t pairs, bool deadlines) {
  WorldOptions options;
  options.network.latency = Latency::constant(std::chrono::microseconds(50));
  World world(options);
  const std::uint64_t rounds = messages / 2 / pairs;
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::string number = std::to_string(i);
    add(world, "server" + number, "", 0, deadlines);
    add(world, "client" + number, "server" + number, rounds, deadlines);
  }
  static_cast<void>(world.run_until(Instant::never()));
  return {world.events(), rounds * 2 * pairs, world.fingerprint()};
}

}  // namespace weir
