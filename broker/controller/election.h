// What becomes of one partition: completed reassignment, ISR, eligible leader replicas, leader.
//
// Every decision about a partition that exists goes through change_partition(), as in Kafka's
// PartitionChangeBuilder: the decision says which ISR and replicas it wants, this says what follows
// from it. Rules (KIP-455, KIP-704, KIP-841, KIP-966):
//   - a reassignment is complete when all adding replicas are in the ISR and something is left of
//     it without the removing ones;
//   - with eligible leader replicas on: whoever leaves the ISR while it is smaller than
//     min.insync.replicas stays eligible, unless it stopped uncleanly; nobody is eligible while the
//     ISR is large enough; the ISR may become empty. With it off the last member stays in the ISR;
//   - the leader is an active member of the ISR, or of the eligible replicas where the ISR is
//     empty; else the last known leader, if nobody is in either; else, where that is allowed,
//     anybody active: the latter two start alone and recover.
// A record that names a leader raises the leader epoch: also where replicas are removed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/controller/metadata_image.h"
#include "broker/wire/records/topic_records.h"

namespace weir {

enum class ElectionKind : std::int8_t {
  online,     // the present leader stays where it may
  preferred,  // the first replica, where it may; else as `online`
  unclean,    // as `online`, and beyond it, at a loss of data, any active replica
};

// No value: as it is.
struct WantedPartition {
  std::optional<std::vector<BrokerId>> isr = {};
  std::optional<std::vector<BrokerId>> replicas = {};
  std::optional<std::vector<BrokerId>> adding = {};
  std::optional<std::vector<BrokerId>> removing = {};
  std::optional<LeaderRecovery> recovery = {};
  BrokerId stopped_uncleanly = kNoBroker;  // its disk may have lost what was acknowledged
  ElectionKind election = ElectionKind::online;
};

struct PartitionRules {
  bool elr = false;
  std::int32_t min_isr = 1;  // min.insync.replicas; the number of replicas bounds it
};

// The record, or nothing where nothing changes. `image` says which brokers are active.
[[nodiscard]] std::optional<PartitionChangeRecord> change_partition(const MetadataImage& image,
                                                                    const Uuid& topic,
                                                                    std::int32_t index,
                                                                    const PartitionRules& rules,
                                                                    const WantedPartition& wanted);

}  // namespace weir
