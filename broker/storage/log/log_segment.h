// One segment of a running log: its open file and what is known of its content.
//
// Held by shared pointers: a reader keeps the segment, and with it the open file, while a deletion
// takes it out of the log.
#pragma once

#include <memory>

#include "broker/base/id.h"
#include "broker/base/time.h"
#include "broker/ports/disk.h"
#include "broker/storage/log_config.h"
#include "broker/storage/segment_index.h"

namespace weir {

struct LogSegment {
  LogSegment(Offset base_offset, std::unique_ptr<File> opened, const LogConfig& config,
             WallTime now)
      : base(base_offset),
        file(std::move(opened)),
        end(base_offset),
        index(base_offset, config.index_interval_bytes),
        created(now) {}

  Offset base;
  std::unique_ptr<File> file;
  std::uint64_t size = 0;  // of whole batches, which is the size of the file but during a write
  Offset end;              // exclusive
  SegmentIndex index;
  WallTime created;
  WallTime first_timestamp{-1};  // the largest of its first batch; segment.ms counts from it

  // A batch lies at the end of the file now.
  void note(const BatchHeader& header) {
    if (size == 0) first_timestamp = WallTime{header.max_timestamp};
    index.note(header, size);
    size += header.size();
    end = header.next_offset();
  }
};

}  // namespace weir
