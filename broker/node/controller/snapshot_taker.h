// SnapshotTaker: now and then the committed image becomes a snapshot, and the log before it goes.
//
// Kafka's SnapshotGenerator: after metadata.log.max.record.bytes.between.snapshots of records, or
// metadata.log.max.snapshot.interval.ms after the last one; on every node, also on brokers that
// only observe. Nothing is taken while nothing is new.
#pragma once

#include <chrono>
#include <cstdint>

#include "broker/client/shell/waiting_line.h"
#include "broker/node/quorum/metadata_log.h"
#include "broker/node/quorum/metadata_publisher.h"
#include "broker/ports/machine.h"
#include "broker/ports/task_group.h"

namespace weir {

struct SnapshotPolicy {
  std::int64_t max_bytes = 20 << 20;              // metadata.log.max.record.bytes.between.snapshots
  Duration max_interval = std::chrono::hours(1);  // metadata.log.max.snapshot.interval.ms; 0: never
};

class SnapshotTaker {
 public:
  SnapshotTaker(Machine& machine, MetadataLog& log, MetadataPublisher& publisher,
                SnapshotPolicy policy);
  void start();
  // Waits for one that is under way. Before the log is closed.
  [[nodiscard]] Task<> stop();

 private:
  Task<> run();
  Task<> take();
  [[nodiscard]] Instant next_by_time() const;
  [[nodiscard]] bool is_due(Instant now) const;

  Machine& machine_;
  MetadataLog& log_;
  MetadataPublisher& publisher_;
  SnapshotPolicy policy_;
  TaskGroup tasks_;
  WaitingLine::Place wake_;
  Instant last_at_;
  Offset last_end_{0};
  std::uint64_t bytes_at_last_ = 0;
  bool stopping_ = false;
};

}  // namespace weir
