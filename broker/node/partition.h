// Partition: one partition that this broker leads: its log, its high watermark, and who waits for
// more.
//
// With one replica everything that the log holds is committed, so the high watermark follows the
// log end (with flush.messages=1 what is synced); replication will replace only that rule. Fetches
// that wait put an alarm here; there is no polling.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/base/id.h"
#include "broker/ports/machine.h"
#include "broker/storage/log/partition_log.h"

namespace weir {

class Partition {
 public:
  Partition(Machine& machine, std::string topic, std::int32_t index, LeaderEpoch leader_epoch,
            std::unique_ptr<PartitionLog> log);

  [[nodiscard]] const std::string& topic() const { return topic_; }
  [[nodiscard]] std::int32_t index() const { return index_; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  [[nodiscard]] const PartitionLog& log() const { return *log_; }
  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  // Grows with every append; who waits for bytes compares.
  [[nodiscard]] std::uint64_t appended_bytes() const { return appended_bytes_; }
  // Being deleted or closed: no new operation may begin.
  [[nodiscard]] bool gone() const { return gone_; }

  // Takes office: notes the epoch in the log, and finds the high watermark.
  [[nodiscard]] Task<ErrorCode> lead();

  // The operations of the log. None begins on a partition that is gone.
  [[nodiscard]] Task<AppendOutcome> append(Slice batch, std::int16_t produce_version);
  [[nodiscard]] Task<ReadOutcome> read(Offset from, std::size_t max_bytes, Offset bound,
                                       bool at_least_one_batch);
  [[nodiscard]] Task<TimestampOffset> offset_for_timestamp(WallTime timestamp);
  [[nodiscard]] Task<TimestampOffset> offset_of_max_timestamp();
  [[nodiscard]] Task<ErrorCode> maintain();

  // Ends the partition: wakes who waits, and lets operations under way finish. retire() leaves the
  // log as it is, close() closes it with the clean marker.
  [[nodiscard]] Task<> retire();
  [[nodiscard]] Task<ErrorCode> close();

  // The alarm is notified at every advance of the high watermark, and when the partition goes away.
  void add_waiter(Alarm& alarm) { waiters_.push_back(&alarm); }
  void remove_waiter(Alarm& alarm) { std::erase(waiters_, &alarm); }

 private:
  void begin() { ++under_way_; }
  void end();
  void advance_high_watermark();
  void wake();

  Machine& machine_;
  std::string topic_;
  std::int32_t index_;
  LeaderEpoch leader_epoch_;
  std::unique_ptr<PartitionLog> log_;
  Offset high_watermark_{0};
  std::uint64_t appended_bytes_ = 0;
  std::vector<Alarm*> waiters_;  // each lives with a connection whose request waits
  int under_way_ = 0;
  bool gone_ = false;
  std::unique_ptr<Alarm> quiet_;  // once retire() waits
};

}  // namespace weir
