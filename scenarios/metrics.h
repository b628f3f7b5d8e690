// metrics.om: counts of a run in the OpenMetrics text format.
//
// Time in it is virtual, so there are no timestamps: totals at the end of the run, a family for
// each kind of fact and one for the outcomes of sends.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sim/world.h"

namespace weir {

class Metrics final : public FactReader {
 public:
  void on(const Observed&) override;
  [[nodiscard]] std::string text() const;

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(FactKind::count_)> counts_{};
  std::uint64_t appended_records_ = 0;
  std::uint64_t polled_records_ = 0;
  std::int64_t last_ns_ = 0;
};

}  // namespace weir
