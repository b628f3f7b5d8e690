// Reading once, then writing what changed.
#include "broker/node/replica/replica_checkpoints.h"

namespace weir {
namespace {

std::optional<Offset> look_up(const PartitionOffsets& offsets,
                              const ReplicaCheckpoints::Name& name) {
  const auto at = offsets.find(name);
  if (at == offsets.end()) return std::nullopt;
  return at->second;
}

}  // namespace

ReplicaCheckpoints::ReplicaCheckpoints(Machine& machine, Collect high_watermarks,
                                       Collect recovery_points)
    : high_watermarks_{CheckpointFile(machine.disk, "", kHighWatermarkCheckpointName),
                       std::move(high_watermarks)},
      recovery_points_{CheckpointFile(machine.disk, "", kRecoveryPointCheckpointName),
                       std::move(recovery_points)},
      turn_(machine.timers) {}

Task<std::string> ReplicaCheckpoints::read() {
  for (Kind* kind : {&high_watermarks_, &recovery_points_}) {
    const ParsedText<PartitionOffsets> offsets = co_await kind->file.read_offsets();
    if (offsets.ok()) {
      kind->stored = *offsets.value;
    } else if (!offsets.missing()) {
      co_return offsets.complaint;
    }
  }
  co_return std::string();
}

std::optional<Offset> ReplicaCheckpoints::high_watermark(const Name& name) const {
  return look_up(high_watermarks_.stored, name);
}

std::optional<Offset> ReplicaCheckpoints::recovery_point(const Name& name) const {
  return look_up(recovery_points_.stored, name);
}

Task<Result<void>> ReplicaCheckpoints::write_high_watermarks() {
  co_await turn_.take();
  const Result<void> written = co_await write(high_watermarks_);
  turn_.give();
  co_return written;
}

Task<Result<void>> ReplicaCheckpoints::write_recovery_points() {
  co_await turn_.take();
  const Result<void> written = co_await write(recovery_points_);
  turn_.give();
  co_return written;
}

Task<Result<void>> ReplicaCheckpoints::lower(Name name, Offset high_watermark,
                                             Offset recovery_point) {
  co_await turn_.take();
  Result<void> written;
  if (look_up(high_watermarks_.stored, name).value_or(Offset{0}) > high_watermark) {
    written = co_await write(high_watermarks_);
  }
  const bool durable_less =
      look_up(recovery_points_.stored, name).value_or(Offset{0}) > recovery_point;
  if (written && durable_less) {
    written = co_await write(recovery_points_);
  }
  turn_.give();
  co_return written;
}

void ReplicaCheckpoints::forget(const Name& name) {
  for (Kind* kind : {&high_watermarks_, &recovery_points_}) {
    if (kind->stored.erase(name) > 0) kind->forgotten = true;
  }
}

Task<Result<void>> ReplicaCheckpoints::write_forgotten() {
  co_await turn_.take();
  Result<void> written;
  if (high_watermarks_.forgotten) {
    written = co_await write(high_watermarks_);
  }
  if (written && recovery_points_.forgotten) {
    written = co_await write(recovery_points_);
  }
  turn_.give();
  co_return written;
}

Task<Result<void>> ReplicaCheckpoints::write(Kind& kind) {
  PartitionOffsets offsets = kind.stored;
  kind.collect(offsets);
  if (offsets == kind.stored && !kind.forgotten) co_return Result<void>{};
  kind.forgotten = false;
  const Result<void> written = co_await kind.file.write_offsets(offsets);
  if (!written) {
    kind.forgotten = true;  // nobody knows what is there now
    co_return written;
  }
  // What was forgotten meanwhile is in the file again.
  for (auto at = offsets.begin(); at != offsets.end(); ++at) {
    if (kind.forgotten && !kind.stored.contains(at->first)) continue;
    kind.stored.insert_or_assign(at->first, at->second);
  }
  co_return written;
}

}  // namespace weir
