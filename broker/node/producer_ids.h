// Producer ids, unique in the cluster for all time: no two producers ever get the same.
//
// Ids are handed out from blocks, as Kafka's controllers do (blocks of 1000). In a cluster the
// controller gives them out; without one the brokers share the space out among themselves: every
// round of blocks has one for each possible broker id. A block is reserved on disk, durably, before
// its first id is handed out, so a restart or a power loss skips ids and never repeats one.
#pragma once

#include <cstdint>

#include "broker/base/id.h"
#include "broker/controller/controller_options.h"
#include "broker/node/turn.h"
#include "broker/ports/machine.h"

namespace weir {

// The first id of a broker's block in a round; pure.
[[nodiscard]] ProducerId first_producer_id(BrokerId broker, std::int64_t round);

struct ProducerIdBlock {
  ProducerId first;
  std::int64_t size = 0;  // more than 0
};

class ProducerIdSource {
 public:
  virtual ~ProducerIdSource() = default;
  // A block that nobody else has or will have.
  [[nodiscard]] virtual Task<Result<ProducerIdBlock>> next_block() = 0;
};

// The blocks of a broker that stands alone. Errors are those of the disk.
class DiskProducerIds final : public ProducerIdSource {
 public:
  DiskProducerIds(Disk& disk, BrokerId broker) : disk_(disk), broker_(broker) {}
  [[nodiscard]] Task<Result<ProducerIdBlock>> next_block() override;

 private:
  Disk& disk_;
  BrokerId broker_;
};

class ProducerIds {
 public:
  ProducerIds(Machine& machine, BrokerId broker);

  // Instead of the disk. It outlives the last next().
  void take_blocks_from(ProducerIdSource& source) { source_ = &source; }

  // The next id. Errors are those of the source; nothing was handed out then.
  [[nodiscard]] Task<Result<ProducerId>> next();

 private:
  DiskProducerIds own_;
  ProducerIdSource* source_ = &own_;
  Turn turn_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;  // of the block in hand; equal to next_ when there is none
};

}  // namespace weir
