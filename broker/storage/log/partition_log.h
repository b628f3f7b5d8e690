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

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/bytes.h"
#include "broker/base/id.h"
#include "broker/base/result.h"
#include "broker/base/time.h"
#include "broker/ports/machine.h"
#include "broker/ports/task.h"
#include "broker/storage/batch_select.h"
#include "broker/storage/epoch_cache.h"
#include "broker/storage/file_names.h"
#include "broker/storage/log/fair_lock.h"
#include "broker/storage/log/log_segment.h"
#include "broker/storage/log_config.h"
#include "broker/storage/producer_state.h"
#include "broker/storage/retention.h"
#include "broker/storage/segment_scan.h"
#include "broker/wire/error_code.h"

namespace weir {

struct LogOptions {
  std::string topic;
  std::int32_t partition = 0;
  std::string directory;  // relative to the node's data directory, e.g. "orders-0"
  LogConfig config;
  // Without the marker of a clean shutdown the segments that reach beyond it are scanned
  // (recovery-point-offset-checkpoint). Where it is not known only the last one is, since this log
  // begins no segment before all earlier ones are durable.
  std::optional<Offset> recovery_point = {};
  // Whether read() looks at checksums, so that rot is found by whoever meets it first.
  bool verify_reads = true;
};

// Who appends. Only a client's batches are checked as a producer's, and against the producer state;
// a coordinator's (of groups or transactions) only for a fenced producer epoch; those of the
// metadata quorum not at all. Offsets and epoch are assigned to all of them, but a replica's
// batches are kept as its leader made them (KAFKA-6003).
enum class AppendOrigin : std::uint8_t { client, replication, coordinator, raft };

// Of Produce, for appends that no request brought.
inline constexpr std::int16_t kNewestProduceVersion = 12;

struct AppendOutcome {
  ErrorCode error = ErrorCode::none;
  Offset base_offset{-1};
  Offset last_offset{-1};
  WallTime log_append_time{-1};  // -1 unless message.timestamp.type is LogAppendTime
  Offset log_start_offset{-1};
  bool duplicate = false;  // the batch was here already; base and last offset are those of then
  std::string error_message = {};  // for the response, empty when there is nothing to add
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

// Bytes that cannot be believed any more, found by a reader or a cleaner.
struct LogDamage {
  Offset from;       // everything below it is whole
  std::string what;  // file, and what is wrong, for people
};

// What the opening found.
struct RecoveryReport {
  bool clean = false;   // closed in order, nothing had to be scanned
  Offset cut_from{-1};  // the log ended there before something was cut off, as far as is known
  std::string cut_why;  // empty: nothing was cut off
  bool durable_lost = false;  // the cut went below the recovery point: no crash does that, rot does
};

struct CompactionOutcome {
  // kafka_storage_error, corrupt_message (see damage()); operation_not_attempted where a
  // truncation or the end of the log came in between: nothing is harmed, try again later.
  ErrorCode error = ErrorCode::none;
  bool cleaned = false;  // false without an error: not worth it now
  Offset from{0};        // the dirty part that was cleaned
  Offset to{0};
  std::int64_t records_removed = 0;
  std::string why = {};  // why it was worth it
};

// What one pass of a cleaning knows; private to the log (compact.cpp).
struct CleaningPass;

// Everything about one partition's log; must outlive the operations that were started on it.
class PartitionLog {
 public:
  // Opens what is there, or makes a new log: recovers from whatever a crash left behind. Errors:
  // io_error, no_space, and malformed where the directory cannot be understood.
  [[nodiscard]] static Task<Result<std::unique_ptr<PartitionLog>>> open(Machine& machine,
                                                                        LogOptions options);
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  // Client origin: exactly one batch of magic 2; offset, leader epoch (and, for LogAppendTime, the
  // timestamp) are set here, in a copy only of the header. Replication: one or more batches as the
  // leader has them; `epoch` is not used. With flush.messages = 1 a successful outcome, a duplicate
  // too, means durable.
  // `produce_version` is that of the client's request: older ones may not use every codec.
  [[nodiscard]] Task<AppendOutcome> append(Slice batch, AppendOrigin origin, LeaderEpoch epoch,
                                           std::int16_t produce_version = kNewestProduceVersion);

