// ReplicaLeader: one partition that this broker leads: what is committed, who is in sync, and whom
// to answer what.
//
// The rules are those of Kafka's Partition (4.x): the high watermark is the least log end over the
// maximal ISR (committed and proposed: KIP-497) and over caught-up replicas that may join it; it
// never falls and does not move while the committed ISR is below the effective min.insync.replicas
// (KIP-966). A follower counts only by fetches of this leader epoch whose end agrees with this log
// (KIP-279, KIP-320), and joins the ISR at or beyond both the high watermark and the start of this
// epoch (KAFKA-7128), with the broker epoch that the metadata knows (KIP-903).
//
// Pure. Every input yields LeaderEffects; the driver carries them out in the order of the fields
// and sleeps until next_deadline(). The log itself, its epoch cache on disk, the waiting requests,
// transport and facts are the driver's. Each input must be given at the time it happens: on_append
// before the bytes may be served, count_fetch after the read for that fetch has succeeded.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/base/id.h"
#include "broker/base/time.h"
#include "broker/replica/follower_progress.h"
#include "broker/replica/isr_proposal.h"
#include "broker/replica/partition_state.h"
#include "broker/storage/epoch_cache.h"
#include "broker/wire/error_code.h"

namespace weir {

struct LeaderConfig {
  BrokerId self;
  std::int32_t min_insync_replicas = 1;
  Duration lag_max = std::chrono::seconds(30);                 // replica.lag.time.max.ms
  Duration proposal_backoff = std::chrono::milliseconds(500);  // after the controller refused one
  // flush.messages=1: the leader's own records count from when they are durable, not from when
  // they are written. on_flush tells; after take_office too, where the log was synced.
  bool only_flushed_counts = false;
};

struct WatermarkStep {
  Offset before;
  Offset after;
};

struct LeaderEffects {
  // Note this in the log's epoch cache, durably, before any of what follows and before any request
  // is served in the new epoch (KAFKA-7415).
  std::optional<EpochStart> assign_epoch;
  // Set before a fetch is answered; wakes those who wait for produce_answer() or for records.
  std::optional<WatermarkStep> watermark;
  // The committed ISR or an epoch changed: who waits for produce_answer() asks again.
  bool reconsider = false;
  // Hand it to IsrChannel::submit; it replaces any earlier one of this partition.
  std::optional<IsrProposal> propose;
};

struct FollowerFetch {
  BrokerId replica;
  BrokerEpoch broker_epoch = kUnknownBrokerEpoch;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;  // that the follower believes in
  Offset fetch_offset;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;  // of its last record; none: its log is empty
  Offset log_start;
};

// May this be read, and if not, what to answer. A fetch that waits is judged anew when it is woken:
// an error or a diverging epoch is then answered at once.
struct FetchVerdict {
  ErrorCode error = ErrorCode::none;
  std::optional<EpochEnd> diverging =
      {};                         // answer this with error none, no records, and no counting
  LeaderEpoch leader_epoch = {};  // of the judgement
  Offset leader_end = {};         // at the judgement
  [[nodiscard]] bool may_read() const { return error == ErrorCode::none && !diverging; }
};

// An append that waits for its replicas (acks=-1).
struct PendingAppend {
  LeaderEpoch epoch;  // leader_epoch() when it was appended
  Offset end;         // last offset + 1
};

struct LatestOffset {
  ErrorCode error = ErrorCode::none;
  Offset offset = kUnknownOffset;
};

class ReplicaLeader {
 public:
  // In office from take_office() on. `high_watermark` is the replica's own (from its time as a
  // follower, or the checkpoint); it is clamped into the log. `brokers` must outlive this.
  ReplicaLeader(PartitionKey key, LeaderConfig config, const LiveBrokers& brokers,
                const PartitionState& state, const LogBounds& log, Offset high_watermark,
                Instant now);

  // Once, first of all; yields assign_epoch.
  [[nodiscard]] LeaderEffects take_office(Instant now);

  // Newer committed state of which this broker is still the leader. Of the same or an older
  // partition epoch: ignored. Same leader epoch: members of the new ISR keep what is known of them,
  // all others begin anew, as they may have been removed and added empty in between. New leader
  // epoch: all begin anew, and the epoch starts at the log end.
  [[nodiscard]] LeaderEffects update(const PartitionState& state, Instant now);
  // LiveBrokers changed.
  [[nodiscard]] LeaderEffects on_brokers_changed(Instant now);
  [[nodiscard]] LeaderEffects on_min_insync_changed(std::int32_t min_insync_replicas, Instant now);

  // This broker's own log.
  [[nodiscard]] LeaderEffects on_append(Offset log_end, Instant now);
  [[nodiscard]] LeaderEffects on_flush(Offset flushed_end, Instant now);
  void on_log_start(Offset log_start);

