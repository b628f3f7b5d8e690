// Partition: one replica on this broker: its log, its role, its high watermark, and who waits for
// it.
//
// What is committed, who is in sync and where to fetch from is decided by ReplicaLeader and
// ReplicaFollower (broker/replica); this class carries their effects out and keeps log and role
// together: an office ends only when every operation that began in it has ended. A broker that
// stands alone leads with itself as the only replica, by the same rules. Who changes the role does
// it from one coroutine at a time. Fetches and appends that wait put an alarm here; there is no
// polling.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/id.h"
#include "broker/controller/settings.h"
#include "broker/ports/machine.h"
#include "broker/replica/replica_follower.h"
#include "broker/replica/replica_leader.h"
#include "broker/storage/log/partition_log.h"

namespace weir {

class Partition;

// Who stands behind a partition in a cluster.
class PartitionOwner {
 public:
  virtual ~PartitionOwner() = default;
  // For the controller.
  virtual void propose(const IsrProposal& proposal) = 0;
  // The leader's next deadline, after each of its inputs.
  virtual void deadline_is(Instant deadline) = 0;
  // Before a log is cut: no checkpoint may say more than is left. False: that could not be stored.
  [[nodiscard]] virtual Task<bool> before_cut(const Partition& partition) = 0;
};

struct PartitionOptions {
  BrokerId self;
  PartitionKey key;
  std::string topic;
  TopicSettings settings;
  Duration lag_max = std::chrono::seconds(30);       // replica.lag.time.max.ms
  Duration fetch_backoff = std::chrono::seconds(1);  // replica.fetch.backoff.ms
  Offset high_watermark{0};                          // as it was checkpointed
};

// One partition of the answer to a replica's Fetch.
struct FetchedPart {
  ErrorCode error = ErrorCode::none;
  Offset high_watermark = kUnknownOffset;
  Offset log_start = kUnknownOffset;
  std::optional<EpochEnd> diverging = {};
  Slice records = {};
};

class Partition {
 public:
  // `owner` is null where the broker stands alone. Owner and brokers outlive the partition.
  Partition(Machine& machine, PartitionOptions options, const LiveBrokers& brokers,
            PartitionOwner* owner, std::unique_ptr<PartitionLog> log);

