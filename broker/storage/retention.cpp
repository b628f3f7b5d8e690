// The rules of retention, segment by segment from the oldest.
#include "broker/storage/retention.h"

namespace weir {
namespace {

// Why this segment, the oldest that is left, may go; empty: it stays.
std::string reason(const SegmentSummary& segment, std::uint64_t total, const LogConfig& config,
                   const RetentionInput& input) {
  if (segment.end <= input.log_start) return "below the log start offset";
  if (!config.cleanup_policy.remove) return {};
  const bool timed = config.retention_ms >= 0 && segment.max_timestamp.ms >= 0;
  if (timed && input.now.ms - segment.max_timestamp.ms > config.retention_ms) {
    return "older than retention.ms=" + std::to_string(config.retention_ms);
  }
  if (config.retention_bytes >= 0 &&
      total - segment.size >= static_cast<std::uint64_t>(config.retention_bytes)) {
    return "the log is larger than retention.bytes=" + std::to_string(config.retention_bytes);
  }
  return {};
}

}  // namespace

RetentionDecision decide_retention(std::span<const SegmentSummary> segments,
                                   const LogConfig& config, const RetentionInput& input) {
  std::uint64_t total = 0;
  for (const SegmentSummary& segment : segments) total += segment.size;
  RetentionDecision decision;
  for (const SegmentSummary& segment : segments) {
    const bool active = &segment == &segments.back();
    if (segment.end > input.high_watermark || (active && segment.size == 0)) break;
    const std::string why = reason(segment, total, config, input);
    if (why.empty()) break;
    total -= segment.size;
    ++decision.count;
    decision.why = why;
  }
  return decision;
}

}  // namespace weir
