// Gaps: what a reader went over without being shown anything.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "checkers/report.h"

namespace weir::analysis {

struct Gap {
  std::uint32_t log;
  std::int64_t from, to;  // to: the next record that it was shown
  std::uint32_t op;
  friend auto operator<=>(const Gap&, const Gap&) = default;
};

// Of logs whose markers are told; in any order.
void check_gaps(const LogIndex&, Report&, std::vector<Gap>);

}  // namespace weir::analysis
