// Cycles of dependencies by the phenomenon that they are (Adya 1999; Elle, VLDB 2020).
//
// G0: ww alone. G1c: ww and wr. G-single: exactly one rw. G-nonadjacent: several rw, no two of them
// adjacent. G2-item: any rw. The variants -process and -realtime need an edge of that order. Every
// question is settled exactly: whether a cycle exists is a matter of strong components and of
// reachability; only the search for a short one to show has a budget.
#pragma once

#include <vector>

#include "checkers/cycles/graph.h"
#include "checkers/finding.h"

namespace weir::analysis {

struct CycleStep {
  std::uint32_t from = 0;  // transactions, by the numbers that their owner gave them
  std::uint32_t to = 0;
  EdgeType type{};
  NameId key = kNoName;
  ValueId a = kNoValue;
  ValueId b = kNoValue;
};

struct Cycle {
  FindingKind kind{};
  std::vector<CycleStep> steps;  // the last leads back to the first
};

struct CycleOrders {
  bool process = false;
  bool realtime = false;
};

// Per strong component and variant the worst cycle without rw, and the worst with rw (G-single and
// milder); what one that was found implies is left out.
[[nodiscard]] std::vector<Cycle> find_cycles(const TransactionGraph&, CycleOrders);

// Whether the edges of these types alone form a cycle.
[[nodiscard]] bool has_cycle(const TransactionGraph&, EdgeMask);

}  // namespace weir::analysis
