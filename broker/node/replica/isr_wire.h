// Proposals of leaders as Kafka's AlterPartition, and its verdicts back.
#pragma once

#include <vector>

#include "broker/replica/isr_channel.h"
#include "broker/wire/messages/alter_partition.h"

namespace weir {

// For version 3: the ISR with broker epochs.
[[nodiscard]] AlterPartitionRequest to_wire(const IsrRequest&);
[[nodiscard]] std::vector<IsrOutcome> from_wire(const AlterPartitionResponse&);

}  // namespace weir
