// Whether a log is worth cleaning now, which part of it, and in which groups of segments.
//
// Kafka's rules for cleanup.policy=compact: from the end of the last cleaning (the cleaner
// checkpoint) up to the least of the bound (the owner's min of high watermark and last stable
// offset: KAFKA-13194), the active segment's base, and the first segment with a record younger than
// min.compaction.lag.ms; when min.cleanable.dirty.ratio is passed, or a dirty record is older than
// max.compaction.lag.ms (KIP-58, KIP-354).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "broker/storage/log_config.h"
#include "broker/storage/retention.h"

namespace weir {

struct CompactionInput {
  Offset log_start;
  Offset log_end;
  Offset checkpoint{-1};  // -1: never cleaned
  Offset bound;           // exclusive
  WallTime now;
};

struct CompactionDecision {
  bool wanted = false;
  Offset from{0};  // the first dirty offset
  Offset to{0};    // the first that may not be cleaned; from >= to: nothing to do
  std::string why = {};
};

// `segments`: all of the log, ascending; the last one is active.
[[nodiscard]] CompactionDecision decide_compaction(std::span<const SegmentSummary> segments,
                                                   const LogConfig&, const CompactionInput&);

// The first `count` segments in groups, each of which becomes one segment: together they are no
// larger than segment.bytes and span no more offsets than an index can hold (KAFKA-5413). Yields
// the number of segments in each group.
[[nodiscard]] std::vector<std::size_t> group_segments(std::span<const SegmentSummary> segments,
                                                      std::size_t count, const LogConfig&);

}  // namespace weir