  // Fetches. `cache` is that of this log, as of now.
  [[nodiscard]] FetchVerdict judge_fetch(const FollowerFetch& fetch, const EpochCache& cache) const;
  // The same for consumers; an epoch of none is not checked.
  [[nodiscard]] FetchVerdict judge_read(LeaderEpoch known, Offset offset,
                                        LeaderEpoch last_fetched_epoch,
                                        const EpochCache& cache) const;
  // The read for a fetch that may_read() has succeeded: the follower holds all below fetch_offset.
  // Does nothing where the office changed since the judgement.
  [[nodiscard]] LeaderEffects count_fetch(const FollowerFetch& fetch, const FetchVerdict& verdict,
                                          Instant now);

  // Whether records may be appended: NOT_ENOUGH_REPLICAS with acks=-1 and too small an ISR.
  [[nodiscard]] ErrorCode admit_append(std::int16_t acks) const;
  // What to answer; nothing while it must wait. NOT_ENOUGH_REPLICAS_AFTER_APPEND: committed, but
  // the ISR is too small by now. NOT_LEADER_OR_FOLLOWER: appended in another term of office than
  // this unbroken one, nobody here knows what became of it.
  [[nodiscard]] std::optional<ErrorCode> produce_answer(const PendingAppend& append) const;
  // ListOffsets latest, and the bound of lookups by timestamp, for consumers: OFFSET_NOT_AVAILABLE
  // while the high watermark is behind the start of this epoch, since the leader before may have
  // shown a higher one.
  [[nodiscard]] LatestOffset latest_offset() const;

  // Stale answers (of another proposal than the pending one) change nothing.
  [[nodiscard]] LeaderEffects on_isr_outcome(const IsrOutcome& outcome, Instant now);

  // When time alone changes something: a follower begins to lag, or may be proposed again.
  [[nodiscard]] Instant next_deadline() const;
  [[nodiscard]] LeaderEffects on_deadline(Instant now);

  [[nodiscard]] const PartitionKey& key() const { return key_; }
  [[nodiscard]] const PartitionState& committed() const { return state_; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return state_.leader_epoch; }
  [[nodiscard]] Offset epoch_start() const { return epoch_start_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] const LogBounds& log() const { return log_; }
  [[nodiscard]] const std::optional<IsrProposal>& pending() const { return pending_; }
  // Ascending ids: committed ISR and pending ISR together.
  [[nodiscard]] std::vector<BrokerId> maximal_isr() const;
  [[nodiscard]] const FollowerProgress* follower(BrokerId id) const;
  [[nodiscard]] std::int32_t effective_min_isr() const;

 private:
  void settle_followers(bool new_epoch, Instant now);
  void adopt(const IsrOutcome& outcome, Instant now);
  [[nodiscard]] FollowerProgress* find(BrokerId id);
  [[nodiscard]] ErrorCode judge_follower(const FollowerFetch& fetch) const;
  [[nodiscard]] FetchVerdict verdict_of(ErrorCode error) const;
  [[nodiscard]] FetchVerdict judge_position(Offset offset, LeaderEpoch last_fetched_epoch,
                                            const EpochCache& cache) const;

  // leader_isr.cpp.
  // `fetching`: whose fetch was counted just now.
  void reevaluate(LeaderEffects& effects, Instant now, std::optional<BrokerId> fetching = {});
  void maybe_advance_watermark(LeaderEffects& effects, Instant now);
  [[nodiscard]] bool counts(const FollowerProgress& f, Instant now) const;
  [[nodiscard]] bool in_maximal_isr(BrokerId id) const;
  void maybe_propose(LeaderEffects& effects, Instant now, std::optional<BrokerId> fetching);
  void renew_proposal(LeaderEffects& effects, const FollowerProgress& fetching);
  [[nodiscard]] std::optional<std::vector<IsrMember>> wanted_isr(
      Instant now, std::optional<BrokerId> fetching) const;
  [[nodiscard]] bool may_join(const FollowerProgress& f) const;
  [[nodiscard]] Offset own_position() const;

  PartitionKey key_;
  LeaderConfig config_;
  const LiveBrokers& brokers_;
  PartitionState state_;
  LogBounds log_;
  Offset flushed_end_;
  Offset high_watermark_;
  Offset epoch_start_;
  LeaderEpoch in_office_since_;              // first epoch of this unbroken leadership
  std::vector<FollowerProgress> followers_;  // ascending ids; replicas and ISR without self
  std::optional<IsrProposal> pending_;
  std::uint64_t proposals_ = 0;
  Instant no_proposal_before_ = FollowerProgress::kLongAgo;
  Instant evaluated_at_ = FollowerProgress::kLongAgo;  // earlier deadlines are done with
};

}  // namespace weir
