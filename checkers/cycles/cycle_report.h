// Cycles as findings: which operations, by which steps, and a sentence that tells them.
#pragma once

#include <functional>

#include "checkers/cycles/cycle_search.h"
#include "checkers/report.h"

namespace weir::analysis {

struct TxnOps {
  std::uint32_t invoked = kNoOperation;
  std::uint32_t completed = kNoOperation;

  [[nodiscard]] std::uint32_t op() const { return completed != kNoOperation ? completed : invoked; }
};

// "cycle": operations, the first again at the end; "steps": [["wr", key, value], ...]; "length".
void describe_cycle(const History&, const Cycle&, FindingBuilder&,
                    const std::function<TxnOps(std::uint32_t)>& ops_of);

}  // namespace weir::analysis
