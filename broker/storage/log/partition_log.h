// PartitionLog: the log of one partition on this node's disk, as the rest of the broker sees it.
//
// A coroutine shell around the pure parts in broker/storage (format, indexes, recovery scan, epoch
// cache, producer state). It keeps these promises, whatever crashes or fails:
//  - Appends take effect one at a time. The log end advances as soon as the bytes are written, the
//    producer state only after that (KAFKA-7866, KAFKA-6683).
//  - A segment exists only if all earlier ones, and the producer state at its beginning, are
//    durable.
//  - After a failed sync, or when the disk leaves the log in a state that is not known, the log has
//    failed: every later operation answers KAFKA_STORAGE_ERROR until it is opened anew.
// It does not know leaders, high watermarks or acks: that is the caller's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/ports/machine.h"
#include "broker/ports/task.h"
#include "broker/storage/log_config.h"
#include "broker/wire/error_code.h"

namespace weir {

struct LogOptions {
  std::string topic;
  std::int32_t partition = 0;
  std::string directory;  // relative to the node's data directory, e.g. "orders-0"
  LogConfig config;
};

// Who appends. Only a client's batches are checked against the producer state and get offsets and
// an epoch; a replica's are kept as its leader made them.
enum class AppendOrigin : std::uint8_t { client, replication };

struct AppendOutcome {
  ErrorCode error = ErrorCode::none;
  Offset base_offset{-1};
  Offset last_offset{-1};
  WallTime log_append_time{-1};  // -1 unless message.timestamp.type is LogAppendTime
  Offset log_start_offset{-1};
  bool duplicate = false;     // the batch was here already; base and last offset are those of then
  std::string error_message;  // for the response, empty when there is nothing to add
};

struct ReadOutcome {
  ErrorCode error = ErrorCode::none;  // offset_out_of_range, corrupt_message, kafka_storage_error
  Slice batches;                      // whole batches, one after the other; may be empty
  Offset first_offset{-1};            // base offset of the first batch (may be below `from`)
  Offset next_offset{-1};             // where the next read continues; `from` if there was nothing
};

struct TimestampOffset {
  ErrorCode error = ErrorCode::none;
  Offset offset{-1};  // -1: there is no such record
  WallTime timestamp{-1};
  LeaderEpoch epoch = kNoLeaderEpoch;
};

struct EpochEnd {
  LeaderEpoch epoch = kNoLeaderEpoch;  // none: undefined
  Offset end_offset{-1};
};

// Everything about one partition's log; must outlive the operations that were started on it.
class PartitionLog {
 public:
  // Opens what is there, or makes a new log: recovers from whatever a crash left behind. Errors:
  // io_error, no_space, and malformed where the directory cannot be understood.
  [[nodiscard]] static Task<Result<std::unique_ptr<PartitionLog>>> open(Machine& machine,
                                                                        LogOptions options);
  ~PartitionLog();
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  // Client origin: exactly one batch of magic 2; offset, leader epoch (and, for LogAppendTime, the
  // timestamp) are set here, in a copy only of the header. Replication: one or more batches as the
  // leader has them; `epoch` is not used. With flush.messages = 1 a successful outcome, a duplicate
  // too, means durable.
  [[nodiscard]] Task<AppendOutcome> append(Slice batch, AppendOrigin origin, LeaderEpoch epoch);

  // Whole batches from the one that contains `from` on, of at most max_bytes together, none of
  // which reaches beyond `bound` (exclusive, e.g. the high watermark). `at_least_one_batch`: the
  // first one comes even if it alone is larger. offset_out_of_range: below the log start or above
  // the log end.
  [[nodiscard]] Task<ReadOutcome> read(Offset from, std::size_t max_bytes, Offset bound,
                                       bool at_least_one_batch);

  // The first record whose timestamp is at least `timestamp`, among those below `bound`.
  [[nodiscard]] Task<TimestampOffset> offset_for_timestamp(WallTime timestamp, Offset bound);
  // The first record that has the largest timestamp of all below `bound` (ListOffsets -3).
  [[nodiscard]] Task<TimestampOffset> offset_of_max_timestamp(Offset bound);

  [[nodiscard]] Offset log_start_offset() const;
  [[nodiscard]] Offset log_end_offset() const;
  // Everything below is on stable storage.
  [[nodiscard]] Offset flushed_offset() const;
  // None (-1) while no batch was appended and no epoch was assigned.
  [[nodiscard]] LeaderEpoch latest_epoch() const;
  // Where that epoch ends in this log (OffsetForLeaderEpoch; kafka's endOffsetFor).
  [[nodiscard]] EpochEnd end_offset_for_epoch(LeaderEpoch epoch) const;
  [[nodiscard]] std::uint64_t size_in_bytes() const;
  [[nodiscard]] const LogConfig& config() const;
  void set_config(const LogConfig& config);
  [[nodiscard]] bool failed() const;
  // Why it failed, for people; empty while it has not.
  [[nodiscard]] const std::string& failure() const;

  // A new leader notes that its epoch begins at the log end, before it appends (KAFKA-7415).
  [[nodiscard]] Task<ErrorCode> assign_epoch(LeaderEpoch epoch);

  // Makes everything appended so far durable.
  [[nodiscard]] Task<ErrorCode> flush();

  // Removes all records at and above `offset`; durable when it returns.
  [[nodiscard]] Task<ErrorCode> truncate_to(Offset offset, std::string why);

  // Records below `offset` are gone, logically at once and durably; whole segments below it are
  // deleted. offset_out_of_range above the log end; going back is silently nothing.
  [[nodiscard]] Task<ErrorCode> advance_log_start(Offset offset);

  // What time asks for: retention by time and size, never at or above the high watermark; expiry of
  // producers; flush.ms. To be called now and then (log.retention.check.interval.ms).
  [[nodiscard]] Task<ErrorCode> maintain(Offset high_watermark);

  // The clean shutdown: makes everything durable and leaves the marker that spares the next open
  // its scan. No operation may follow.
  [[nodiscard]] Task<ErrorCode> close();

  // Deletes the log with its directory, as the deletion of a topic asks. No operation may follow.
  [[nodiscard]] Task<ErrorCode> remove();

 private:
  class Impl;
  explicit PartitionLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
