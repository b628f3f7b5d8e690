// The three workloads by which the simulator's speed is measured, for tests/bench and `weir bench`.
//
// Each does its work and returns counts; the caller takes the time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir {

struct WorkloadResult {
  std::uint64_t events = 0;
  std::uint64_t messages = 0;
  std::uint64_t fingerprint = 0;
};

// The bare kernel in the hold model: `pending` timers, each event schedules the next one about a
// millisecond ahead; fingerprint on.
[[nodiscard]] WorkloadResult run_kernel_workload(std::uint64_t events, std::size_t pending);

// Pairs of nodes that send 64 bytes to and fro over the real ports, as coroutines. `messages` is
// the total over all pairs, both directions. With `deadlines`, every read has one.
[[nodiscard]] WorkloadResult run_message_workload(std::uint64_t messages, std::size_t pairs,
                                                  bool deadlines);

}  // namespace weir
