// The decision, segment by segment, and the groups.
#include "broker/storage/compaction_plan.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;

// An age that cannot overflow, whatever a producer put into its timestamp; none where unknown.
std::int64_t age_of(WallTime timestamp, WallTime now) {
  if (timestamp.ms < 0 || timestamp.ms > now.ms) return 0;
  return now.ms - timestamp.ms;
}

Offset first_uncleanable(std::span<const SegmentSummary> segments, const LogConfig& config,
                         const CompactionInput& input) {
  Offset to = std::min(input.bound, segments.back().base);
  if (config.min_compaction_lag_ms <= 0) return to;
  for (const SegmentSummary& segment : segments) {
    if (segment.end <= input.log_start || segment.max_timestamp.ms < 0) continue;
    if (age_of(segment.max_timestamp, input.now) >= config.min_compaction_lag_ms) continue;
    return std::min(to, std::max(segment.base, input.log_start));
  }
  return to;
}

}  // namespace

CompactionDecision decide_compaction(std::span<const SegmentSummary> segments,
                                     const LogConfig& config, const CompactionInput& input) {
  CompactionDecision decision;
  decision.from = std::max(input.log_start, input.checkpoint);
  // A checkpoint beyond the log is of a log that was cut: nothing is known to be clean.
  if (input.checkpoint > input.log_end) decision.from = input.log_start;
  decision.to = first_uncleanable(segments, config, input);
  if (!config.cleanup_policy.compact || decision.from >= decision.to) return decision;

  std::uint64_t clean = 0;
  std::uint64_t dirty = 0;
  std::int64_t oldest = 0;
  for (const SegmentSummary& segment : segments) {
    if (segment.base >= decision.to) break;
    if (segment.end <= decision.from) {
      clean += segment.size;
      continue;
    }
    if (dirty == 0) oldest = age_of(segment.first_timestamp, input.now);
    dirty += segment.size;
  }
  if (config.max_compaction_lag_ms < LogConfig::kForever && oldest > config.max_compaction_lag_ms) {
    decision.wanted = true;
    decision.why = "dirty records are older than max.compaction.lag.ms=" +
                   std::to_string(config.max_compaction_lag_ms);
    return decision;
  }
  const std::uint64_t total = clean + dirty;
  const auto ppm = total == 0 ? 0 : dirty * kMillion / total;
  if (total > 0 && ppm > static_cast<std::uint64_t>(config.min_cleanable_dirty_ppm)) {
    decision.wanted = true;
    decision.why = std::to_string(ppm / 10'000) + "% of the log are dirty";
  }
  return decision;
}

std::vector<std::size_t> group_segments(std::span<const SegmentSummary> segments, std::size_t count,
                                        const LogConfig& config) {
  const auto largest = static_cast<std::uint64_t>(config.segment_bytes);
  std::vector<std::size_t> groups;
  std::uint64_t size = 0;
  Offset base;
  for (const SegmentSummary& segment : segments.first(count)) {
    const bool joins = !groups.empty() && size + segment.size <= largest &&
                       segment.end - 1 - base <= config.segment_offset_span;
    if (joins) {
      ++groups.back();
      size += segment.size;
      continue;
    }
    groups.push_back(1);
    size = segment.size;
    base = segment.base;
  }
  return groups;
}

}  // namespace weir
