// Which points are on, and which fire.
#include "sim/chance.h"

#include <algorithm>

#include "sim/process.h"

namespace weir::sim {
namespace {
constexpr Ratio kOn{1, 4};
constexpr Ratio kFires{1, 4};
}  // namespace

Random* ChancePort::stream_of(std::string_view point) {
  const auto found = points_.find(point);
  if (found != points_.end()) return found->second;
  const WorldOptions& options = process_.core().options();
  // Drawn apart from all streams: the same for every node and life of the run.
  const bool on =
      options.buggify_points
          ? std::ranges::find(*options.buggify_points, point) != options.buggify_points->end()
          : Random::keyed(options.seed, options.branch, "buggify on", point).chance(kOn);
  Random* stream = nullptr;
  if (on) {
    stream = &process_.core().streams().stream("buggify",
                                               process_.node().name() + " " + std::string(point));
  }
  points_.emplace(point, stream);
  return stream;
}

bool ChancePort::unlucky(std::string_view point) {
  if (process_.dying() || !process_.core().options().buggify) return false;
  Random* stream = stream_of(point);
  if (stream == nullptr || !stream->chance(kFires)) return false;
  Fact fact{.kind = FactKind::buggify_fired};
  fact.why = point;
  process_.emit(fact);
  return true;
}

}  // namespace weir::sim
