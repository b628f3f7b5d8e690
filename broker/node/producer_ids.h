// Producer ids, unique in the cluster for all time: no two producers ever get the same.
//
// Ids are handed out from blocks, as Kafka's controllers do (blocks of 1000). A block is reserved
// on disk, durably, before its first id is handed out, so a restart or a power loss skips ids and
// never repeats one. Without a controller the brokers share the space out among themselves: every
// round of blocks has one for each possible broker id.
#pragma once

#include <cstdint>

#include "broker/base/id.h"
#include "broker/node/turn.h"
#include "broker/ports/machine.h"

namespace weir {

inline constexpr std::int64_t kProducerIdBlock = 1000;

// The first id of a broker's block in a round; pure.
[[nodiscard]] ProducerId first_producer_id(BrokerId broker, std::int64_t round);

class ProducerIds {
 public:
  ProducerIds(Machine& machine, BrokerId broker);

  // The next id. Errors are those of the disk; nothing was handed out then.
  [[nodiscard]] Task<Result<ProducerId>> next();

 private:
  [[nodiscard]] Task<Result<void>> reserve_block();

  Disk& disk_;
  BrokerId broker_;
  Turn turn_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;  // of the block in hand; equal to next_ when there is none
};

}  // namespace weir
