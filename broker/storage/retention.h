// Which segments may go: by time, by size, or because the log begins behind them.
//
// Kafka's rules for cleanup.policy=delete: oldest first and without gaps; a segment whose largest
// timestamp is older than retention.ms, or that can go while retention.bytes remain, or that ends
// at or below the log start offset. Nothing at or above the high watermark is ever deleted.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "broker/base/id.h"
#include "broker/base/time.h"
#include "broker/storage/log_config.h"

namespace weir {

struct SegmentSummary {
  Offset base;
  Offset end;  // exclusive
  std::uint64_t size = 0;
  WallTime max_timestamp{-1};    // -1: not known, then time never asks for it
  WallTime first_timestamp{-1};  // the largest of its first batch
};

struct RetentionInput {
  Offset log_start;
  Offset high_watermark;
  WallTime now;
};

struct RetentionDecision {
  std::size_t count = 0;  // so many of the oldest; if it is all, the active one is rolled first
  std::string why;        // of the last of them, for people
};

[[nodiscard]] RetentionDecision decide_retention(std::span<const SegmentSummary> segments,
                                                 const LogConfig&, const RetentionInput&);

}  // namespace weir
