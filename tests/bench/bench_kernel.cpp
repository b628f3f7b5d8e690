// Speed of the simulator: bare kernel, messages through the real ports, the price of a timeout.
#include <benchmark/benchmark.h>

#include "sim/workload.h"

namespace weir {
namespace {

void bare_kernel(benchmark::State& state) {
  constexpr std::uint64_t kEvents = 10'000'000;
  for (auto _ : state) {
    const WorkloadResult done =
        run_kernel_workload(kEvents, static_cast<std::size_t>(state.range(0)));
    benchmark::DoNotOptimize(done.fingerprint);
  }
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(kEvents) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}
BENCHMARK(bare_kernel)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);

void port_messages(benchmark::State& state) {
  constexpr std::uint64_t kMessages = 2'000'000;
  const auto pairs = static_cast<std::size_t>(state.range(0));
  const bool deadlines = state.range(1) != 0;
  std::uint64_t messages = 0;
  for (auto _ : state) {
    const WorkloadResult done = run_message_workload(kMessages, pairs, deadlines);
    benchmark::DoNotOptimize(done.fingerprint);
    messages += done.messages;
  }
  const auto count = static_cast<double>(messages);
  state.counters["messages/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
  state.counters["s/message"] =
      benchmark::Counter(count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(port_messages)
    ->ArgNames({"pairs", "deadlines"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({50, 0})
    ->Args({50, 1})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir
