// ReplicaFollower: one partition that this broker follows: from where to fetch, and what an answer
// does to the log.
//
// Truncation happens on fetch (KIP-595's form of KIP-101, KIP-279, KIP-320): every fetch names the
// epoch of the last record, the leader answers where that epoch ends for it, and the log is cut to
// the point up to which both agree, in as many rounds as it takes. The local high watermark never
// decides a truncation. An answer counts only if it belongs to the one fetch that is under way and
// to the present leader epoch (KAFKA-18991, KAFKA-7786). The high watermark is min(leader's, log
// end) and rises only after the log was changed (KAFKA-14704); the log start follows the leader's.
//
// Pure. An answer yields one FollowerStep; the driver carries it out and then reports the log's new
// bounds with on_log_changed, which yields the marks to set. Between the two no fetch begins.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <variant>

#include "broker/base/id.h"
#include "broker/base/time.h"
#include "broker/replica/partition_state.h"
#include "broker/storage/epoch_cache.h"
#include "broker/wire/error_code.h"

namespace weir {

struct FollowerConfig {
  Duration fetch_backoff = std::chrono::seconds(1);  // replica.fetch.backoff.ms
};

// What a Fetch says of one partition, and by which its answer is recognised.
struct FetchPosition {
  LeaderEpoch leader_epoch;
  Offset offset;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
  Offset log_start;
  friend bool operator==(const FetchPosition&, const FetchPosition&) = default;
};

// One batch of an answer, whole.
struct FetchedBatch {
  Offset base;
  Offset last;
  LeaderEpoch epoch;
};

struct ReplicaFetchAnswer {
  ErrorCode error = ErrorCode::none;
  Offset high_watermark = kUnknownOffset;
  Offset log_start = kUnknownOffset;
  std::optional<EpochEnd> diverging = {};
  std::span<const FetchedBatch> batches = {};
};

// The answer belongs to another fetch or epoch: drop it.
struct IgnoreAnswer {};
// Nothing to do before `until`; `why` is for people.
struct WaitThen {
  Instant until;
  ErrorCode why;
};
// Ask the leader, in this epoch and as a replica, where its log starts and ends (ListOffsets
// earliest and latest), then on_leader_ends.
struct AskLeaderEnds {
  FetchPosition asked;
};
// Cut the log and its epoch cache to end at `to`. `below_high_watermark`: something that was once
// called committed goes, which only an unclean election explains: say so loudly.
struct TruncateLog {
  Offset to;
  bool below_high_watermark = false;
};
// Throw the whole log and its epoch cache away and begin an empty one at this offset.
struct StartLogAt {
  Offset at;
  bool below_high_watermark = false;
};
// Append the first `batches` batches of the answer, as they are; may be none.
struct AppendFetched {
  std::size_t batches = 0;
};

using FollowerStep =
    std::variant<IgnoreAnswer, WaitThen, AskLeaderEnds, TruncateLog, StartLogAt, AppendFetched>;

// What the log is to be told after a change; `before` and `after` are equal where nothing moved.
struct FollowerMarks {
  Offset high_watermark_before;
  Offset high_watermark_after;
  Offset log_start_before;
  Offset log_start_after;  // advance the log to it; never beyond the high watermark
};

class ReplicaFollower {
 public:
  // `high_watermark` is the replica's own, from a checkpoint or an earlier office. `cache` is that
  // of the log, from which the driver has dropped epochs that begin at the log's end: those that
  // this broker began as a leader and wrote nothing in.
  ReplicaFollower(FollowerConfig config, const PartitionState& state, const LogBounds& log,
                  Offset high_watermark, const EpochCache& cache);

  // Newer committed state, of which this broker is no leader. A new leader epoch makes every answer
  // under way void, and ends any backoff, even if the leader is the same broker (KAFKA-7164).
  void update(const PartitionState& state);

  // Whether a fetch may begin now; when it may at the earliest (never: only by another input).
  [[nodiscard]] bool ready(Instant now) const { return ready_at() <= now; }
  [[nodiscard]] Instant ready_at() const;
  // What to ask; the fetch is then under way. Only where ready().
  [[nodiscard]] FetchPosition begin_fetch();

  [[nodiscard]] FollowerStep on_fetch_answer(const FetchPosition& asked,
                                             const ReplicaFetchAnswer& answer,
                                             const EpochCache& cache, Instant now);
  // No answer will come: the connection broke, or the time is over. (Where AskLeaderEnds got no
  // answer: on_leader_ends with NETWORK_EXCEPTION.)
  void on_fetch_failed(const FetchPosition& asked, Instant now);
  [[nodiscard]] FollowerStep on_leader_ends(const FetchPosition& asked, ErrorCode error,
                                            const LogBounds& leader, Instant now);

  // The driver has carried out a TruncateLog, StartLogAt or AppendFetched: the log is like this.
  [[nodiscard]] FollowerMarks on_log_changed(const LogBounds& log, const EpochCache& cache);
  // It could not append: the bytes are damaged. Nothing changed; tried again after a while.
  void on_append_refused(Instant now);
  // Retention moved the log's start.
  void on_log_start(Offset log_start);
  // The log has failed or is closed: nothing more is fetched by this object.
  void on_log_failed();

  [[nodiscard]] BrokerId leader() const { return leader_; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  [[nodiscard]] PartitionEpoch partition_epoch() const { return partition_epoch_; }
  [[nodiscard]] const LogBounds& log() const { return log_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] LeaderEpoch last_fetched_epoch() const { return last_epoch_; }
  [[nodiscard]] bool fetching() const { return phase_ == Phase::fetching; }
  [[nodiscard]] bool offline() const { return phase_ == Phase::offline; }

 private:
  enum class Phase : std::uint8_t { idle, fetching, asking, writing, offline };

  // The leader's marks that came with the records being written.
  struct LeaderMarks {
    Offset high_watermark;
    Offset log_start;
  };

  [[nodiscard]] FetchPosition position() const;
  [[nodiscard]] bool asked_just_so(const FetchPosition& asked) const;
  [[nodiscard]] FollowerStep back_off(ErrorCode why, Instant now);
  [[nodiscard]] FollowerStep truncate_to(Offset to);
  [[nodiscard]] FollowerStep start_at(Offset at);
  [[nodiscard]] FollowerStep truncate_diverging(const EpochEnd& leader, const EpochCache& cache,
                                                Instant now);
  [[nodiscard]] FollowerStep append(const ReplicaFetchAnswer& answer, Instant now);

  FollowerConfig config_;
  BrokerId leader_ = kNoLeaderId;
  LeaderEpoch leader_epoch_;
  PartitionEpoch partition_epoch_;
  LogBounds log_;
  Offset high_watermark_;
  LeaderEpoch last_epoch_ = kNoLeaderEpoch;  // of the last record
  Phase phase_ = Phase::idle;
  Instant not_before_{0};  // backoff
  std::optional<LeaderMarks> marks_;
};

}  // namespace weir