  // Batches of the leader's own making, one or more: offsets and the epoch are assigned in copies
  // of the headers, in one go. Origin raft or coordinator. offset_out_of_range: the log does not
  // end at `expected` any more, where one is given; fenced_leader_epoch: a later epoch is known.
  [[nodiscard]] Task<AppendOutcome> append_prepared(Slice batches, AppendOrigin origin,
                                                    LeaderEpoch epoch,
                                                    std::optional<Offset> expected = {});

  // Whole batches from the one that contains `from` on, of at most max_bytes together, none of
  // which reaches beyond `bound` (exclusive, e.g. the high watermark; kNoBound: the log end).
  // `at_least_one_batch`: the first one comes even if it alone is larger. offset_out_of_range:
  // below the log start or above the log end. corrupt_message: a batch is damaged, see damage();
  // whole batches before it were handed out first.
  static constexpr Offset kNoBound{std::numeric_limits<std::int64_t>::max()};
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
  // Of the record at that offset; none where the log does not reach back to it.
  [[nodiscard]] LeaderEpoch epoch_at(Offset offset) const;
  // What a follower sends as LastFetchedEpoch: the latest it knows, of a record or assigned.
  [[nodiscard]] LeaderEpoch last_fetched_epoch() const { return latest_epoch(); }
  [[nodiscard]] const std::vector<EpochStart>& epochs() const { return epochs_.entries(); }
  [[nodiscard]] const EpochCache& epoch_cache() const { return epochs_; }
  [[nodiscard]] const ProducerStates& producers() const { return producers_; }
  [[nodiscard]] std::uint64_t size_in_bytes() const;
  [[nodiscard]] const LogConfig& config() const;
  void set_config(const LogConfig& config);
  [[nodiscard]] bool failed() const;
  // Why it failed, for people; empty while it has not.
  [[nodiscard]] const std::string& failure() const;
  [[nodiscard]] const RecoveryReport& recovery() const { return recovery_; }
  // Set once a read or a cleaning met it, gone when it was cut off. The log lives on: all that is
  // whole is served, appends go on. What to do is the owner's decision. A leader should hand over
  // and become a follower; a follower leaves the ISR where `from` is below its high watermark (it
  // does not hold what it vouched for), calls truncate_to(from), and fetches the rest again.
  [[nodiscard]] const std::optional<LogDamage>& damage() const { return damage_; }

  // A new leader notes that its epoch begins at the log end, before it appends (KAFKA-7415).
  [[nodiscard]] Task<ErrorCode> assign_epoch(LeaderEpoch epoch);

  // Makes everything appended so far durable.
  [[nodiscard]] Task<ErrorCode> flush();

  // Removes all records at and above `offset`; durable when it returns. The batch that contains it
  // goes as a whole, and so does everything from a damaged batch below it on: the log end tells.
  [[nodiscard]] Task<ErrorCode> truncate_to(Offset offset, std::string why);

  // Forgets everything, also epochs and producers: the log is empty and begins and ends at `start`,
  // which may be anywhere. For a follower behind its leader's log start, and for the metadata log
  // when a snapshot was loaded. After a crash in between the log is a beginning of what it was,
  // possibly empty.
  [[nodiscard]] Task<ErrorCode> truncate_fully_and_start_at(Offset start, std::string why);

  // Takes these for the epochs of the log, durably: entries that do not ascend, or that lie outside
  // of the log, are invalid_request.
  [[nodiscard]] Task<ErrorCode> reset_epochs(std::vector<EpochStart> epochs);

  // Records below `offset` are gone, logically at once and durably; whole segments below it are
  // deleted. offset_out_of_range above the log end; going back is silently nothing. So
  // DeleteRecords (the caller keeps it at or below the high watermark; it may be inside a batch), a
  // follower after its leader, and the metadata log up to a snapshot's end.
  [[nodiscard]] Task<ErrorCode> advance_log_start(Offset offset);

  // What time asks for: retention by time and size, never at or above the high watermark; expiry of
  // producers; flush.ms; the files of replaced segments. To be called now and then
  // (log.retention.check.interval.ms). Cleaning is not part of it, see compact().
  [[nodiscard]] Task<ErrorCode> maintain(Offset high_watermark);

