// Kafka's checkpoint files of a data directory: one offset for each partition, as text.
//
// replication-offset-checkpoint (high watermarks), recovery-point-offset-checkpoint,
// log-start-offset-checkpoint and cleaner-offset-checkpoint all look alike: a line with the version
// (0), a line with the number of entries, then "topic partition offset" lines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "broker/base/id.h"
#include "broker/storage/parsed_text.h"

namespace weir {

inline constexpr std::string_view kHighWatermarkCheckpointName = "replication-offset-checkpoint";
inline constexpr std::string_view kRecoveryPointCheckpointName = "recovery-point-offset-checkpoint";

// (topic, partition) -> offset.
using PartitionOffsets = std::map<std::pair<std::string, std::int32_t>, Offset>;

[[nodiscard]] std::string encode_offset_checkpoints(const PartitionOffsets&);
// The complaint names the line.
[[nodiscard]] ParsedText<PartitionOffsets> decode_offset_checkpoints(std::string_view text);

}  // namespace weir
