// When a snapshot is due, and taking it.
#include "broker/node/controller/snapshot_taker.h"

#include "broker/controller/image_snapshot.h"

namespace weir {

SnapshotTaker::SnapshotTaker(Machine& machine, MetadataLog& log, MetadataPublisher& publisher,
                             SnapshotPolicy policy)
    : machine_(machine),
      log_(log),
      publisher_(publisher),
      policy_(policy),
      tasks_(machine),
      wake_(machine.timers.alarm()) {}

void SnapshotTaker::start() {
  last_at_ = machine_.clock.now();
  publisher_.progress().join(wake_);
  tasks_.spawn("metadata snapshots", run());
}

Task<> SnapshotTaker::stop() {
  stopping_ = true;
  wake_->notify();
  co_await tasks_.join();
  publisher_.progress().leave(wake_);
}

Instant SnapshotTaker::next_by_time() const {
  return policy_.max_interval > Duration::zero() ? last_at_ + policy_.max_interval
                                                 : Instant::never();
}

bool SnapshotTaker::is_due(Instant now) const {
  const std::uint64_t bytes = publisher_.replayed_bytes() - bytes_at_last_;
  return bytes >= static_cast<std::uint64_t>(policy_.max_bytes) || now >= next_by_time();
}

Task<> SnapshotTaker::run() {
  while (!stopping_) {
    if (is_due(machine_.clock.now())) {
      co_await take();
    } else {
      co_await wake_->wait_until(next_by_time());
    }
  }
}

Task<> SnapshotTaker::take() {
  const std::shared_ptr<const MetadataImage> image = publisher_.image();
  const AppliedLog applied = image->applied();
  last_at_ = machine_.clock.now();
  bytes_at_last_ = publisher_.replayed_bytes();
  if (applied.end == last_end_) co_return;
  last_end_ = applied.end;
  const SnapshotId id{applied.end, applied.epoch};
  std::vector<VersionedRecord> state = snapshot_records(*image);
  co_await log_.take_snapshot(id, std::move(state));
}

}  // namespace weir