  // Cleans the log, where cleanup.policy has "compact" and it is worth it. `bound` is the least of
  // high watermark and last stable offset. Reads and appends go on meanwhile; one cleaning at a
  // time. To be called now and then (log.cleaner.backoff.ms), not inside of maintain(), so that
  // retention does not wait for it.
  [[nodiscard]] Task<CompactionOutcome> compact(Offset bound);
  // A cleaning under way gives up soon, and no other begins: before the partition is closed.
  void stop_cleaning() { stop_cleaning_ = true; }
  // The log was cleaned below it; -1: never.
  [[nodiscard]] Offset cleaner_checkpoint() const { return cleaner_checkpoint_; }

  // The clean shutdown: makes everything durable and leaves the marker that spares the next open
  // its scan. No operation may follow.
  [[nodiscard]] Task<ErrorCode> close();

  // Deletes the log with its directory, as the deletion of a topic asks. No operation may follow.
  [[nodiscard]] Task<ErrorCode> remove();

 private:
  using Segment = std::shared_ptr<LogSegment>;
  // A file whose name ends in .deleted, and when it may go (file.delete.delay.ms).
  struct Deletion {
    Instant due;
    std::string name;
  };

  PartitionLog(Machine& machine, LogOptions options);

  // State and errors (partition_log.cpp).
  [[nodiscard]] bool usable() const { return failure_.empty(); }
  ErrorCode fail(std::string_view what, const boost::system::error_code& error);
  // A full disk refuses, and the log lives on; every other error fails it.
  ErrorCode fail_unless_full(std::string_view what, const boost::system::error_code& error);
  [[nodiscard]] std::string path(std::string_view name) const;
  [[nodiscard]] LogSegment& active() const { return *segments_.back(); }
  [[nodiscard]] Fact fact(FactKind kind) const;
  [[nodiscard]] std::vector<SegmentSummary> summaries() const;

  // Opening (recovery.cpp); an error ends it.
  Task<Result<void>> recover();
  void report_recovery(bool clean);
  Task<Result<DirectoryPlan>> tidy_directory();
  Task<Result<void>> finish_interrupted_swap(DirectoryPlan& plan, Rename rename);
  Task<Offset> take_clean_marker();
  Task<Result<Offset>> read_number(std::string_view name);
  Task<Result<void>> load_segments(std::vector<Offset> bases, Offset clean_end);
  Task<Result<void>> drop_segments(std::vector<Offset> bases);
  // Loading of one segment (load_segment.cpp).
  Task<Result<Segment>> load_segment(Offset base, std::optional<Offset> durable_end);
  Task<bool> load_index(LogSegment& segment);
  Task<Result<std::string>> scan_into(LogSegment& segment, std::uint64_t file_size,
                                      Offset farthest);
  // What is derived from the segments (replay.cpp).
  Task<Result<void>> restore_state(std::vector<Offset> snapshots, bool clean);
  Task<bool> load_epochs();
  Task<Result<Offset>> load_producers(std::vector<Offset> snapshots);
  Task<Result<void>> replay(Offset epochs_from, Offset producers_from);

  // Appending (append.cpp).
  Task<AppendOutcome> append_client(Slice batch, LeaderEpoch epoch, std::int16_t produce_version);
  Task<ErrorCode> undo_write(boost::system::error_code error);
  // `first` and `records`: the bytes of the batch, as batch_digest() takes them.
  void written(const BatchHeader& header, Bytes head, Bytes records, WallTime now);
  AppendOutcome refuse(const BatchHeader& header, ErrorCode error, std::string why) const;
  AppendOutcome deduplicate(const BatchHeader& header, const ProducerVerdict& verdict) const;
  [[nodiscard]] bool wants_flush();
  Task<ErrorCode> flush_appended(Offset end);

  // Appending what was not made by a client (append_batches.cpp).
  Task<AppendOutcome> append_replica(Slice batches);
  AppendOutcome check_prepared(std::span<const RecordBatch> batches, AppendOrigin origin) const;
  Task<AppendOutcome> append_prepared_locked(Slice batches, AppendOrigin origin, LeaderEpoch epoch,
                                             std::optional<Offset> expected);

  // Rolling and syncing (roll.cpp).
  [[nodiscard]] bool wants_roll(const BatchHeader& next, std::uint64_t bytes,
                                std::uint64_t pending = 0);
  Task<ErrorCode> roll();
  Task<Result<void>> save_derived(Offset at);
  Task<Result<void>> save_epochs();
  Task<ErrorCode> drop_empty_epochs();
  [[nodiscard]] bool begins_within(const BatchHeader& first) const;
  Task<Result<void>> create_segment(Offset base);
  Task<ErrorCode> sync_up_to(Offset end);
  Task<ErrorCode> sync_active();

