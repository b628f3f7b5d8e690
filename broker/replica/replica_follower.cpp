// The follower's decisions: match an answer with its request, find where the logs part, append.
#include "broker/replica/replica_follower.h"

#include <algorithm>

#include "broker/base/assertion.h"

namespace weir {
namespace {

// Of the last record. An epoch that this broker began as a leader without writing anything in it
// is in the cache, but no record has it.
LeaderEpoch last_record_epoch(const LogBounds& log, const EpochCache& cache) {
  return log.log_end > log.log_start ? cache.epoch_at(log.log_end - 1) : kNoLeaderEpoch;
}

}  // namespace

ReplicaFollower::ReplicaFollower(FollowerConfig config, const PartitionState& state,
                                 const LogBounds& log, Offset high_watermark,
                                 const EpochCache& cache)
    : config_(config),
      leader_(state.leader),
      leader_epoch_(state.leader_epoch),
      partition_epoch_(state.partition_epoch),
      log_(log),
      high_watermark_(std::clamp(high_watermark, log.log_start, log.log_end)),
      last_epoch_(last_record_epoch(log, cache)) {}

void ReplicaFollower::update(const PartitionState& state) {
  if (state.partition_epoch < partition_epoch_) return;
  partition_epoch_ = state.partition_epoch;
  if (state.leader_epoch == leader_epoch_ && state.leader == leader_) return;
  leader_ = state.leader;
  leader_epoch_ = state.leader_epoch;
  not_before_ = Instant{0};
  marks_.reset();
  if (phase_ == Phase::fetching || phase_ == Phase::asking) phase_ = Phase::idle;
}

Instant ReplicaFollower::ready_at() const {
  const bool may = phase_ == Phase::idle && leader_ != kNoLeaderId;
  return may ? not_before_ : Instant::never();
}

FetchPosition ReplicaFollower::position() const {
  return {.leader_epoch = leader_epoch_,
          .offset = log_.log_end,
          .last_fetched_epoch = last_epoch_,
          .log_start = log_.log_start};
}

FetchPosition ReplicaFollower::begin_fetch() {
  WEIR_ASSERT(phase_ == Phase::idle && leader_ != kNoLeaderId);
  phase_ = Phase::fetching;
  return position();
}

// The log start may have moved meanwhile (retention), and tells nothing about the answer.
bool ReplicaFollower::asked_just_so(const FetchPosition& asked) const {
  return asked.leader_epoch == leader_epoch_ && asked.offset == log_.log_end &&
         asked.last_fetched_epoch == last_epoch_;
}

FollowerStep ReplicaFollower::back_off(ErrorCode why, Instant now) {
  phase_ = Phase::idle;
  not_before_ = now + config_.fetch_backoff;
  return WaitThen{not_before_, why};
}

// All errors but one mean the same: what is asked for may be right later, or newer metadata will
// say where (FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC...,
// KAFKA_STORAGE_ERROR, CORRUPT_MESSAGE). A partition is never given up for good.
FollowerStep ReplicaFollower::on_fetch_answer(const FetchPosition& asked,
                                              const ReplicaFetchAnswer& answer,
                                              const EpochCache& cache, Instant now) {
  if (phase_ != Phase::fetching || !asked_just_so(asked)) return IgnoreAnswer{};
  if (answer.error == ErrorCode::offset_out_of_range) {
    phase_ = Phase::asking;
    return AskLeaderEnds{asked};
  }
  if (answer.error != ErrorCode::none) return back_off(answer.error, now);
  if (answer.diverging) return truncate_diverging(*answer.diverging, cache, now);
  return append(answer, now);
}

// The leader said: your last epoch, as far as I have it, is `leader.epoch` and ends at
// `leader.end_offset`. Where this replica has that epoch too, they agree up to the nearer end of
// it; where it has not, up to the end of the largest epoch before it at most, and it asks again.
FollowerStep ReplicaFollower::truncate_diverging(const EpochEnd& leader, const EpochCache& cache,
                                                 Instant now) {
  if (leader.epoch < LeaderEpoch{0} || leader.end_offset < Offset{0}) {
    return back_off(ErrorCode::unknown_server_error, now);
  }
  const EpochEnd mine = cache.end_of(leader.epoch, log_.log_end);
  Offset to = leader.end_offset;
  if (mine.epoch != kNoLeaderEpoch) {
    to =
        mine.epoch == leader.epoch ? std::min(mine.end_offset, leader.end_offset) : mine.end_offset;
  }
  // A leader that contradicts itself would be asked for ever.
  if (to >= log_.log_end) return back_off(ErrorCode::unknown_server_error, now);
  return truncate_to(to);
}

FollowerStep ReplicaFollower::truncate_to(Offset to) {
  if (to < log_.log_start) return start_at(to);
  phase_ = Phase::writing;
  marks_.reset();
  return TruncateLog{.to = to, .below_high_watermark = to < high_watermark_};
}

FollowerStep ReplicaFollower::start_at(Offset at) {
  phase_ = Phase::writing;
  marks_.reset();
  return StartLogAt{.at = at, .below_high_watermark = at < high_watermark_};
}

// Takes the batches up to the first that cannot belong here: one that does not continue the log, or
// one of an epoch older than the record before it or newer than the leader's (KAFKA-18723: the
// leader was deposed and elected again while it read). An empty log takes a first batch that begins
// before it: the leader's log begins in the midst of that one (DeleteRecords). One that has records
// becomes empty first: the leader has deleted all that they could continue in.
FollowerStep ReplicaFollower::append(const ReplicaFetchAnswer& answer, Instant now) {
  std::size_t taken = 0;
  Offset next = log_.log_end;
  LeaderEpoch latest = last_epoch_;
  const bool begins_within = !answer.batches.empty() && answer.batches.front().base >= Offset{0} &&
                             answer.batches.front().base < next &&
                             answer.batches.front().last >= next;
  if (begins_within && log_.log_start < log_.log_end && answer.log_start >= log_.log_end) {
    return start_at(answer.log_start);
  }
  if (begins_within && log_.log_start == log_.log_end) next = answer.batches.front().base;
  for (const FetchedBatch& batch : answer.batches) {
    const bool continues = batch.base >= next && batch.last >= batch.base &&
                           batch.epoch >= latest && batch.epoch <= leader_epoch_;
    if (!continues) break;
    ++taken;
    next = batch.last + 1;
    latest = batch.epoch;
  }
  if (taken == 0 && !answer.batches.empty()) return back_off(ErrorCode::corrupt_message, now);
  phase_ = Phase::writing;
  marks_ = LeaderMarks{answer.high_watermark, answer.log_start};
  return AppendFetched{taken};
}

void ReplicaFollower::on_fetch_failed(const FetchPosition& asked, Instant now) {
  if (phase_ != Phase::fetching || !asked_just_so(asked)) return;
  phase_ = Phase::idle;
  not_before_ = now + config_.fetch_backoff;
}

// The leader's log begins beyond this one: nothing of it continues there. It ends before this one:
// what is beyond cannot have been committed. Else it has moved since, and the log stays as it is:
// to throw it away would be the worst answer (KAFKA-2143).
FollowerStep ReplicaFollower::on_leader_ends(const FetchPosition& asked, ErrorCode error,
                                             const LogBounds& leader, Instant now) {
  if (phase_ != Phase::asking || !asked_just_so(asked)) return IgnoreAnswer{};
  const bool sane = leader.log_start >= Offset{0} && leader.log_end >= leader.log_start;
  if (error == ErrorCode::none && !sane) error = ErrorCode::unknown_server_error;
  if (error != ErrorCode::none) return back_off(error, now);
  if (leader.log_end < log_.log_end) return truncate_to(leader.log_end);
  if (leader.log_start > log_.log_end) return start_at(leader.log_start);
  return back_off(ErrorCode::offset_out_of_range, now);
}

FollowerMarks ReplicaFollower::on_log_changed(const LogBounds& log, const EpochCache& cache) {
  WEIR_ASSERT(phase_ == Phase::writing);
  FollowerMarks marks{high_watermark_, high_watermark_, log.log_start, log.log_start};
  log_ = log;
  last_epoch_ = last_record_epoch(log, cache);
  Offset watermark = std::clamp(high_watermark_, log.log_start, log.log_end);
  if (marks_) {
    watermark = std::max(watermark, std::min(marks_->high_watermark, log.log_end));
    log_.log_start = std::max(log.log_start, std::min(marks_->log_start, watermark));
  }
  high_watermark_ = watermark;
  marks.high_watermark_after = watermark;
  marks.log_start_after = log_.log_start;
  marks_.reset();
  phase_ = Phase::idle;
  return marks;
}

void ReplicaFollower::on_append_refused(Instant now) {
  WEIR_ASSERT(phase_ == Phase::writing);
  marks_.reset();
  phase_ = Phase::idle;
  not_before_ = now + config_.fetch_backoff;
}

void ReplicaFollower::on_log_start(Offset log_start) {
  log_.log_start = std::max(log_.log_start, log_start);
  high_watermark_ = std::max(high_watermark_, log_.log_start);
}

void ReplicaFollower::on_log_failed() { phase_ = Phase::offline; }

}  // namespace weir
