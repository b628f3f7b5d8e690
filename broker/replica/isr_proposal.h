// A leader's wish to change its ISR, and what became of it (AlterPartition v3, KIP-497, KIP-903).
//
// ReplicaLeader makes proposals and judges outcomes; IsrChannel carries them to the controller.
// A proposal is a value that never changes between attempts: the broker epochs are those of the
// moment of judgement, else a restarted replica could slip in with an old verdict (KAFKA-15221).
#pragma once

#include <cstdint>
#include <vector>

#include "broker/replica/partition_state.h"
#include "broker/wire/error_code.h"

namespace weir {

struct IsrMember {
  BrokerId id;
  // As of the fetch by which it was judged. None: a member of old that has not fetched from this
  // leader yet, and the leader itself (IsrChannel knows its own).
  BrokerEpoch epoch = kUnknownBrokerEpoch;
  friend bool operator==(const IsrMember&, const IsrMember&) = default;
};

struct IsrProposal {
  PartitionKey partition;
  std::uint64_t number = 0;  // of this leader; an outcome names the proposal that it answers
  LeaderEpoch leader_epoch;
  PartitionEpoch partition_epoch;  // compare-and-set: the controller refuses any other
  std::vector<IsrMember> isr;
  bool recovering = false;
  friend bool operator==(const IsrProposal&, const IsrProposal&) = default;
};

struct IsrOutcome {
  PartitionKey partition = {};
  std::uint64_t number = 0;
  ErrorCode error = ErrorCode::none;
  // The committed state, where there is no error.
  BrokerId leader = kNoLeaderId;
  LeaderEpoch leader_epoch = {};
  PartitionEpoch partition_epoch = {};
  std::vector<BrokerId> isr = {};
  bool recovering = false;
};

}  // namespace weir
