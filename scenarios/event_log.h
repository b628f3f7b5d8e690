// events.jsonl: the inside view of a run, one fact a line, each with its cause.
//
// A reader of the world's facts. It only writes; the fingerprint does not know whether anybody
// reads. `cause` is the number of the event that led to this one, so that causal cones, stories and
// clocks can be derived from the file alone. Fields that say nothing are left out; times are
// virtual nanoseconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world.h"

namespace weir {

class EventLog final : public FactReader, public TraceReader {
 public:
  void on(const Observed&) override;
  void on_event(const TracedEvent&) override;

  // The whole text, one JSON object a line.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

 private:
  [[nodiscard]] std::uint64_t fact_behind(std::uint64_t sequence) const;

  std::string text_;
  // For each number given so far: the fact itself, or the fact behind the event.
  std::vector<std::uint64_t> origin_;
  std::uint64_t lines_ = 0;
};

// The class of a fact in the timeline: send, recv, drop, fault, promise or state.
[[nodiscard]] std::string_view timeline_class(FactKind);

}  // namespace weir
