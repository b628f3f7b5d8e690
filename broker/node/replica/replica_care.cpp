// What goes on beside requests and images: deadlines of leaders, checkpoints, retention, cleaning,
// and roles that could not be taken.
#include <algorithm>

#include "broker/node/replica/replicas.h"

namespace weir {

void Replicas::start_care() {
  struct Work {
    std::string_view name;
    std::int64_t interval_ms;
    Periodic work;
  };
  const Work works[] = {
      {"checkpoint-high-watermarks", settings_.replica_high_watermark_checkpoint_interval_ms,
       &Replicas::checkpoint_high_watermarks},
      {"checkpoint-recovery-points", settings_.log_flush_offset_checkpoint_interval_ms,
       &Replicas::checkpoint_recovery_points},
      {"maintain-logs", settings_.log_retention_check_interval_ms, &Replicas::maintain_logs},
      {"clean-logs", settings_.log_cleaner_backoff_ms, &Replicas::clean_logs},
  };
  for (const Work& work : works) {
    if (work.work == &Replicas::clean_logs && !settings_.log_cleaner_enable) continue;
    care_alarms_.push_back(machine_.timers.alarm());
    const Duration interval =
        std::chrono::milliseconds(std::max<std::int64_t>(work.interval_ms, 1));
    care_.spawn(work.name, every(interval, *care_alarms_.back(), work.work));
  }
  care_.spawn("leader-deadlines", watch_deadlines());
  care_.spawn("restore-roles", restore_roles());
}

Task<> Replicas::every(Duration interval, Alarm& alarm, Periodic work) {
  while (!closing_ && !halted_) {
    const bool woken = co_await alarm.wait_until(machine_.clock.now() + interval);
    if (woken || closing_ || halted_) continue;
    co_await (this->*work)();
  }
}

Task<> Replicas::watch_deadlines() {
  while (!closing_ && !halted_) {
    const Instant now = machine_.clock.now();
    Instant next = Instant::never();
    for (const auto& [key, replica] : replicas_) {
      if (replica.partition->next_deadline() <= now) replica.partition->on_deadline();
      next = std::min(next, replica.partition->next_deadline());
    }
    watched_until_ = next;
    co_await deadline_alarm_->wait_until(next);
  }
}

Task<> Replicas::checkpoint_high_watermarks() {
  const Result<void> written = co_await checkpoints_.write_high_watermarks();
  if (!written) disk_failed("the checkpoint of high watermarks", written.error());
}

Task<> Replicas::checkpoint_recovery_points() {
  const Result<void> written = co_await checkpoints_.write_recovery_points();
  if (!written) disk_failed("the checkpoint of recovery points", written.error());
}

Task<> Replicas::maintain_logs() {
  for (const std::shared_ptr<Partition>& partition : all()) {
    if (partition->gone() || closing_ || halted_) continue;
    const ErrorCode error = co_await partition->maintain();
    if (error != ErrorCode::none) check_log(*partition);
  }
}

Task<> Replicas::clean_logs() {
  for (const std::shared_ptr<Partition>& partition : all()) {
    const bool compacts = partition->log().config().cleanup_policy.compact;
    if (!compacts || partition->gone() || closing_ || halted_) continue;
    const CompactionOutcome outcome = co_await partition->compact();
    if (outcome.error != ErrorCode::none) {
      check_log(*partition);
    }
  }
}

void Replicas::restore_soon() {
  if (restore_at_ != Instant::never()) return;
  restore_at_ =
      machine_.clock.now() + std::chrono::milliseconds(settings_.replica_fetch_backoff_ms);
  restore_alarm_->notify();
}

Task<> Replicas::restore_roles() {
  while (!closing_ && !halted_) {
    co_await restore_alarm_->wait_until(restore_at_);
    if (closing_ || halted_ || machine_.clock.now() < restore_at_) continue;
    restore_at_ = Instant::never();
    co_await turn_.take();
    co_await restore_in_turn();
    turn_.give();
  }
}

// A leader or a follower that has no role for lack of space, and a follower whose log is damaged:
// following anew cuts the damage off.
bool Replicas::needs_role(Partition& partition) const {
  if (partition.gone() || partition.log().failed()) return false;
  if (partition.state().leader == self_) return partition.leader() == nullptr;
  return partition.follower() == nullptr || partition.log().damage().has_value();
}

Task<> Replicas::restore_in_turn() {
  for (const std::shared_ptr<Partition>& partition : all()) {
    if (closing_ || halted_ || !needs_role(*partition)) continue;
    PartitionState state = partition->state();
    if (state.leader == self_) {
      co_await lead(partition, std::move(state));
    } else {
      co_await follow(partition, std::move(state));
    }
  }
  fetchers_.wake();
}

}  // namespace weir