  // Cutting at both ends (trim.cpp).
  Task<ErrorCode> truncate_locked(Offset offset, std::string why);
  Task<Result<void>> cut(Offset offset);
  Task<Result<void>> cut_active(Offset offset);
  Task<Result<void>> lower_cleaner_checkpoint(Offset offset);
  Task<ErrorCode> advance_locked(Offset offset);
  Task<Result<void>> delete_before(Offset log_start);
  Task<ErrorCode> retain(Offset high_watermark);
  Task<Result<void>> remove_segment_files(Offset base);
  Task<Result<void>> close_locked();
  Task<Result<void>> remove_all();
  // Beginning anew (restart.cpp).
  Task<ErrorCode> restart_locked(Offset start, Offset base, std::string why);
  Task<Result<void>> forget_derived();
  Task<Result<void>> restart_at(Offset start, Offset first);
  Task<ErrorCode> reset_epochs_locked(std::vector<EpochStart> epochs);
  // Files that go later (deletions.cpp).
  Task<Result<void>> retire_segment_files(Offset base);
  Task<> purge_deletions();

  // Cleaning (compact.cpp, clean_group.cpp).
  Task<CompactionOutcome> compact_locked(Offset bound);
  Task<Result<void>> clean_pass(CleaningPass& pass);
  Task<Result<void>> learn_transactions(CleaningPass& pass);
  Task<Result<void>> learn_keys(CleaningPass& pass);
  Task<Result<void>> next_batches(Segment segment, SegmentScan& scan,
                                  std::vector<ScannedBatch>& found);
  Task<Result<void>> save_cleaner_checkpoint(Offset offset);
  [[nodiscard]] bool must_give_up(Offset known_below) const;
  Task<Result<void>> clean_group(CleaningPass& pass, std::vector<Segment> group);
  Task<Result<void>> write_cleaned(CleaningPass& pass, Segment cleaned, std::vector<Segment> group);
  Task<Result<void>> flush_cleaned(Segment cleaned, std::vector<Slice>& parts);
  Task<Result<void>> swap_in(CleaningPass& pass, Segment cleaned, std::vector<Segment> group);
  [[nodiscard]] bool stands(const std::vector<Segment>& group) const;
  Task<Result<void>> commit_swap(std::string name);
  Task<Result<void>> finish_swap(Segment cleaned, std::vector<Segment> group);

  // Reading (read.cpp).
  void note_damage(Offset from, const LogSegment& segment, std::string_view what);
  [[nodiscard]] Segment segment_of(Offset offset) const;
  [[nodiscard]] Segment segment_after(Offset base) const;
  Task<Result<ReadOutcome>> read_segment(Segment segment, ReadLimits limits);
  Task<TimestampOffset> find_timestamp(WallTime timestamp, Offset from, Offset bound);
  Task<WallTime> max_timestamp_in(Offset from, Offset bound);
  Task<WallTime> max_record_timestamp(Offset bound);
  void verify(ReadOutcome& outcome, Offset from, const LogSegment& segment);

  Machine& machine_;
  LogOptions options_;
  FairLock write_lock_;            // held by whoever changes the log; taken before sync_lock_
  FairLock clean_lock_;            // held by a cleaning; taken before write_lock_
  FairLock sync_lock_;             // held during a sync, by whoever does not want one meanwhile
  std::vector<Segment> segments_;  // ascending, never empty once open; the last one is active
  EpochCache epochs_;
  bool epochs_changed_ = false;  // since the checkpoint was written
  ProducerStates producers_;
  Codecs codecs_;
  Offset log_start_{0};
  Offset log_end_{0};
  Offset flushed_{0};
  Instant last_flush_;
  std::uint64_t truncations_ = 0;  // lets a reader see that its bytes were cut off meanwhile
  Offset cleaner_checkpoint_{-1};
  Offset lowest_cut_{0};        // of the truncations since the cleaning under way began
  bool stop_cleaning_ = false;  // no cleaning may go on
  std::vector<Deletion> deletions_;
  RecoveryReport recovery_;
  std::optional<LogDamage> damage_;
  std::string failure_;
  std::string cut_why_;  // what recovery cut off, for people; empty if nothing was
  Offset cut_from_{-1};  // how far the log reached before that, as far as is known
};

}  // namespace weir
