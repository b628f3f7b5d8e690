// The fault plan: seed -> explicit list, drawn before the run; the run only carries the list out.
//
// Pure. The draws of fault i are keyed by (seed, "fault", i) and choices are made by highest
// keyed hash, so that dropping a fault, adding a client or raising one weight leaves the other
// faults as they were. Plans stay inside what the cluster promises to survive, unless the weights
// name a kind that does not. Safety under faults until heal_by; then all heals, and liveness is
// demanded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "faults/fault.h"

namespace weir {

// More than this many random faults, or this weight, is a mistake in a scenario.
inline constexpr std::uint32_t kMaxRandomFaults = 10'000;
inline constexpr std::uint32_t kMaxFaultWeight = 1'000;

struct FaultWeight {
  FaultKind kind{};
  std::uint32_t weight = 0;
  friend bool operator==(const FaultWeight&, const FaultWeight&) = default;
};

struct RandomFaults {
  std::uint32_t count = 0;
  Duration from{0}, to{0};           // faults strike in [from, to)
  Duration heal_by{0};               // and each is over by then; at least `to`
  std::vector<FaultWeight> weights;  // empty: the catalogue's, survivable kinds only
  bool swarm = false;                // each seed draws which of these kinds are on at all
  friend bool operator==(const RandomFaults&, const RandomFaults&) = default;
};

// The nodes that faults may strike, and what they hold.
struct ClusterShape {
  std::vector<std::string> brokers;
  std::vector<std::string> clients;
  std::vector<std::string> controllers = {};  // of a combined cluster: the brokers' own names
  std::vector<std::string> partitions = {};   // "orders-0": roles for random faults
  std::map<std::string, std::int64_t, std::less<>> min_insync_replicas = {};  // by topic; else 1

  // Several servers, and controllers that tell who is in sync.
  [[nodiscard]] bool is_cluster() const { return !controllers.empty(); }
};

struct Plan {
  std::vector<Fault> faults;
  Duration heal_at{0};  // everything is healed, at the latest, and stays so
  friend bool operator==(const Plan&, const Plan&) = default;
};

// The weights that an empty list stands for: what such a cluster promises to survive.
[[nodiscard]] std::vector<FaultWeight> survivable_weights(const ClusterShape&);

// The n-th fault of the seed; labelled "random n".
[[nodiscard]] Fault draw_fault(std::uint64_t seed, std::uint64_t branch, std::uint32_t n,
                               const RandomFaults&, const ClusterShape&);

// Scripted faults first, then the drawn ones; heal_at is the later of both phases' ends.
[[nodiscard]] Plan make_plan(std::uint64_t seed, std::uint64_t branch, std::vector<Fault> scripted,
                             const RandomFaults&, const ClusterShape&, Duration heal_at);

}  // namespace weir
