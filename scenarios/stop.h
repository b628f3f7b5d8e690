// Where a run is stopped before its end: a moment, an event, or the first thing that an online
// check objects to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "checkers/fact_checks.h"
#include "sim/world.h"

namespace weir {

struct StopOptions {
  std::optional<Instant> at;           // of virtual time
  std::optional<std::uint64_t> event;  // the first fact of that number or a later one is the last
  bool first_breach = false;
  friend bool operator==(const StopOptions&, const StopOptions&) = default;
};

// "7.167s", "400ms" or "#18277"; nothing where it is neither.
[[nodiscard]] std::optional<StopOptions> parse_stop(std::string_view text);

// Reads the facts behind the checks that it asks, so it is added after them.
class Stopper final : public FactReader {
 public:
  Stopper(World& world, const StopOptions& options, const FactChecks& checks);

  void on(const Observed&) override;
  // Why it was stopped; empty: it was not.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  void stop(std::string why);

  World& world_;
  StopOptions options_;
  const FactChecks& checks_;
  std::string why_;
};

}  // namespace weir
