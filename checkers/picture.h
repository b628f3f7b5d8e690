// The picture of a finding: one page that stands alone, an offset x operation grid.
#pragma once

#include <string>

#include "checkers/finding.h"
#include "checkers/history.h"

namespace weir {

// It never gets there: rows, columns, bands and texts have limits of their own.
inline constexpr std::size_t kMaxPictureBytes = 1'000'000;

// Of the witness, with the faults of the whole history. HTML with the figure inline, or the figure
// (SVG) alone. Byte-stable.
[[nodiscard]] std::string picture_page(const History& whole, const History& witness,
                                       const Finding&);
[[nodiscard]] std::string picture_svg(const History& whole, const History& witness, const Finding&);

}  // namespace weir
