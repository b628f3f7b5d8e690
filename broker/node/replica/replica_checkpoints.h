// ReplicaCheckpoints: high watermarks and recovery points of all logs of this broker, in Kafka's
// two files of the data directory.
//
// A recovery point must never be beyond what is durable, a high watermark never beyond what is left
// of a log: so both are written anew before a log is cut, and when a partition goes, since another
// may come under its name. One writer at a time; what has not changed is not written.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "broker/node/turn.h"
#include "broker/ports/machine.h"
#include "broker/storage/log/checkpoint_file.h"

namespace weir {

class ReplicaCheckpoints {
 public:
  using Name = std::pair<std::string, std::int32_t>;  // topic and partition
  // Adds the offsets of all open partitions, as they are now.
  using Collect = std::function<void(PartitionOffsets&)>;

  ReplicaCheckpoints(Machine& machine, Collect high_watermarks, Collect recovery_points);

  // Empty, or why a file cannot be used.
  [[nodiscard]] Task<std::string> read();
  // As they were written last; nothing where that is not known.
  [[nodiscard]] std::optional<Offset> high_watermark(const Name& name) const;
  [[nodiscard]] std::optional<Offset> recovery_point(const Name& name) const;
  [[nodiscard]] const PartitionOffsets& high_watermarks() const { return high_watermarks_.stored; }

  [[nodiscard]] Task<Result<void>> write_high_watermarks();
  [[nodiscard]] Task<Result<void>> write_recovery_points();
  // Before the log of this name is cut to where these are now.
  [[nodiscard]] Task<Result<void>> lower(Name name, Offset high_watermark, Offset recovery_point);
  // It is not here any more. Durable with the next writing of both.
  void forget(const Name& name);
  [[nodiscard]] Task<Result<void>> write_forgotten();

 private:
  struct Kind {
    CheckpointFile file;
    Collect collect;
    PartitionOffsets stored = {};
    bool forgotten = false;  // `stored` lacks what the file still has
  };

  Task<Result<void>> write(Kind& kind);

  Kind high_watermarks_;
  Kind recovery_points_;
  Turn turn_;
};

}  // namespace weir
