// Stopping a world.
#include "scenarios/stop.h"

#include "broker/base/text.h"

namespace weir {

std::optional<StopOptions> parse_stop(std::string_view text) {
  StopOptions options;
  if (text.starts_with('#')) {
    options.event = parse_unsigned(text.substr(1));
    return options.event ? std::optional(options) : std::nullopt;
  }
  const std::optional<Duration> after = parse_duration(text);
  if (!after || *after < Duration(0)) return std::nullopt;
  options.at = Instant{} + *after;
  return options;
}

Stopper::Stopper(World& world, const StopOptions& options, const FactChecks& checks)
    : world_(world), options_(options), checks_(checks) {
  if (!options_.at) return;
  world_.at(*options_.at, [this] {
    stop("stopped at " + readable_duration(*options_.at - Instant{}) + ", as asked");
  });
}

void Stopper::on(const Observed& seen) {
  if (!why_.empty()) return;
  const std::string number = "event #" + grouped(static_cast<std::int64_t>(seen.sequence));
  if (options_.event && seen.sequence >= *options_.event) stop("stopped at " + number);
  if (options_.first_breach && checks_.breaches() > 0) {
    stop("stopped at " + number + ", the first that a check objects to");
  }
}

void Stopper::stop(std::string why) {
  why_ = std::move(why);
  world_.request_stop();
}

}  // namespace weir
