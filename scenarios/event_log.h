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

#include "sim/world.h"

namespace weir {

class EventLog final : public FactReader {
 public:
  void on(const Observed&) override;

  // The whole text, one JSON object a line.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

 private:
  std::string text_;
  std::uint64_t lines_ = 0;
};

// The class of a fact in the timeline: send, recv, drop, fault, promise or state.
[[nodiscard]] std::string_view timeline_class(FactKind);

}  // namespace weir