  [[nodiscard]] const PartitionKey& key() const { return options_.key; }
  [[nodiscard]] const std::string& topic() const { return options_.topic; }
  [[nodiscard]] std::int32_t index() const { return options_.key.index; }
  [[nodiscard]] const PartitionLog& log() const { return *log_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  // Everything below is durable, and will not be cut.
  [[nodiscard]] Offset recovery_point() const;
  // The committed state that was applied last.
  [[nodiscard]] const PartitionState& state() const { return state_; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return state_.leader_epoch; }
  // Null unless it serves as a leader.
  [[nodiscard]] const ReplicaLeader* leader() const;
  // Null unless it follows.
  [[nodiscard]] ReplicaFollower* follower();
  // Being deleted or closed: no new operation may begin.
  [[nodiscard]] bool gone() const { return role_ == Role::gone; }
  // Another number: what was judged before must be judged anew.
  [[nodiscard]] std::uint64_t office() const { return office_; }
  // Grow with every append, and with every advance of the high watermark; who waits for bytes
  // compares.
  [[nodiscard]] std::uint64_t appended_bytes() const { return appended_bytes_; }
  [[nodiscard]] std::uint64_t committed_bytes() const { return committed_bytes_; }

  // -- roles (partition_roles.cpp) ----------------------------------------------------------------

  // Takes office in that state, in a new or in an unbroken leadership. fenced_leader_epoch: the log
  // knows a later epoch, so the state is an old one; the partition then has no role.
  [[nodiscard]] Task<ErrorCode> lead(PartitionState state);
  // Follows, or stands by where there is no leader. What is damaged is cut off first.
  [[nodiscard]] Task<ErrorCode> follow(PartitionState state);
  // A newer state that leaves the role as it is; the leader's epoch is the same.
  void update(const PartitionState& state);
  void configure(const TopicSettings& settings);

  // Ends the partition: wakes who waits, and lets operations under way finish. retire() leaves the
  // log as it is, close() closes it with the clean marker.
  [[nodiscard]] Task<> retire();
  [[nodiscard]] Task<ErrorCode> close();

  // Inputs of the leader; without effect where it is none.
  void on_brokers_changed();
  void on_isr_outcome(const IsrOutcome& outcome);
  void on_deadline();
  [[nodiscard]] Instant next_deadline() const;

  // -- for clients and followers; none begins unless leader() is there
  // -----------------------------

  struct Appended {
    AppendOutcome outcome;
    PendingAppend pending;
  };
  [[nodiscard]] Task<Appended> append(Slice batch, std::int16_t produce_version);
  // What to answer an append with acks=all; nothing: it must wait.
  [[nodiscard]] std::optional<ErrorCode> answer_of(const PendingAppend& pending) const;
  [[nodiscard]] Task<ReadOutcome> read(Offset from, std::size_t max_bytes, Offset bound,
                                       bool at_least_one_batch);
  // After the read for it has succeeded.
  void count_fetch(const FollowerFetch& fetch, const FetchVerdict& verdict);
  [[nodiscard]] Task<TimestampOffset> offset_for_timestamp(WallTime timestamp, Offset bound);
  [[nodiscard]] Task<TimestampOffset> offset_of_max_timestamp(Offset bound);
  // Moves the log start; the caller keeps it at or below the high watermark.
  [[nodiscard]] Task<ErrorCode> delete_records(Offset before);

  // -- for the fetcher (partition_follow.cpp); without effect where it does not follow
  // -------------

  struct Followed {
    bool took_records = false;
    bool must_ask_ends = false;  // then take_ends
  };
  [[nodiscard]] Task<Followed> take_fetched(FetchPosition asked, FetchedPart part);
  [[nodiscard]] Task<> take_ends(FetchPosition asked, ErrorCode error, LogBounds leader);

  // -- care of the log; none begins on a partition that is gone
  // ------------------------------------

  [[nodiscard]] Task<ErrorCode> maintain();
  [[nodiscard]] Task<CompactionOutcome> compact();

  // The alarm is notified at every advance of the high watermark or the log start, at changes of
  // office and ISR, and when the partition goes away; at every append too, where `appends`.
  void add_waiter(Alarm& alarm, bool appends = false) { waiters_.push_back({&alarm, appends}); }
  void remove_waiter(Alarm& alarm);

 private:
  enum class Role : std::uint8_t { none, leader, renewing, follower, gone };
  struct Waiter {
    Alarm* alarm = nullptr;  // lives with a connection whose request waits
    bool appends = false;
  };
  // An append above the high watermark: what becomes committed with it.
  struct Uncommitted {
    Offset end;
    std::uint64_t bytes = 0;  // appended up to it
  };

  void begin() { ++under_way_; }
  void end();
  void end_of_operation();
  Task<> be_quiet(Role next);
  void wake(bool appends_only = false);
  void tell_log();
  void carry_out(const LeaderEffects& effects);
  void advance_high_watermark(Offset to);
  void note_append(Offset end, std::uint64_t bytes);
  void emit(FactKind kind, std::int64_t value, std::int64_t old = 0, std::string_view record = {});
  [[nodiscard]] bool only_flushed_counts() const;
  [[nodiscard]] LogBounds bounds() const;

  Task<ErrorCode> take_office(PartitionState state);
  Task<ErrorCode> renew_office(PartitionState state);
  Task<ErrorCode> open_office(LeaderEffects effects);
  void forget_roles();

  Task<> cut_as_told(FollowerStep step);
  Task<ErrorCode> cut(Offset to, bool anew, std::string why);
  [[nodiscard]] std::optional<FollowerMarks> marks_of_log(ErrorCode error);
  Task<> advance_log_start(Offset to);
  void show(const FollowerMarks& marks);

  Machine& machine_;
  PartitionOptions options_;
  const LiveBrokers& brokers_;
  PartitionOwner* owner_;
  std::unique_ptr<PartitionLog> log_;
  PartitionState state_;
  Role role_ = Role::none;
  std::unique_ptr<ReplicaLeader> leader_;      // also while it renews its office
  std::unique_ptr<ReplicaFollower> follower_;  // also while it ends
  bool counts_flushed_ = false;                // in this office
  Offset high_watermark_;
  std::optional<Offset> cutting_at_;  // a truncation to it is under way
  std::uint64_t office_ = 0;
  std::uint64_t appended_bytes_ = 0;
  std::uint64_t committed_bytes_ = 0;
  std::deque<Uncommitted> uncommitted_;
  std::vector<Waiter> waiters_;
  int under_way_ = 0;  // operations of the office
  int caring_ = 0;     // those that go on when the office changes
  std::unique_ptr<Alarm> quiet_;
};

}  // namespace weir
