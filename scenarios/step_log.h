// Every event of the world that a run executed, with the random draws that it made: what two runs
// that should be one are compared by.
//
// Facts say what nodes did, some events later; the first event that differs, or draws otherwise, is
// nearer to the cause. Kept only when asked for: a few dozen bytes an event.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace weir {

struct StepDraw {
  std::uint32_t stream = 0;  // into StepLog::Steps::streams
  std::uint64_t draws = 0;   // by this one event
  friend bool operator==(const StepDraw&, const StepDraw&) = default;
};

struct WorldStep {
  std::uint64_t sequence = 0;
  std::int64_t at = 0;
  std::uint32_t node = 0;  // a NodeId
  std::uint32_t kind = 0;  // into Steps::kinds
  std::uint64_t result = 0;
  std::vector<StepDraw> drawn;
};

struct Steps {
  std::vector<WorldStep> events;
  std::vector<std::string> streams;  // names, such as "latency b1>P1"
  std::vector<std::string> kinds;    // of events, such as "deliver"
  std::vector<std::string> nodes;
};

class StepLog final : public TraceReader {
 public:
  // `next` may be null. The world outlives the log.
  StepLog(const World& world, TraceReader* next) : world_(world), next_(next) {}

  void on_event(const TracedEvent&) override;
  [[nodiscard]] Steps take();

 private:
  // What was drawn since the last event was the last event's doing.
  void account();

  const World& world_;
  TraceReader* next_;
  Steps steps_;
  std::vector<std::uint64_t> before_, now_;
};

}  // namespace weir
