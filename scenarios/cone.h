// The causal cone of events: all that can have led to them.
//
// What happened before is Lamport's relation (Time, Clocks, and the Ordering of Events, 1978): what
// came earlier at the same node, and what an event says was its cause, message or timer. Faults
// are in it where they struck before the end, since what a fault keeps from happening leaves no
// event that could name it: a leader that is dead is followed by silence.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/event_file.h"

namespace weir {

class CausalCone {
 public:
  CausalCone(const EventFile&, const std::vector<std::int64_t>& anchors);

  [[nodiscard]] bool contains(std::int64_t sequence) const;
  [[nodiscard]] std::size_t size() const;
  // The last of the anchors that the file has; -1: none.
  [[nodiscard]] std::int64_t end() const { return end_; }

 private:
  const EventFile& file_;
  std::vector<bool> inside_;  // by position
  std::int64_t end_ = -1;
};

// The chain of causes that ends in this event, from its beginning.
[[nodiscard]] std::vector<std::int64_t> chain_of_causes(const EventFile&, std::int64_t sequence);

// An event of the injector, or the end or begin of a node's life.
[[nodiscard]] bool is_fault(const LoggedEvent&);

}  // namespace weir
